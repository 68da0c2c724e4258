import type { Oid } from '../../object/id.ts';
import { count, list, short, type Entry } from './entry.ts';
import { introductionFindings, type IntroductionFindings } from './introduction.ts';

/** What is wrong with a whole history, or with what a user is served, beside the single steps. */
export interface HistoryFindings extends IntroductionFindings {
  /** `by`: the step that brought it; `null`: it came before the introduction. `tip`: of the branch, as this clone has it. */
  'history-no-step': {
    readonly branch: string;
    readonly to: Oid;
    readonly by: Oid | null;
    readonly tip: Oid;
  };
  /** `to` is not in the branch at all, as this clone has it. */
  'history-off-branch': { readonly branch: string; readonly to: Oid; readonly tip: Oid };
  /** `here`: whether what was seen lies in this repository. `used`: it is what a lock file or a channel has now. */
  'history-downgrade': {
    readonly branch: string;
    readonly seen: Oid;
    readonly to: Oid;
    readonly here: boolean;
    readonly used?: true;
  };
  'history-fork': { readonly branch: string; readonly seen: Oid; readonly to: Oid; readonly used?: true };
  /** What `--allow-downgrade` accepted, in the words by which it is refused otherwise. */
  'downgrade-accepted': { readonly detail: string };
  /** `ledger` is `null` where there is none any more. */
  'ledger-rewritten': { readonly seen: Oid; readonly ledger: Oid | null };
  'ledger-behind': { readonly seen: Oid; readonly ledger: Oid | null };
  /** `url`: of the repository, where it is known; `file`: whether a trust file says from where on it is trusted. */
  'freshness-unpinned': {
    readonly branch: string;
    readonly need: number;
    readonly pinned: number;
    readonly url: string | null;
    readonly file: boolean;
  };
  'head-stale': {
    readonly branch: string;
    readonly head: Oid;
    readonly days: number;
    readonly need: number;
    readonly have: readonly string[];
  };
  'head-vouched-earlier': {
    readonly branch: string;
    readonly head: Oid;
    readonly vouched: Oid;
    readonly need: number;
    readonly days: number;
  };
  'history-ratified': { readonly commit: Oid };
  'tag-unsigned': { readonly tag: Oid; readonly name: string };
  'tag-signed': { readonly tag: Oid; readonly name: string; readonly person: string };
  'tag-name-differs': { readonly tag: Oid; readonly asked: string; readonly name: string };
  'tag-signature-refused': { readonly tag: Oid; readonly name: string; readonly reason: string };
  'tag-signer-unknown': { readonly tag: Oid; readonly name: string; readonly fingerprint: string };
  'memory-ignored': { readonly reason: string };
  /** `url` and `file` as above. */
  'memory-damaged': { readonly path: string; readonly url: string | null; readonly file: boolean };
}

const FETCH_AGAIN =
  'fetch again from a place that you trust; if the project really went back, its people say so, and `--allow-downgrade` accepts it';
const FIND_OUT = 'find out why; `--allow-downgrade` takes the newest proven commit all the same';

function knownAs(branch: string, used: true | undefined): string {
  return used === true ? 'which is used now' : `which you have seen proven on ${branch} before`;
}

