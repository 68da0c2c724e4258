import { openBasePolicy, ruleOf } from '../core/facts/base-policy.ts';
import type { ChangedFile, Remerge, TreeDiff } from '../core/facts/change.ts';
import { blobsOf } from '../core/facts/digest.ts';
import type { Facts, RawCommit } from '../core/facts/facts.ts';
import { thinCrowd } from '../core/facts/crowd.ts';
import { needs } from '../core/facts/needs.ts';
import { judgedBy, subjectOf, type Proposal, type Target } from '../core/facts/target.ts';
import type { Commit } from '../core/object/commit.ts';
import type { Oid } from '../core/object/id.ts';
import { foldName } from '../core/object/fold.ts';
import { splitPath } from '../core/object/path.ts';
import { parsedCommit } from '../core/object/parsed-commit.ts';
import type { Pattern } from '../core/policy/pattern.ts';
import { extractStatements, type BrokenText, type SignedText } from '../core/statement/extract.ts';
import { Unreadable, type PolicyFolder, type Ports, type Repository } from './ports.ts';
import { NOTHING } from './span-reader.ts';
import { readSpans } from './spans.ts';

/** More than any change that people review: past these bounds a judgement is `undetermined`. */
export const LIMITS = { commits: 20_000, files: 200_000, statements: 100_000 } as const;

/** With more texts than this, only those of the roster are kept. A text has up to 200 statements, so that these few are few. */
const CROWD = 500;

export interface GatherOptions {
  /** Seconds since the epoch. */
  readonly now: number;
  /** What the forge calls the repository; `null` where no forge is involved. */
  readonly repository: string | null;
  /** Judge by this policy and its keys, not by those at the base: to try a policy out on history. Left out: as trust.md A1. */
  readonly policy?: PolicyFolder;
}

/** What a target consists of, by commits: where it starts, what is proposed, and what lands. */
interface Span {
  readonly tip: Commit;
  /** The head of a change, the second parent of a merge, or a step's own commit. */
  readonly proposed: Commit;
  /** A step's merge commit. */
  readonly merge: Commit | null;
}

/**
 * Gathers everything that one judgement rests on, in two rounds: what is cheap, then what policy and change make
 * necessary. Throws `Unreadable` where the world is broken; bad evidence is gathered as it is.
 */
export async function gather(target: Target, ports: Ports, options: GatherOptions): Promise<Facts> {
  const { repository } = ports;
  const tip = await readRaw(repository, judgedBy(target));
  const subject = await readRaw(repository, subjectOf(target));
  const span = await spanOf(repository, target, tip, subject);
  const listed = await repository.listCommits(tip.id, subject.id, LIMITS.commits);
  const raws = await repository.readCommits(listed);
  const commits = listed.map((id, index): RawCommit => ({ id, raw: raws[index] ?? new Uint8Array() }));
  const heads = span?.merge ? [span.proposed.id, span.merge.id] : [subject.id];
  const asked: Proposal = { branch: target.branch, heads, commits: listed, earlier: [] };
  const policy = options.policy ?? (await readPolicyAt(repository, tip));
  const base = await openBasePolicy(policy);
  const { statements, broken, earlier } = await readStatements(ports, asked, policy);
  const union = (base && ruleOf(base, target.branch))?.merges.union ?? [];
  const empty = { mergeBases: null, change: NOTHING, landing: null, remerge: null, proposedPolicy: null };
  const outline = span === null ? empty : await compare(repository, span, union);
  const proposal: Proposal = { ...asked, earlier };
  const wanted = await needs(proposal, base, statements);
  const judged = wanted.contents ? blobsOf([...outline.change.files, ...(outline.landing?.files ?? [])]) : [];
  const contents = new Map(await repository.contentHashes(judged));
  const ground = span && { ...span, repository, proposal, outline, union, files: LIMITS.files };
  const signed = ground && (await readSpans(ground, wanted.pairs));
  for (const [id, hash] of signed?.contents ?? []) contents.set(id, hash);
  return {
    evaluatedAt: options.now,
    target,
    repository: options.repository,
    policy,
    tip,
    commits,
    ...outline,
    contents,
    statements,
    broken,
    earlier,
    spans: signed?.spans ?? [],
  };
}

async function readRaw(repository: Repository, id: Oid): Promise<RawCommit> {
  const [raw] = await repository.readCommits([id]);
  if (!raw) throw new Unreadable('object-missing', `commit \`${id}\` is not in the repository`);
  return { id, raw };
}

