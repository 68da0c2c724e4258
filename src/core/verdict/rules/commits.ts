import { subjectOf } from '../../facts/target.ts';
import type { Oid } from '../../object/id.ts';
import { matches } from '../../policy/pattern.ts';
import type { Case, JudgedCommit } from '../case.ts';
import { finding, type Finding } from '../finding.ts';
import type { Roles } from '../behind.ts';
import { ruling, type Ruling } from '../verdict.ts';
import { displayPath } from './paths.ts';

/** Every commit that is brought is signed by somebody whom the policy lets sign commits, or adopted (trust.md B10). */
export function judgeCommits(judged: Case, { covered, people }: Roles): Ruling {
  const adopters = adoptersOf(judged, people.approvers);
  const findings = judged.commits.flatMap((one) => [
    ...(covered.has(one.id) ? [] : whatAdoptionMends(judged, one, adopters)),
    ...whatNothingMends(judged, one),
  ]);
  const signed = judged.commits.flatMap(({ signer }) => (signer.kind === 'person' ? [signer.name] : []));
  const title = titleOf(judged, covered, findings.length > 0);
  return ruling('commits', title, findings, [...new Set([...signed, ...people.adopters])].sort());
}

/** Whether a commit only counts when somebody takes it over. */
export function needsAdoption(judged: Case, one: JudgedCommit): boolean {
  return whatAdoptionMends(judged, one, []).length > 0 || isMergeByButton(judged, one);
}

function titleOf({ commits }: Case, covered: ReadonlySet<Oid>, open: boolean): string {
  const total = commits.length;
  if (open || total === 0) return 'signatures of the commits';
  if (commits.some(({ id }) => covered.has(id))) {
    return total === 1 ? 'the commit is adopted' : `all ${total} commits are signed or adopted`;
  }
  return total === 1 ? 'the commit is signed' : `all ${total} commits are signed`;
}

/** Who could take commits over: those who may sign them, without those whose approval would be lost by it. */
function adoptersOf({ policy, branch }: Case, approvers: readonly string[]): string[] {
  const members = [...(policy.groups.get(branch.commits.signedBy) ?? [])].sort();
  const others = members.filter((name) => !approvers.includes(name));
  return others.length > 0 ? others : members;
}

function whatAdoptionMends(
  judged: Case,
  { commit, signer }: JudgedCommit,
  adopters: readonly string[],
): Finding[] {
  if (!commit) return [];
  const { signedBy, unsigned } = judged.branch.commits;
  const adoptable = unsigned === 'adopt';
  const named = {
    commit: commit.id,
    subject: commit.subject,
    adoptable,
    adopters: adoptable ? adopters : [],
    judged: subjectOf(judged.facts.target),
    landed: judged.landed,
  };
  switch (signer.kind) {
    case 'unsigned':
      return [finding('commit-unsigned', named)];
    case 'stranger':
      return [finding('commit-key-unknown', { ...named, key: signer.key })];
    case 'unsupported':
      return [finding('commit-signature-unsupported', { ...named, reason: signer.reason })];
    case 'web-flow':
      // A clean merge by GitHub's button is the business of the rule on merges.
      return commit.id === judged.merge?.id ? [] : [finding('commit-by-github', named)];
    case 'no-standing': {
      const { name: person, fingerprint, problems } = signer;
      return [finding('commit-key-standing', { ...named, person, fingerprint, problems })];
    }
    case 'not-touched':
      return [finding('commit-not-touched', { ...named, person: signer.name, demand: signer.demand })];
    case 'person': {
      const group = judged.policy.groups.get(signedBy);
      if (group?.has(signer.name) === true) return [];
      return [finding('commit-signer-not-allowed', { ...named, person: signer.name, group: signedBy })];
    }
    case 'bad':
    case 'bot':
      return [];
  }
}

/** Signs of tampering, and a bot where it has no business: nobody can vouch for these. */
function whatNothingMends(judged: Case, { id, parsed, commit, signer }: JudgedCommit): Finding[] {
  if (!commit) {
    // A forged object says nothing of the change: `history` reports it.
    if (!parsed.ok && parsed.problem === 'commit-hash-mismatch') return [];
    return [finding('commit-malformed', { commit: id, detail: parsed.ok ? '' : parsed.detail })];
  }
  if (signer.kind === 'bad') {
    return [finding('commit-signature-bad', { commit: id, subject: commit.subject, reason: signer.reason })];
  }
  const bot = signer.kind === 'bot' || ('owner' in signer && signer.owner === 'bot') ? signer.name : null;
  return bot === null ? [] : outsidePaths(judged, id, bot);
}

function isMergeByButton(judged: Case, one: JudgedCommit): boolean {
  if (one !== judged.merge || one.signer.kind !== 'web-flow') return false;
  return judged.resolution || judged.branch.merges.githubButton === 'refuse';
}

/** A change with a bot's commit in it stays within that bot's paths as a whole: the strict reading, needing no more facts. */
function outsidePaths(judged: Case, commit: Oid, bot: string): Finding[] {
  const paths = judged.policy.bots.get(bot)?.paths ?? [];
  const outside = judged.changed.find(({ path }) => !paths.some((pattern) => matches(pattern, path)));
  return outside ? [finding('commit-outside-paths', { commit, bot, path: displayPath(outside.path) })] : [];
}
