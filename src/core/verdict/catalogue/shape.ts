import { list, short, type Entry } from './entry.ts';

export interface ShapeFindings {
  'merge-base-ambiguous': { readonly branch: string; readonly bases: readonly string[] };
  'history-unrelated': { readonly branch: string };
  'change-empty': { readonly branch: string };
  'first-parent-changed': { readonly branch: string; readonly from: string; readonly to: string };
  'branch-created': { readonly branch: string; readonly commit: string };
  'octopus-merge': { readonly commit: string; readonly parents: number };
  'commit-forged': { readonly commit: string };
  'merge-conflict': { readonly branch: string; readonly paths: readonly string[] };
  'merge-resolution': { readonly commit: string };
  'merge-resolution-refused': { readonly commit: string };
  'github-merge-refused': { readonly commit: string };
  'github-merge-changed': { readonly commit: string };
  'path-hostile': { readonly path: string; readonly reason: 'control' | 'line-separator' | 'not-utf8' };
  'path-twin': { readonly path: string; readonly twin: string };
}

const PATH_REASONS: Readonly<Record<ShapeFindings['path-hostile']['reason'], string>> = {
  control: 'a control character',
  'line-separator': 'a line separator',
  'not-utf8': 'bytes that are not UTF-8',
};

export const shapeFindings: { readonly [C in keyof ShapeFindings]: Entry<ShapeFindings[C]> } = {
  'merge-base-ambiguous': {
    outcome: 'fail',
    cause: ({ branch, bases }) =>
      `the change and \`${branch}\` have ${bases.length} merge bases, so what it changes has no one answer`,
    remedy: ({ branch }) => [
      `merge the tip of \`${branch}\` into the change, or rebase onto it, and push again`,
    ],
  },
  'history-unrelated': {
    outcome: 'fail',
    cause: ({ branch }) => `the change has no commit in common with \`${branch}\``,
    remedy: ({ branch }) => [`make the change anew from the tip of \`${branch}\``],
  },
  'change-empty': {
    outcome: 'undetermined',
    cause: ({ branch }) => `nothing to judge: \`${branch}\` has all of it already`,
    remedy: () => [
      '`countersign repair COMMIT` looks at a landed commit; otherwise name a head with commits of its own',
    ],
  },
  'first-parent-changed': {
    outcome: 'fail',
    cause: ({ branch, from, to }) =>
      `\`${branch}\` went from ${short(from)} to ${short(to)}, which does not follow from it by first parents`,
    remedy: ({ from }) => [
      `an admin finds out who rewrote the branch, and puts it back to ${from} or publishes a new introduction`,
      'forbid force pushes, deletions and "Sync fork" on this branch',
    ],
  },
  'branch-created': {
    outcome: 'undetermined',
    cause: ({ branch, commit }) =>
      `\`${branch}\` was created at ${short(commit)}: there is no earlier state to judge it by`,
    remedy: () => [
      'whatever is pushed from here on is judged; users start to trust the branch by an introduction',
    ],
  },
  'octopus-merge': {
    outcome: 'fail',
    cause: ({ commit, parents }) => `merge ${short(commit)} has ${parents} parents`,
    remedy: () => ['merge one branch at a time: a merge of more than two cannot be re-created and compared'],
  },
  'commit-forged': {
    outcome: 'undetermined',
    cause: ({ commit }) => `the bytes stored as ${short(commit)} do not hash to that id`,
    remedy: () => ['the object store is damaged or forged: run `git fsck --full`, or fetch into a new clone'],
  },
  'merge-conflict': {
    outcome: 'pending',
    cause: ({ branch, paths }) =>
      `conflicts with \`${branch}\` in ${list(paths.slice(0, 3).map((path) => `\`${path}\``))}${paths.length > 3 ? ', …' : ''}`,
    remedy: ({ branch }) => [
      `rebase onto \`${branch}\`, or merge it and resolve the conflict, sign, and push`,
    ],
  },
  'merge-resolution': {
    outcome: 'pass',
    cause: ({ commit }) =>
      `merge ${short(commit)} holds content that neither side had: it is reviewed as a change of its own`,
    remedy: () => [],
  },
  'merge-resolution-refused': {
    outcome: 'fail',
    cause: ({ commit }) => `merge ${short(commit)} holds content that neither side had`,
    remedy: () => [
      'the policy allows clean merges only: rebase the change so that it merges without a conflict',
    ],
  },
  'github-merge-refused': {
    outcome: 'fail',
    cause: ({ commit }) =>
      `${short(commit)} was merged and signed by GitHub's button, which the policy refuses`,
    remedy: () => [
      'merge on a machine of your own with a signed merge commit, or let an admin set `github-button: clean`',
    ],
  },
  'github-merge-changed': {
    outcome: 'fail',
    cause: ({ commit }) => `${short(commit)} is signed by GitHub but is not a clean merge of a reviewed head`,
    remedy: () => [
      "squash, rebase and edits in the browser replace signed commits by GitHub's own: disallow these buttons",
    ],
  },
  'path-hostile': {
    outcome: 'fail',
    cause: ({ path, reason }) => `the path \`${path}\` holds ${PATH_REASONS[reason]}`,
    remedy: () => ['rename the file: such a name looks different to different tools'],
  },
  'path-twin': {
    outcome: 'fail',
    cause: ({ path, twin }) => `\`${path}\` and \`${twin}\` are one file where letter case does not count`,
    remedy: () => ['rename one of them: on such a disk one would replace the other unseen'],
  },
};
