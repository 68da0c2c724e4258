import type { Oid } from '../../object/id.ts';
import { count, list, short, type Entry } from './entry.ts';

/** What is wrong with a whole history, or with what a user is served, beside the single steps. */
export interface HistoryFindings {
  'introduction-missing': { readonly introduction: Oid };
  'introduction-not-reached': { readonly introduction: Oid; readonly to: Oid };
  'introduction-policy-differs': {
    readonly introduction: Oid;
    readonly expected: string;
    readonly found: string;
  };
  /** `here`: whether what was seen lies in this repository. */
  'history-downgrade': {
    readonly branch: string;
    readonly seen: Oid;
    readonly to: Oid;
    readonly here: boolean;
  };
  'history-fork': { readonly branch: string; readonly seen: Oid; readonly to: Oid };
  /** `ledger` is `null` where there is none any more. */
  'ledger-rewritten': { readonly seen: Oid; readonly ledger: Oid | null };
  'ledger-behind': { readonly seen: Oid; readonly ledger: Oid | null };
  'freshness-unpinned': { readonly branch: string; readonly need: number; readonly pinned: number };
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
}

const FETCH_AGAIN =
  'fetch again from a place that you trust; if the project really went back, its people say so, and `--allow-downgrade` accepts it';

export const historyFindings: { readonly [C in keyof HistoryFindings]: Entry<HistoryFindings[C]> } = {
  'introduction-missing': {
    outcome: 'undetermined',
    cause: ({ introduction }) => `the introduction ${short(introduction)} is not in this repository`,
    remedy: () => [
      'fetch the whole history: `git fetch --unshallow`, or check the introduction and the repository',
    ],
  },
  'introduction-not-reached': {
    outcome: 'fail',
    cause: ({ introduction, to }) =>
      `the first parents of ${short(to)} do not lead to the introduction ${short(introduction)}`,
    remedy: () => [
      'check that the commit is of the branch that the introduction was published for',
      'if the branch was pushed with its history rewritten, or merged backwards, its people have to put it right or publish a new introduction',
    ],
  },
  'introduction-policy-differs': {
    outcome: 'fail',
    cause: ({ introduction }) =>
      `the policy at the introduction ${short(introduction)} is not the one that was published with it`,
    remedy: ({ expected, found }) => [
      `ask the project for its introduction once more: it names sha256:${expected}, here is sha256:${found}`,
    ],
  },
  'history-downgrade': {
    outcome: 'fail',
    cause: ({ branch, seen, to, here }) =>
      here
        ? `${short(to)} is older than ${short(seen)}, which you have seen proven on ${branch} before`
        : `${short(seen)}, which you have seen proven on ${branch} before, did not come with ${short(to)}: an old state is served, or this clone is out of date`,
    remedy: () => [FETCH_AGAIN],
  },
  'history-fork': {
    outcome: 'fail',
    cause: ({ branch, seen, to }) =>
      `${short(to)} does not contain ${short(seen)}, which you have seen proven on ${branch} before: the branch was forked`,
    remedy: () => [FETCH_AGAIN],
  },
  'ledger-rewritten': {
    outcome: 'fail',
    cause: ({ seen, ledger }) =>
      ledger === null
        ? `the ledger is gone; you saw it at ${short(seen)} before`
        : `the ledger was rewritten: ${short(ledger)} does not contain ${short(seen)}, which you saw before`,
    remedy: () => [
      '`countersign archive` says what is gone and can bring it back; `--allow-downgrade` accepts the ledger as it is now',
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
    cause: ({ branch, need, pinned }) =>
      `the policy wants ${count(need, 'person', 'people')} to say what the newest head of ${branch} is, and your trust file pins ${pinned}`,
    remedy: () => [
      'pin them: `countersign trust pin URL`',
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
};
