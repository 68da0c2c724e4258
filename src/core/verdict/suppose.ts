import { changeDigest } from '../facts/digest.ts';
import type { Facts, SignedSpan } from '../facts/facts.ts';
import type { Proofs } from '../facts/prove.ts';
import type { Reading, ReadStatement, StatementText } from '../facts/reading.ts';
import { judgedBy, subjectOf } from '../facts/target.ts';
import type { Policy } from '../policy/policy.ts';
import { usableKeys } from '../policy/usable.ts';
import type { Proof } from '../signature/proof.ts';
import { signerNameOf, type Testimony } from '../statement/statement.ts';
import { evaluate } from './evaluate.ts';
import { worst, type Outcome } from './outcome.ts';
import { findApplicable } from './rules/policy.ts';
import { supposeMerge } from './supposed-merge.ts';
import type { Verdict } from './verdict.ts';

/** What people might sign. Names of the policy that judges. */
export interface Supposed {
  /** Who would approve the head. */
  readonly approve: readonly string[];
  /** Who would adopt every commit of the change. */
  readonly adopt: readonly string[];
  /** Who would make and sign the merge; `null`: nobody merges. */
  readonly merge: string | null;
  /** Who would sign every commit of the change anew; `null`: the commits stay as they are. */
  readonly sign: string | null;
}

/** How a change would fare. No verdict: nobody has signed anything, so that none of it may ever be published. */
export type Supposition =
  | {
      readonly ok: true;
      readonly outcome: Outcome;
      readonly change: Verdict;
      /** The step that the merge would be; `null` where nobody merges. */
      readonly step: Verdict | null;
    }
  | { readonly ok: false; readonly problem: string };

/**
 * Judges a change as if these people had signed: their signatures are put among the proofs, and everything else is the
 * judgement itself. Synchronous and pure. `reading.facts` must hold the contents of the whole change (`changeDigest`).
 * A merge is judged as the step that it would be; a "no" on the change would still keep it from being made.
 */
export function suppose(reading: Reading, proofs: Proofs, supposed: Supposed): Supposition {
  const { facts } = reading;
  const refuse = (problem: string): Supposition => ({ ok: false, problem });
  if (facts.target.kind !== 'change')
    return refuse('only a change that has not landed can be supposed about');
  const applicable = findApplicable(reading);
  if (!applicable.ok) {
    const change = evaluate(reading, proofs);
    return { ok: true, outcome: change.outcome, change, step: null };
  }
  const { policy, branch } = applicable;
  const signers = new Map<string, Proof>();
  for (const name of namesOf(supposed)) {
    const proof = supposedProof(policy, proofs, facts.evaluatedAt, name);
    if (typeof proof === 'string') return refuse(proof);
    signers.set(name, proof);
  }
  const digest = facts.mergeBases?.length === 1 ? changeDigest(facts.change.files, facts.contents) : null;
  if (digest === null && supposed.approve.length + supposed.adopt.length > 0) {
    return refuse(
      'the change cannot be compared with the branch, so that nobody could sign anything about it',
    );
  }
  const proofOf = (name: string): Proof => signers.get(name) ?? UNSIGNED;
  const carries = branch.reviews.carryOver === 're-created';
  const signed =
    supposed.sign === null ? { reading, proofs } : signAnew(reading, proofs, proofOf(supposed.sign), carries);
  const statements = statementsOf(signed.reading, policy, supposed, digest ?? '');
  const stated = addStatements(signed.reading, signed.proofs, statements, proofOf);
  const change = evaluate(stated.reading, stated.proofs);
  if (supposed.merge === null) return { ok: true, outcome: change.outcome, change, step: null };
  const merged = supposeMerge(stated.reading, stated.proofs, proofOf(supposed.merge));
  if (merged === null) return refuse('the merge conflicts: what would be made of it cannot be supposed');
  const step = evaluate(merged.reading, merged.proofs);
  const objections = change.rulings.filter(({ rule }) => rule === 'objections').map(({ outcome }) => outcome);
  return { ok: true, outcome: worst([step.outcome, ...objections]), change, step };
}

const UNSIGNED: Proof = {
  kind: 'none',
  status: 'unsigned',
  reason: 'unsigned',
  key: null,
  issuer: null,
  presence: null,
  claimedAt: null,
  expiresAt: null,
};