export const historyFindings: { readonly [C in keyof HistoryFindings]: Entry<HistoryFindings[C]> } = {
  ...introductionFindings,
  'history-no-step': {
    outcome: 'fail',
    cause: ({ branch, to, by, tip }) =>
      by === null
        ? `${short(to)} is no step of ${branch}, which is at ${short(tip)} here: it came with what lies before the introduction`
        : `${short(to)} is no step of ${branch}, which is at ${short(tip)} here: step ${short(by)} brought it`,
    remedy: ({ by }) => [
      by === null
        ? 'name a step of the branch: only these are proven'
        : `name the step: \`countersign verify ${by}\`; what was merged is proven as a part of it, and never by itself`,
    ],
  },
  'history-off-branch': {
    outcome: 'pass',
    cause: ({ branch, to, tip }) =>
      `${short(to)} is no step of ${branch}, which is at ${short(tip)} here and does not contain it`,
    remedy: ({ to }) => [
      'if the branch has it by now, `git fetch` brings that',
      `what it would bring is judged by \`countersign verify --base BRANCH --head ${to}\``,
    ],
  },
  'history-downgrade': {
    outcome: 'fail',
    cause: ({ branch, seen, to, here, used }) => {
      const known = `${short(seen)}, ${knownAs(branch, used)}`;
      if (here) return `${short(to)} is older than ${known}`;
      const why = used === true ? `it never was on ${branch}` : 'this clone is out of date';
      return `${known}, is not in the history of ${short(to)}, nor here at all: an old or another state is served, or ${why}`;
    },
    remedy: ({ used }) => [used === true ? FIND_OUT : FETCH_AGAIN],
  },
  'history-fork': {
    outcome: 'fail',
    cause: ({ branch, seen, to, used }) =>
      `${short(to)} does not go on from ${short(seen)}, ${knownAs(branch, used)}: the branch was forked`,
    remedy: ({ used }) => [used === true ? FIND_OUT : FETCH_AGAIN],
  },
  'downgrade-accepted': {
    outcome: 'pass',
    cause: ({ detail }) => `accepted by \`--allow-downgrade\`: ${detail}`,
    remedy: () => [
      'if you did not mean this, do not use what you got: ask a maintainer by another way than the forge',
    ],
  },
  'ledger-rewritten': {
    outcome: 'fail',
    cause: ({ seen, ledger }) =>
      ledger === null
        ? `the ledger is gone; you saw it at ${short(seen)} before`
        : `the ledger was rewritten: ${short(ledger)} does not contain ${short(seen)}, which you saw before`,
    remedy: () => [
      'signed reviews, or somebody\'s signed "no", were taken out of it: ask a maintainer whether that was meant, by another way than the forge',
      'if it was, `--allow-downgrade` accepts the ledger as it is now',
      'a maintainer puts back what is gone with `countersign archive --accept-rewrite`, in a clone that still has it',
    ],
  },
  'ledger-behind': {
    outcome: 'undetermined',
    cause: ({ seen, ledger }) =>
      ledger === null
        ? `this clone has no ledger, and you saw one at ${short(seen)} before`
        : `the ledger of this clone, ${short(ledger)}, does not have what you saw of it elsewhere, ${short(seen)}`,
    remedy: () => ['bring it up to date: `git fetch`, in a narrow clone `countersign fetch`'],
  },
  'freshness-unpinned': {
    outcome: 'undetermined',
    cause: ({ branch, need, pinned, file }) =>
      `the policy wants ${count(need, 'person', 'people')} to say what the newest head of ${branch} is, and ${
        file ? `your trust file pins ${pinned === 0 ? 'nobody' : pinned}` : '`--introduction` pins nobody'
      }`,
    remedy: ({ url, file }) => [
      file
        ? `pin them: \`countersign trust pin ${url ?? 'URL'}\``
        : `only a trust file can pin them: \`countersign trust add ${url ?? 'URL'} --introduction …\`, then \`countersign trust pin ${url ?? 'URL'}\`, then verify without \`--introduction\``,
      '`--allow-downgrade` accepts a head that nobody vouches for, such as that of an old release',
    ],
  },
  'head-stale': {
    outcome: 'pending',
    cause: ({ branch, head, days, need, have }) =>
      `of ${count(need, 'person', 'people')} needed, ${have.length === 0 ? 'nobody' : list(have)} said within ${count(days, 'day', 'days')} that ${short(head)} is the newest head of ${branch}`,
    remedy: () => [
      'fetch again: what you were served may be old; a maintainer says it anew with `countersign head`',
    ],
  },
  'head-vouched-earlier': {
    outcome: 'pass',
    cause: ({ branch, head, vouched, need, days }) =>
      `${short(head)} is proven, but the newest head of ${branch} that ${count(need, 'person', 'people')} named within ${count(days, 'day')} is ${short(vouched)}`,
    remedy: () => ['a maintainer names the newest one with `countersign head`'],
  },
  'history-ratified': {
    outcome: 'pass',
    cause: ({ commit }) => `step ${short(commit)} holds because governance ratified it`,
    remedy: () => [],
  },
  'tag-unsigned': {
    outcome: 'pass',
    cause: ({ name }) =>
      `the tag ${name} itself is not signed: what it names is proven, not that it is called so`,
    remedy: () => [],
  },
  'tag-signed': {
    outcome: 'pass',
    cause: ({ name, person }) => `the tag ${name} is signed by ${person}`,
    remedy: () => [],
  },
  'tag-name-differs': {
    outcome: 'fail',
    cause: ({ asked, name }) =>
      `the tag ${asked} calls itself ${name}: somebody put it where another one belongs`,
    remedy: () => ['fetch the tags again from a place that you trust, or name the commit that you mean'],
  },
  'tag-signature-refused': {
    outcome: 'fail',
    cause: ({ name, reason }) => `the signature of the tag ${name} is not good: ${reason}`,
    remedy: () => ['do not use it; ask whoever made the tag to sign it anew'],
  },
  'tag-signer-unknown': {
    outcome: 'fail',
    cause: ({ name, fingerprint }) =>
      `the tag ${name} is signed by a key that nobody on the roster has (${short(fingerprint)})`,
    remedy: () => ['name the commit instead of the tag if only its history matters to you'],
  },
  'memory-ignored': {
    outcome: 'pass',
    cause: ({ reason }) => `what was remembered of earlier verifications is ignored: ${reason}`,
    remedy: () => ['make it your own file with mode 0600, or remove it'],
  },
  'memory-damaged': {
    outcome: 'undetermined',
    cause: ({ path }) => `the memory of what was proven last, \`${path}\`, cannot be read`,
    remedy: ({ path, url, file }) => [
      `find out what happened to it, then drop it: ${file ? `\`countersign trust forget ${url ?? 'URL'}\`` : `remove \`${path}\``}`,
      'update at once afterwards: until then an older state would be accepted',
    ],
  },
};
