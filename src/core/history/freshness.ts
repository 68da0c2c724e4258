import { keyringOf, openedFolder, policyIn } from '../facts/opened.ts';
import type { Keyring } from '../identity/keyring.ts';
import type { Oid } from '../object/id.ts';
import type { PolicyFolder } from '../policy/folder.ts';
import type { Pin, Policy } from '../policy/policy.ts';
import { buildRoster, speaksFor, type Roster } from '../policy/roster.ts';
import type { Proof } from '../signature/proof.ts';
import { verifySignature } from '../signature/verify.ts';
import type { SignedText } from '../statement/extract.ts';
import type { HeadStatement } from '../statement/head.ts';
import { parseStatements, type Revocation, type Statement } from '../statement/statement.ts';
import { signerOf } from '../verdict/signer.ts';

/** What is asked about the newest commit that a forge or a mirror shows. */
export interface FreshnessQuestion {
  /** Signed texts about the head, and the revocations of the ledger; what else is among them counts for nothing. */
  readonly texts: readonly SignedText[];
  /** Whom the user pinned: their own list, whatever the repository says by now. */
  readonly heads: ReadonlyMap<string, readonly Pin[]>;
  /** `.countersign/` at the head: the certificates of OpenPGP pins lie there, and whose revocations stop a key. */
  readonly folder: PolicyFolder;
  readonly project: string;
  readonly branch: string;
  readonly head: Oid;
  /** How old a statement may be. */
  readonly days: number;
  /** The user's clock, seconds since the epoch. */
  readonly now: number;
}

export interface FreshHeads {
  /** Who of the pinned said, not long ago, that this very commit is the newest; sorted, each once. */
  readonly people: readonly string[];
  /** What each pinned person said that could be verified, the best of it; sorted by name. */
  readonly said: readonly HeadWord[];
}

export interface HeadWord {
  readonly person: string;
  readonly head: Oid;
  /** Seconds since the epoch, as the signer wrote it. */
  readonly time: number;
  /** `early`: from the future by the user's clock; `other-head`: about another commit of this branch. */
  readonly state: 'fresh' | 'old' | 'early' | 'other-head';
}

const SECONDS_A_DAY = 86_400;
/** Clocks of signers may be ahead by so much. */
const AHEAD = 600;
/** From the best. */
const STATES: readonly HeadWord['state'][] = ['fresh', 'early', 'old', 'other-head'];

/**
 * Who vouches that a commit is the newest of its branch (trust.md D20). A statement counts that names exactly this project,
 * branch and commit, is signed under a key that the user pinned for the very person whom it names, in good standing now
 * and not revoked, and says a time within `days` before the user's clock and ten minutes after it. People are counted
 * once; a key that two of them share counts for neither. Never throws for hostile input.
 */
export async function findFreshHeads(question: FreshnessQuestion): Promise<FreshHeads> {
  const opened = openedFolder(question.folder);
  const { keyring, keys } = await keyringOf(opened.keys);
  const parsed = policyIn(opened);
  const pinned = pinnedPolicy(question);
  const roster = buildRoster(pinned, keyring);
  const shared = new Set(
    roster.problems.flatMap((problem) => (problem.kind === 'key-shared' ? problem.owners : [])),
  );
  const signed: Signed[] = [];
  for (const { text, armor, form } of question.texts) {
    const read = parseStatements(text);
    const statements = read.ok
      ? read.statements.filter(isAsked).filter((one) => concerns(one, question))
      : [];
    if (statements.length === 0) continue;
    const proof = await verifySignature({ payload: text, armor, form, namespace: 'countersign@v1' }, keys);
    if (proof.status === 'good') signed.push(...statements.map((statement) => ({ statement, proof })));
  }
  const judging = parsed?.ok === true ? parsed.policy : null;
  const revoked = revokedKeys(signed, { pinned: roster, judging, keyring });
  const context = { policy: pinned, roster, keyring, at: question.now, landed: false, revoked };
  const said = new Map<string, HeadWord>();
  for (const { statement, proof } of signed) {
    if (statement.type !== 'head') continue;
    const { attester: person, head, time } = statement;
    const signer = signerOf(proof, context);
    if (signer.kind !== 'person' || signer.name !== person || shared.has(person)) continue;
    const word: HeadWord = { person, head, time, state: stateOf(statement, question) };
    const other = said.get(person);
    if (other === undefined || isBetter(word, other)) said.set(person, word);
  }
  const words = [...said.values()].toSorted((a, b) => (a.person < b.person ? -1 : 1));
  return {
    people: words.filter(({ state }) => state === 'fresh').map(({ person }) => person),
    said: words,
  };
}

interface Signed {
  readonly statement: HeadStatement | Revocation;
  /** A good one. */
  readonly proof: Proof;
}

function isAsked(statement: Statement): statement is HeadStatement | Revocation {
  return statement.type === 'head' || statement.type === 'revoke';
}

/** Nothing else is worth the cost of looking at its signature. */
function concerns(statement: HeadStatement | Revocation, question: FreshnessQuestion): boolean {
  if (statement.project !== question.project) return false;
  if (statement.type === 'revoke') return true;
  return statement.branch === question.branch && question.heads.has(statement.attester);
}

function stateOf({ head, time }: HeadStatement, question: FreshnessQuestion): HeadWord['state'] {
  if (head !== question.head) return 'other-head';
  if (time > question.now + AHEAD) return 'early';
  return time < question.now - question.days * SECONDS_A_DAY ? 'old' : 'fresh';
}

function isBetter(one: HeadWord, other: HeadWord): boolean {
  const rank = STATES.indexOf(one.state) - STATES.indexOf(other.state);
  return rank < 0 || (rank === 0 && one.time > other.time);
}

/** The people whom the user pinned, as a policy that knows nobody else. */
function pinnedPolicy({ project, heads }: FreshnessQuestion): Policy {
  return {
    project,
    people: new Map([...heads].map(([name, keys]) => [name, { name, github: null, keys }])),
    groups: new Map(),
    bots: new Map(),
    governance: { people: heads.size, from: '', paths: [] },
    branches: [],
    webFlow: [],
  };
}

/**
 * Keys that are stopped (trust.md D19): by their owner, with any key that the user pinned for them or the repository lists,
 * or by governance. It can only take away: of whoever may say so, one is enough, in whatever standing their key is.
 */
function revokedKeys(
  signed: readonly Signed[],
  {
    pinned,
    judging,
    keyring,
  }: { readonly pinned: Roster; readonly judging: Policy | null; readonly keyring: Keyring },
): ReadonlySet<string> {
  const listed = judging === null ? null : buildRoster(judging, keyring);
  const governs = judging?.groups.get(judging.governance.from);
  const revoked = new Set<string>();
  for (const { statement, proof } of signed) {
    if (statement.type !== 'revoke') continue;
    const { person, revoker, key } = statement;
    if (revoker !== person && governs?.has(revoker) !== true) continue;
    const known = speaksFor(pinned, proof, revoker) || (listed !== null && speaksFor(listed, proof, revoker));
    if (known) revoked.add(key);
  }
  return revoked;
}
