import type { Target } from '../../core/facts/target.ts';
import { blobsOf } from '../../core/facts/digest.ts';
import { prove } from '../../core/facts/prove.ts';
import { readFacts } from '../../core/facts/reading.ts';
import { quoted } from '../../core/policy/words.ts';
import { cleanSentence } from '../../core/report/clean.ts';
import { inWords } from '../../core/report/in-words.ts';
import { jsonText } from '../../core/report/json.ts';
import { suppose, type Supposed, type Supposition } from '../../core/verdict/suppose.ts';
import type { Verdict } from '../../core/verdict/verdict.ts';
import { gather } from '../../gather/gather.ts';
import type { Statements } from '../../gather/ports.ts';
import { openRepository, type OpenRepository } from '../../git/reader.ts';
import { EXIT, type Io } from '../io.ts';
import { resolveRange, UsageError } from '../revisions.ts';
import { readStatementsFile } from '../statements-file.ts';
import { openLedgers } from '../verify-ledger.ts';
import { answering } from './open.ts';

export interface SimulateOptions {
  readonly repository: string;
  readonly branch?: string;
  readonly base?: string;
  readonly head: string;
  readonly statements?: readonly string[];
  readonly approve?: readonly string[];
  readonly adopt?: readonly string[];
  readonly merge?: string;
  readonly sign?: string;
  readonly json?: boolean;
}

type Supposable = Extract<Supposition, { ok: true }>;

/** `countersign policy simulate`: how a change would fare if these people signed. Never a verdict. */
export async function simulate(options: SimulateOptions, io: Io): Promise<number> {
  return answering('simulate', io, async () => {
    const supposed: Supposed = {
      approve: options.approve ?? [],
      adopt: options.adopt ?? [],
      merge: options.merge ?? null,
      sign: options.sign ?? null,
    };
    const opened = await openRepository(io.path(options.repository));
    try {
      const supposition = await supposeRange(opened, options, supposed, io);
      if (!supposition.ok) throw new UsageError(supposition.problem);
      const shown =
        options.json === true ? `${jsonText(plain(supposition, supposed))}\n` : tell(supposition, supposed);
      io.out(shown);
      return EXIT[supposition.outcome];
    } finally {
      await opened.dispose();
    }
  });
}

async function supposeRange(
  opened: OpenRepository,
  options: SimulateOptions,
  supposed: Supposed,
  io: Io,
): Promise<Supposition> {
  const files = await Promise.all(
    (options.statements ?? []).map((file) => readStatementsFile(file, 'policy simulate', io)),
  );
  const { branch, base, head } = await resolveRange(opened, options);
  const target: Target = { kind: 'change', branch, tip: base, head };
  const ledgers = openLedgers(opened, base, io);
  const statements: Statements = {
    about: async (proposal) => ({ sources: [...files, ...(await ledgers.about(proposal))], earlier: [] }),
  };
  const now = Math.floor(Date.now() / 1000);
  const facts = await gather(
    target,
    { repository: opened.repository, statements },
    { now, repository: null },
  );
  // Whoever signs knows the whole change, whether or not somebody has signed something about it.
  const contents = await opened.repository.contentHashes(
    blobsOf([...facts.change.files, ...(facts.landing?.files ?? [])]),
  );
  const reading = readFacts({ ...facts, contents: new Map([...facts.contents, ...contents]) });
  return suppose(reading, await prove(reading), supposed);
}

const WORDS = {
  pass: 'it would pass',
  pending: 'signatures would still be missing',
  undetermined: 'it could not be judged',
  fail: 'it would fail',
} as const;

/** Every line says that it is a simulation, so that none can be shown around as if it were a verdict. */
function tell(supposition: Supposable, supposed: Supposed): string {
  const { change, step, outcome } = supposition;
  const lines = [`simulation, not a verdict: if ${whatIf(supposed)}, ${WORDS[outcome]}`];
  const judged: [string, Verdict][] =
    step === null
      ? [['', change]]
      : [
          ['the merge: ', step],
          ['the change before it: ', change],
        ];
  for (const [what, verdict] of judged) {
    for (const { rule, title, findings, outcome: of } of verdict.rulings) {
      if (of === 'pass') continue;
      const about = rule === 'requirement' ? `${rule} \`${title}\`` : rule;
      for (const found of findings) {
        if (found.outcome === 'pass') continue;
        const { cause, remedy } = inWords(found);
        lines.push(cleanSentence(`simulated: ${what}${about}: ${cause} [${found.code}]`));
        lines.push(...remedy.map((step) => cleanSentence(`simulated:   → ${step}`)));
      }
    }
  }
  return `${lines.join('\n')}\n`;
}

function whatIf({ approve, adopt, merge, sign }: Supposed): string {
  const parts = [
    ...(sign === null ? [] : [`${quoted([sign])} signed the commits anew`]),
    ...(adopt.length === 0 ? [] : [`${quoted(adopt)} adopted them`]),
    ...(approve.length === 0 ? [] : [`${quoted(approve)} approved`]),
    ...(merge === null ? [] : [`${quoted([merge])} merged`]),
  ];
  return cleanSentence(parts.length === 0 ? 'nobody signed anything more' : parts.join(' and '));
}

function plain({ outcome, change, step }: Supposable, supposed: Supposed): unknown {
  const of = (verdict: Verdict): unknown => ({
    would: verdict.outcome,
    wouldEnforced: verdict.enforced,
    people: verdict.people,
    findings: verdict.rulings.flatMap(({ rule, findings }) =>
      findings.map((found) => ({
        code: found.code,
        would: found.outcome,
        rule,
        message: inWords(found).cause,
        remedy: inWords(found).remedy,
        data: found.data,
      })),
    ),
  });
  return { simulation: true, supposed, would: outcome, change: of(change), merge: step && of(step) };
}