async function readPolicyAt(repository: Repository, tip: RawCommit): Promise<PolicyFolder> {
  const parsed = parsedCommit(tip.id, tip.raw);
  if (!parsed.ok)
    throw new Unreadable('object-forged', `commit \`${tip.id}\`: ${parsed.detail}`, { passing: false });
  return repository.readPolicyFolder(parsed.commit.tree);
}

/** `null` where the commits cannot be parsed or the step's shape is none that could be judged; the rules report why. */
async function spanOf(
  repository: Repository,
  target: Target,
  rawTip: RawCommit,
  rawSubject: RawCommit,
): Promise<Span | null> {
  const tip = parsedCommit(rawTip.id, rawTip.raw);
  const subject = parsedCommit(rawSubject.id, rawSubject.raw);
  if (!tip.ok || !subject.ok) return null;
  if (target.kind === 'change') return { tip: tip.commit, proposed: subject.commit, merge: null };
  const [first, second, ...others] = subject.commit.parents;
  if (first !== tip.commit.id || others.length > 0) return null;
  if (second === undefined) return { tip: tip.commit, proposed: subject.commit, merge: null };
  const rawProposed = await readRaw(repository, second);
  const proposed = parsedCommit(second, rawProposed.raw);
  return proposed.ok ? { tip: tip.commit, proposed: proposed.commit, merge: subject.commit } : null;
}

type Outline = Pick<Facts, 'mergeBases' | 'change' | 'landing' | 'remerge' | 'proposedPolicy'>;

async function compare(
  repository: Repository,
  { tip, proposed, merge }: Span,
  union: readonly Pattern[],
): Promise<Outline> {
  const mergeBases = await repository.mergeBases(tip.id, proposed.id);
  const [base, ...others] = mergeBases;
  const single = base !== undefined && others.length === 0;
  const change = single ? await diffCommits(repository, base, proposed) : NOTHING;
  let remerge: Remerge | null = null;
  let landingTree: Oid | null = merge?.tree ?? null;
  if (single && (merge !== null || base !== tip.id)) {
    remerge = await repository.mergeCommits(tip.id, proposed.id, union);
    if (merge === null && remerge.clean) landingTree = remerge.tree;
  }
  const landing =
    landingTree === null ? null : await repository.diffTrees(tip.tree, landingTree, LIMITS.files);
  const touched = [...change.files, ...(landing?.files ?? [])].some(isPolicyPath);
  const proposedPolicy = touched ? await repository.readPolicyFolder(landingTree ?? proposed.tree) : null;
  return { mergeBases, change, landing, remerge, proposedPolicy };
}

async function diffCommits(repository: Repository, before: Oid, after: Commit): Promise<TreeDiff> {
  const raw = await readRaw(repository, before);
  const parsed = parsedCommit(raw.id, raw.raw);
  if (!parsed.ok)
    throw new Unreadable('object-forged', `commit \`${before}\`: ${parsed.detail}`, { passing: false });
  return repository.diffTrees(parsed.commit.tree, after.tree, LIMITS.files);
}

/** In whatever spelling: as `readPolicyFolder` reads them. */
function isPolicyPath({ path }: ChangedFile): boolean {
  return foldName(splitPath(path)[0] ?? path) === '.countersign';
}

async function readStatements(
  { statements }: Ports,
  proposal: Proposal,
  policy: PolicyFolder,
): Promise<{ statements: readonly SignedText[]; broken: BrokenText[]; earlier: readonly Oid[] }> {
  const signed: SignedText[] = [];
  const broken: BrokenText[] = [];
  const { sources, earlier } = await statements.about(proposal, policy);
  for (const source of sources) {
    const extracted = extractStatements(source);
    for (const one of extracted.signed) signed.push(one);
    for (const one of extracted.broken) broken.push(one);
    mustBeFew(signed.length);
  }
  const crowd = signed.length > CROWD ? await thinCrowd(policy, signed) : null;
  mustBeFew(crowd?.statements ?? 0);
  const kept = crowd?.kept ?? signed;
  return { statements: kept, broken: broken.slice(0, 20), earlier: pastHeads(proposal, earlier) };
}

function mustBeFew(count: number): void {
  if (count <= LIMITS.statements) return;
  const message = `more than ${LIMITS.statements} statements about one head`;
  throw new Unreadable('list-cut', message, { passing: false });
}

/** Heads that the proposal no longer has, each once. */
function pastHeads({ heads }: Proposal, earlier: readonly Oid[]): readonly Oid[] {
  return [...new Set(earlier)].filter((head) => !heads.includes(head));
}
