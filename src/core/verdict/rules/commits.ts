import { matches } from '../../policy/pattern.ts';
import type { Case, JudgedCommit } from '../case.ts';
import { finding, type Finding } from '../finding.ts';
import { ruling, type Ruling } from '../verdict.ts';
import { displayPath } from './paths.ts';

/** Every commit that is brought is signed by somebody whom the policy lets sign commits (trust.md B10). */
export function judgeCommits(judged: Case): Ruling {
  const findings = judged.commits.flatMap((commit) => judgeCommit(judged, commit));
  const signed = judged.commits.flatMap(({ signer }) => (signer.kind === 'person' ? [signer.name] : []));
  return ruling(
    'commits',
    titleOf(judged.commits.length, findings.length > 0),
    findings,
    [...new Set(signed)].sort(),
  );
}

function titleOf(total: number, open: boolean): string {
  if (open || total === 0) return 'signatures of the commits';
  return total === 1 ? 'the commit is signed' : `all ${total} commits are signed`;
}

function judgeCommit(judged: Case, { parsed, commit, signer }: JudgedCommit): Finding[] {
  if (!commit) {
    const detail = parsed.ok ? '' : parsed.detail;
    const { id } = parsed.ok ? parsed.commit : parsed;
    // A forged object says nothing of the change: `history` reports it.
    if (!parsed.ok && parsed.problem === 'commit-hash-mismatch') return [];
    return [finding('commit-malformed', { commit: id, detail })];
  }
  const { signedBy, unsigned } = judged.branch.commits;
  const named = { commit: commit.id, subject: commit.subject };
  const adoptable = { ...named, adoptable: unsigned === 'adopt' };
  switch (signer.kind) {
    case 'unsigned':
      return [finding('commit-unsigned', adoptable)];
    case 'stranger':
      return [finding('commit-key-unknown', { ...adoptable, key: signer.key })];
    case 'unsupported':
      return [finding('commit-signature-unsupported', { ...adoptable, reason: signer.reason })];
    case 'bad':
      return [finding('commit-signature-bad', { ...named, reason: signer.reason })];
    case 'web-flow':
      // A clean merge by GitHub's button is the business of the rule on merges.
      return commit.id === judged.merge?.commit?.id ? [] : [finding('commit-by-github', adoptable)];
    case 'no-standing': {
      const { name: person, fingerprint, problems } = signer;
      return [finding('commit-key-standing', { ...named, person, fingerprint, problems })];
    }
    case 'not-touched':
      return [finding('commit-not-touched', { ...named, person: signer.name, demand: signer.demand })];
    case 'bot':
      return outsidePaths(judged, commit.id, signer.name);
    case 'person': {
      const group = judged.policy.groups.get(signedBy);
      if (group?.has(signer.name) === true) return [];
      return [finding('commit-signer-not-allowed', { ...adoptable, person: signer.name, group: signedBy })];
    }
  }
}

/** A change with a bot's commit in it stays within that bot's paths as a whole: the strict reading, needing no more facts. */
function outsidePaths(judged: Case, commit: string, bot: string): Finding[] {
  const paths = judged.policy.bots.get(bot)?.paths ?? [];
  const outside = judged.changed.find(({ path }) => !paths.some((pattern) => matches(pattern, path)));
  return outside ? [finding('commit-outside-paths', { commit, bot, path: displayPath(outside.path) })] : [];
}
