import type { Oid } from '../../object/id.ts';
import type { Outcome } from '../outcome.ts';
import { count, list, short, type Entry } from './entry.ts';
import { unkeptFindings, type UnkeptFindings } from './unkept.ts';

type Bad = Exclude<Outcome, 'pass'>;

/** What the commands that verify before they update say of a flake's inputs, of channels and of this machine's memory. */
export interface WrapperFindings extends UnkeptFindings {
  /** What is used now is newer than all that is proven. `outcome`: that of the first step beyond. */
  'history-ahead': {
    readonly branch: string;
    readonly used: Oid;
    readonly proven: Oid;
    readonly outcome: Bad;
  };
  'flake-rev-missing': { readonly name: string };
  'flake-rev-unknown': { readonly rev: Oid; readonly branch: string };
  'flake-rev-behind': { readonly rev: Oid; readonly newest: Oid; readonly steps: number };
  /** `newest` is `null` where nothing of the branch is proven as it is served now. */
  'flake-rev-not-proven': {
    readonly rev: Oid;
    readonly branch: string;
    readonly newest: Oid | null;
    readonly outcome: Bad;
  };
  'flake-rev-not-on-branch': { readonly rev: Oid; readonly branch: string; readonly introduction: Oid };
  'flake-nar-hash-missing': { readonly computed: string };
  /** `tarball`: whether `.gitattributes` may be why, so that nobody need have lied. */
  'flake-nar-hash-differs': {
    readonly rev: Oid;
    readonly locked: string | null;
    readonly computed: string;
    readonly tarball: boolean;
  };
  'flake-nar-hash-replaced': { readonly rev: Oid; readonly locked: string | null; readonly computed: string };
  'flake-facts-differ': {
    readonly fact: 'lastModified' | 'revCount';
    readonly locked: number;
    readonly computed: number;
  };
  /** `url` is that of the repository, without `git+`. */
  'flake-tarball-attributes': {
    readonly path: string;
    readonly line: number;
    readonly attribute: string;
    readonly url: string;
  };
  'flake-input-extras': { readonly extras: readonly string[] };
  'flake-input-disagrees': { readonly detail: string };
  'flake-input-ambiguous': { readonly url: string; readonly branches: readonly string[] };
  'flake-input-unreachable': { readonly detail: string };
  /** `flake.nix` names no branch, so the repository's only trusted one was taken. */
  'flake-branch-assumed': { readonly branch: string };
  'flake-own-inputs': { readonly inputs: readonly string[] };
  'object-format': { readonly branch: string };
}

const RENEW = 'find out who wrote the lock file; `countersign flake update` writes what is right';
const GO_BACK = '`countersign flake update --allow-downgrade` goes back to the newest proven commit';

