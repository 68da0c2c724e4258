import type { Outcome } from '../../src/core/verdict/outcome.ts';
import { describe, finding, type Finding, type FindingCode } from '../../src/core/verdict/finding.ts';
import { commitExamples } from './commits.ts';
import type { Examples } from './example.ts';
import { historyExamples } from './history.ts';
import { adoptionExamples, governanceExamples, quorumExamples } from './people.ts';
import { lockoutExamples, policyExamples } from './policy.ts';
import { shapeExamples } from './shape.ts';
import { objectionExamples, statementExamples } from './statements.ts';
import { wrapperExamples } from './wrappers.ts';

/** Every code of the catalogue: one without an example is an error here. */
const EXAMPLES: Examples<FindingCode> = {
  ...quorumExamples,
  ...commitExamples,
  ...objectionExamples,
  ...statementExamples,
  ...adoptionExamples,
  ...governanceExamples,
  ...shapeExamples,
  ...policyExamples,
  ...lockoutExamples,
  ...historyExamples,
  ...wrapperExamples,
};

interface Chapter {
  readonly title: string;
  readonly lead: string;
  readonly examples: Partial<Examples<FindingCode>>;
}

const CHAPTERS: readonly Chapter[] = [
  {
    title: 'Who is missing',
    lead: 'Nothing is wrong: signatures are missing, and these people could give them.',
    examples: quorumExamples,
  },
  {
    title: 'Commits',
    lead:
      'Every commit that a change brings is signed by somebody on the roster, or taken over by a signed adoption. A bad ' +
      'signature is worse than none: it is a sign of tampering, and nobody can take such a commit over.',
    examples: commitExamples,
  },
  {
    title: 'Signed objections',
    lead: 'A signed "no" blocks the change whatever its next head is. Nothing that others may post turns a check red.',
    examples: objectionExamples,
  },
  {
    title: 'Statements',
    lead:
      'Why a statement did not count, whose it is and what was signed. None of this blocks anything by itself: whoever may ' +
      'comment must not be able to turn a check red.',
    examples: statementExamples,
  },
  {
    title: 'Adoptions',
    lead: 'Why an adoption did not count, or was not needed.',
    examples: adoptionExamples,
  },
  {
    title: 'Revoked keys and ratified steps',
    lead: 'What governance, or the owner of a key, has signed.',
    examples: governanceExamples,
  },
  {
    title: 'What is proposed, and where it stands',
    lead: 'The shape of history, merges, and names of files.',
    examples: shapeExamples,
  },
  {
    title: 'Policy and keys',
    lead: 'What judges. Without a policy that can be read whole, nothing passes.',
    examples: policyExamples,
  },
  {
    title: 'Being locked out',
    lead: 'Warnings on a change of the policy, from the policy and the keys that it would leave.',
    examples: lockoutExamples,
  },
  {
    title: 'A whole history',
    lead:
      'What `countersign verify` from an introduction, and the commands that verify before they update, say beside the single ' +
      'steps (docs/verifying.md).',
    examples: historyExamples,
  },
  {
    title: 'Flakes, channels and what is remembered',
    lead: 'What the commands that verify before they update say beside that (docs/verifying.md).',
    examples: wrapperExamples,
  },
];

const OUTCOMES: Readonly<Record<Outcome, string>> = {
  pass: 'none, it is a note',
  pending: '`pending`',
  undetermined: '`undetermined`',
  fail: '`fail`',
};

const INTRODUCTION = `# Findings

<!-- Made by tools/findings-doc.ts from the catalogue in src/core/verdict/catalogue: change that, and run it again. -->

Everything that a check, \`countersign verify\` or its JSON can say, by the code that stands behind each sentence. The codes are
stable; the words may change. What is shown are examples: what happened, and what to do about it.

A verdict is as bad as the worst that it found: \`pass\`, \`pending\` (nothing wrong, signatures missing), \`undetermined\` (could not
be told; blocks, and is tried again), \`fail\`. A note changes nothing.`;

/** Every code with an example or several, as findings. */
export function exampleFindings(): Finding[] {
  return codesOf(EXAMPLES).flatMap(findingsOf);
}

/** The text of docs/findings.md, before it is formatted. */
export function findingsPage(): string {
  const chapters = CHAPTERS.map(({ title, lead, examples }) =>
    [`## ${title}`, lead, ...codesOf(examples).map(entry)].join('\n\n'),
  );
  return [INTRODUCTION, ...chapters].join('\n\n');
}

function codesOf(examples: Partial<Examples<FindingCode>>): FindingCode[] {
  // The keys of an object of examples are codes: its type says so.
  return Object.keys(examples) as FindingCode[];
}

function findingsOf(code: FindingCode): Finding[] {
  return EXAMPLES[code].map((data) => finding(code, data));
}

function entry(code: FindingCode): string {
  const findings = findingsOf(code);
  const outcomes = [...new Set(findings.map(({ outcome }) => outcome))];
  const parts = outcomes.flatMap((outcome) => {
    const examples = findings.filter((found) => found.outcome === outcome).map(example);
    return [`Outcome: ${OUTCOMES[outcome]}.`, ...examples];
  });
  return [`### ${code}`, ...parts].join('\n\n');
}

function example(found: Finding): string {
  const { cause, remedy } = describe(found);
  const steps = remedy.length === 0 ? ['nothing to do'] : remedy;
  return `> ${cause}\n\n${steps.map((step) => `- ${step}`).join('\n')}`;
}
