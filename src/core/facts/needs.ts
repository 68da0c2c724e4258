import type { Oid } from '../object/id.ts';
import type { PolicyFolder } from '../policy/folder.ts';
import { speaksFor } from '../policy/roster.ts';
import type { Proof } from '../signature/proof.ts';
import { verifySignature } from '../signature/verify.ts';
import type { SignedText } from '../statement/extract.ts';
import {
  parseStatements,
  signerNameOf,
  type Adoption,
  type Review,
  type Statement,
} from '../statement/statement.ts';
import { openBasePolicy, ruleOf, type BasePolicy } from './base-policy.ts';
import type { Proposal } from './target.ts';

/** What the second round of gathering must bring, because of what the first one found. */
export interface Needs {
  /** Whether the judged change is to be hashed: somebody on the roster has signed something about it. */
  readonly contents: boolean;
  readonly pairs: readonly NeededPair[];
}

/** A base and a head that people of the roster have signed for. */
export interface NeededPair {
  readonly base: Oid;
  readonly head: Oid;
  /** Whether an approval names it that can only carry over: its head is none that is judged (trust.md C16). */
  readonly carried: boolean;
}

/** Pairs of one person that are looked at, those with the highest serials: nobody can crowd out what others signed. */
const MOST_PAIRS = 64;
/** Heads of approvals that would have to carry over, earlier heads of the proposal first. */
const MOST_CARRIED = 64;

/** What one person really signed, in one text. */
export interface RosterText {
  readonly signed: SignedText;
  /** Those of the text's statements that name the very person whose key signed. */
  readonly statements: readonly Statement[];
  /** The fingerprint of the key that signed. */
  readonly by: string;
  readonly proof: Proof;
}

/**
 * Only statements that people of the roster really signed make anything necessary: whoever may comment can name as many
 * heads and bases as they like, and must not be able to make a judgement long, or crowd out what others signed. Of these
 * only what can speak for something does: approvals and adoptions.
 */
export async function needs(
  proposal: Proposal,
  base: BasePolicy | null,
  texts: readonly SignedText[],
): Promise<Needs> {
  const rule = base && ruleOf(base, proposal.branch);
  if (base === null || rule === null) return { contents: false, pairs: [] };
  const about = texts.filter(({ text }) => {
    const parsed = parseStatements(text);
    return parsed.ok && parsed.statements.some((statement) => speaksOf(statement, base, proposal.branch));
  });
  const opinions: Opinion[] = [];
  for (const { statements } of await signedBy(base, about)) {
    for (const statement of statements) {
      if (speaksOf(statement, base, proposal.branch)) opinions.push(statement);
    }
  }
  const heads = new Set(proposal.heads);
  const brought = new Set(proposal.commits);
  const direct = ({ type, head }: Opinion): boolean =>
    heads.has(head) || (type === 'adopt' && brought.has(head));
  const byPerson = [...Map.groupBy(opinions, signerNameOf).values()].map(newestFirst);
  const own = byPerson.flatMap((mine) => firstPairs(mine.filter((one) => direct(one) && isPositive(one))));
  const elsewhere =
    rule.reviews.carryOver === 'never'
      ? []
      : byPerson.map((mine) => firstPairs(mine.filter((one) => !direct(one) && isApproval(one))));
  const carriedHeads = new Set(inTurn(elsewhere, proposal.earlier).slice(0, MOST_CARRIED));
  const carried = elsewhere.flat().filter(({ head }) => carriedHeads.has(head));
  // Who adopted commits of such a head is none of its approvers, so what they signed there is looked at as well.
  const adopted = byPerson.flatMap((mine) =>
    firstPairs(mine.filter((one) => one.type === 'adopt' && !direct(one) && carriedHeads.has(one.head))),
  );
  return {
    contents: carried.length > 0 || opinions.some(({ head }) => brought.has(head) || heads.has(head)),
    pairs: distinct([
      ...carried.map((pair) => ({ ...pair, carried: true })),
      ...[...own, ...adopted].map((pair) => ({ ...pair, carried: false })),
    ]),
  };
}

/** The texts among these that hold a statement signed by a key of the very person whom it names. */
export async function ofRoster(
  folder: PolicyFolder,
  texts: readonly SignedText[],
): Promise<readonly RosterText[]> {
  if (texts.length === 0) return [];
  const base = await openBasePolicy(folder);
  return base === null ? [] : signedBy(base, texts);
}

async function signedBy(base: BasePolicy, texts: readonly SignedText[]): Promise<readonly RosterText[]> {
  const { policy, roster, keys } = base;
  const found: RosterText[] = [];
  for (const signed of texts) {
    const parsed = parseStatements(signed.text);
    if (!parsed.ok || !parsed.statements.some((one) => policy.people.has(signerNameOf(one)))) continue;
    const { text: payload, armor, form } = signed;
    const proof = await verifySignature({ payload, armor, form, namespace: 'countersign@v1' }, keys);
    const statements = parsed.statements.filter((one) => speaksFor(roster, proof, signerNameOf(one)));
    if (statements.length > 0) found.push({ signed, statements, by: proof.key?.fingerprint ?? '', proof });
  }
  return found;
}

type Opinion = Review | Adoption;

/** Whether a statement says something of a change to this branch of this project. */
function speaksOf(statement: Statement, { policy }: BasePolicy, branch: string): statement is Opinion {
  if (statement.type !== 'review' && statement.type !== 'adopt') return false;
  return statement.project === policy.project && statement.branch === branch;
}

function isPositive(one: Opinion): boolean {
  return one.type === 'adopt' || isApproval(one);
}

function isApproval(one: Opinion): boolean {
  return one.type === 'review' && one.decision === 'approve';
}

function newestFirst(opinions: readonly Opinion[]): readonly Opinion[] {
  return opinions.toSorted((a, b) => b.serial - a.serial);
}

interface Pair {
  readonly base: Oid;
  readonly head: Oid;
}

function firstPairs(opinions: readonly Opinion[]): readonly Pair[] {
  return distinct(opinions.map(({ base, head }) => ({ base, head }))).slice(0, MOST_PAIRS);
}

/** Each pair once: the first of it. */
function distinct<T extends Pair>(pairs: readonly T[]): T[] {
  const found = new Map<string, T>();
  for (const pair of pairs) {
    const key = `${pair.base} ${pair.head}`;
    if (!found.has(key)) found.set(key, pair);
  }
  return [...found.values()];
}

/** Heads in the order in which they are compared: earlier ones of the proposal, then one of each person's in turn. */
function inTurn(pairs: readonly (readonly Pair[])[], earlier: readonly Oid[]): readonly Oid[] {
  const named = pairs.map((mine) => [...new Set(mine.map(({ head }) => head))]);
  const all = new Set(named.flat());
  const order = new Set(earlier.filter((head) => all.has(head)));
  const longest = Math.max(0, ...named.map(({ length }) => length));
  for (let turn = 0; turn < longest; turn += 1) {
    for (const heads of named) {
      const head = heads[turn];
      if (head !== undefined) order.add(head);
    }
  }
  return [...order];
}