export const wrapperFindings: { readonly [C in keyof WrapperFindings]: Entry<WrapperFindings[C]> } = {
  ...unkeptFindings,
  'history-ahead': {
    outcome: ({ outcome }) => outcome,
    cause: ({ branch, used, proven }) =>
      `${short(used)}, which is used now, is beyond ${short(proven)}, the newest proven commit of ${branch}`,
    remedy: () => [
      'wait until what it lacks is signed, or go back: `--allow-downgrade` takes the newest proven commit',
    ],
  },
  'flake-rev-missing': {
    outcome: 'fail',
    cause: ({ name }) => `the input \`${name}\` is locked to no commit`,
    remedy: () => ['`countersign flake update` locks the newest proven commit'],
  },
  'flake-rev-unknown': {
    outcome: 'fail',
    cause: ({ rev, branch }) =>
      `${short(rev)} is not among what the server has of ${branch}: an older state is served, or it never was on that branch`,
    remedy: () => ['try again later and from elsewhere; do not use what is locked until it is found'],
  },
  'flake-rev-behind': {
    outcome: 'pass',
    cause: ({ rev, newest, steps }) =>
      `${short(rev)} is proven, and ${count(steps, 'step')} older than the newest proven commit ${short(newest)}`,
    remedy: () => [],
  },
  'flake-rev-not-proven': {
    outcome: ({ outcome }) => outcome,
    cause: ({ rev, branch, newest }) =>
      newest === null
        ? `nothing can be said of ${short(rev)}, because ${branch} is not proven as it is served now`
        : `${short(rev)} is on ${branch}, but beyond the newest proven commit ${short(newest)}`,
    remedy: ({ newest }) =>
      newest === null
        ? ['see what stops the branch, and try again once it is out of the way']
        : ['wait until what it lacks is signed', GO_BACK],
  },
  'flake-rev-not-on-branch': {
    outcome: 'fail',
    cause: ({ rev, branch, introduction }) =>
      `${short(rev)} is no step of ${branch} since ${short(introduction)}`,
    remedy: () => [`take a commit of the branch itself: ${GO_BACK}`],
  },
  'flake-nar-hash-missing': {
    outcome: 'fail',
    cause: ({ computed }) =>
      `no narHash is locked, so nix would not compare what it fetches; it has to be \`${computed}\``,
    remedy: () => [RENEW],
  },
  'flake-nar-hash-differs': {
    outcome: ({ tarball }) => (tarball ? 'undetermined' : 'fail'),
    cause: ({ rev, locked, computed }) =>
      locked === null
        ? `no narHash is locked for ${short(rev)}, whose tree has \`${computed}\``
        : `the locked narHash \`${locked}\` is not that of the tree of ${short(rev)}, \`${computed}\``,
    remedy: ({ tarball }) =>
      tarball
        ? [
            'ask for the input as `git+https://…` in flake.nix: `.gitattributes` may change what the forge packs',
          ]
        : [RENEW],
  },
  'flake-nar-hash-replaced': {
    outcome: 'pass',
    cause: ({ rev, locked, computed }) =>
      `the lock file had ${locked === null ? 'no narHash' : `\`${locked}\``} for ${short(rev)}, whose tree has \`${computed}\`: that is written now`,
    remedy: () => ['find out who wrote the lock file'],
  },
  'flake-facts-differ': {
    outcome: 'fail',
    cause: ({ fact, locked, computed }) =>
      `the lock file says ${fact} ${locked}, and it has to be ${computed}`,
    remedy: () => [RENEW],
  },
  'flake-tarball-attributes': {
    outcome: 'pass',
    cause: ({ path, line, attribute }) =>
      `nix takes this input as a tarball, which may differ from what is proven: \`${path}:${line}\` says ${attribute}`,
    remedy: ({ url }) => [
      `if nix says that the hash does not fit, ask for it as \`git+${url}\` in flake.nix`,
    ],
  },
  'flake-input-extras': {
    outcome: 'undetermined',
    cause: ({ extras }) =>
      `nix adds to or leaves out of its tree what is not computed here (${extras.join(', ')})`,
    remedy: () => ['ask for the input without that, or check it by hand'],
  },
  'flake-input-disagrees': {
    outcome: 'fail',
    cause: ({ detail }) => `the lock file contradicts itself: ${detail}`,
    remedy: () => [
      'find out who wrote that; `nix flake update NAME` (before nix 2.19 `nix flake lock --update-input NAME`) writes it anew, then run `countersign flake update`',
    ],
  },
  'flake-input-ambiguous': {
    outcome: 'undetermined',
    cause: ({ url, branches }) =>
      `several branches of \`${url}\` are trusted (${list(branches.map((branch) => `\`${branch}\``))}), and flake.nix names none`,
    remedy: () => ['ask for one of them in flake.nix, and let `nix flake lock` write it down'],
  },
  'flake-input-unreachable': {
    outcome: 'undetermined',
    cause: ({ detail }) => `nothing could be proven: ${detail}`,
    remedy: () => ['run the command again once that is out of the way'],
  },
  'flake-branch-assumed': {
    outcome: 'pass',
    cause: ({ branch }) =>
      `flake.nix names no branch of it; it was judged as \`${branch}\`, the only one that your trust file knows`,
    remedy: ({ branch }) => [
      `ask for \`${branch}\` in flake.nix, or trust the branch that you mean: \`countersign trust add URL --introduction COMMIT --branch NAME\``,
    ],
  },
  'flake-own-inputs': {
    outcome: 'pass',
    cause: ({ inputs }) =>
      `it has inputs of its own, which stay as they are locked: ${inputs.map((name) => `\`${name}\``).join(', ')}`,
    remedy: () => ['see what it wants now with `nix flake lock`, then run `countersign flake check`'],
  },
  'object-format': {
    outcome: 'fail',
    cause: ({ branch }) => `${branch} is in a SHA-256 repository, of which nix can name no commit`,
    remedy: () => ['use a channel instead: `countersign channel update`'],
  },
};