function namesOf({ approve, adopt, merge, sign }: Supposed): Set<string> {
  return new Set([...approve, ...adopt, ...[merge, sign].filter((name) => name !== null)]);
}

/** A good signature by a key that this person can use now; in words, why there can be none. */
function supposedProof(policy: Policy, { keyring }: Proofs, now: number, name: string): Proof | string {
  const person = policy.people.get(name);
  if (person === undefined) return `nobody is called \`${name}\` in the policy that judges`;
  const [usable] = usableKeys(person.keys, keyring, now);
  if (usable === undefined) return `\`${name}\` can sign nothing now: no key of theirs is usable`;
  return {
    ...UNSIGNED,
    kind: usable.key.kind,
    status: 'good',
    reason: null,
    key: usable.key,
    presence: usable.hardware ? { touched: true, verified: true } : null,
  };
}

/**
 * Every commit signed by one person, as a rebase does it. What others signed about the old commits names commits that are
 * gone: approvals carry over where the policy says so, adoptions never do, and a "no" stands.
 */
function signAnew(
  reading: Reading,
  proofs: Proofs,
  proof: Proof,
  carries: boolean,
): { reading: Reading; proofs: Proofs } {
  const statements = reading.statements.filter(({ statement }) => {
    if (statement.type === 'adopt') return false;
    return carries || statement.type !== 'review' || statement.decision !== 'approve';
  });
  return {
    reading: { ...reading, statements },
    proofs: { ...proofs, commits: proofs.commits.map(() => proof) },
  };
}

const HIGHEST_SERIAL = 999_999_999_999_999;

function statementsOf(
  { facts, statements }: Reading,
  { project }: Policy,
  { approve, adopt }: Supposed,
  change: string,
): Testimony[] {
  const serialOf = (name: string): number => {
    const serials = statements.map(({ statement }) =>
      signerNameOf(statement) === name && 'serial' in statement ? statement.serial : 0,
    );
    return Math.min(HIGHEST_SERIAL, 1 + serials.reduce((a, b) => Math.max(a, b), 0));
  };
  const about = {
    project,
    branch: facts.target.branch,
    base: judgedBy(facts.target),
    head: subjectOf(facts.target),
    change,
    notes: [],
  };
  return [
    ...approve.map((name): Testimony => {
      return { type: 'review', ...about, decision: 'approve', reviewer: name, serial: serialOf(name) };
    }),
    ...adopt.map((name): Testimony => ({ type: 'adopt', ...about, adopter: name, serial: serialOf(name) })),
  ];
}

/** Each statement under a signature of its own, and what its base and head enclose. */
function addStatements(
  reading: Reading,
  proofs: Proofs,
  added: readonly Testimony[],
  proofOf: (name: string) => Proof,
): { reading: Reading; proofs: Proofs } {
  if (added.length === 0) return { reading, proofs };
  const texts = added.map((statement): StatementText => {
    const none = new Uint8Array();
    const signed = { from: 'supposed', text: none, armor: none, form: 'detached' } as const;
    return { signed, parsed: { ok: true, statements: [statement] } };
  });
  const first = reading.texts.length;
  const statements = added.map((statement, index): ReadStatement => {
    const signed = texts[index]?.signed;
    if (signed === undefined) throw new Error('a statement without its text');
    return { signed, index: first + index, statement };
  });
  return {
    reading: {
      ...reading,
      facts: { ...reading.facts, spans: withSpan(reading.facts) },
      texts: [...reading.texts, ...texts],
      statements: [...reading.statements, ...statements],
    },
    proofs: {
      ...proofs,
      statements: [...proofs.statements, ...added.map((statement) => proofOf(signerNameOf(statement)))],
    },
  };
}

/** From the tip to the head: the base has landed, and nothing has landed since. */
function withSpan({ target, spans, mergeBases, change }: Facts): readonly SignedSpan[] {
  const [base, head] = [judgedBy(target), subjectOf(target)];
  if (spans.some((span) => span.base === base && span.head === head)) return spans;
  const open = { baseLanded: true, headLanded: false, repeatedBy: null, commits: [] };
  return [...spans, { base, head, mergeBases, change, ...open, recreated: null, beganBelow: false }];
}
