import type { Keyring } from '../identity/keyring.ts';
import type { Policy } from './policy.ts';
import { quorumsOf, type PolicyQuorum } from './quorums.ts';
import { lastEnd, usableByPerson, type UsableKey } from './usable.ts';
import { counted, quote, quoted } from './words.ts';

const SECONDS_A_DAY = 86_400;
/** As for single keys (`expiryWarning`). */
const SOON = 60 * SECONDS_A_DAY;

/** Ways in which people may find themselves unable to sign what their policy asks for. */
export interface LockoutData {
  'lockout-quorum-unreachable': QuorumState & { readonly always: boolean };
  'lockout-quorum-expiring': QuorumState & { readonly days: number; readonly whose: readonly string[] };
  'lockout-last-admin': QuorumState;
  'lockout-quorum-tight': QuorumState;
  'lockout-hardware': QuorumState & { readonly whose: readonly string[] };
  'lockout-no-key': { readonly person: string; readonly keys: number };
}

export type LockoutCode = keyof LockoutData;

export interface QuorumState {
  readonly kind: PolicyQuorum['kind'];
  readonly branch: string | null;
  readonly name: string;
  readonly group: string;
  readonly members: number;
  /** Members who can sign now. */
  readonly usable: readonly string[];
  readonly need: number;
}

/** One warning, with the place in `policy.yaml` that it is about. */
export type Lockout = {
  [C in LockoutCode]: {
    readonly code: C;
    readonly data: LockoutData[C];
    readonly place: readonly (string | number)[];
  };
}[LockoutCode];

/**
 * What may lock people out under this policy with these keys: quorums that cannot be reached, or not after one more loss,
 * or not once keys have expired; people who can sign nothing. The worst first. It warns of what would stop work, and says
 * nothing of what is safe.
 *
 * @param now seconds since the epoch
 */
export function findLockouts(policy: Policy, keyring: Keyring, now: number): Lockout[] {
  const keys = usableByPerson(policy, keyring, now);
  const found = quorumsOf(policy).flatMap((quorum) => lockoutsOf(quorum, keys, now));
  for (const [person, usable] of keys) {
    if (usable.length > 0) continue;
    const pinned = policy.people.get(person)?.keys.length ?? 0;
    found.push({ code: 'lockout-no-key', data: { person, keys: pinned }, place: ['people', person] });
  }
  return found.toSorted((a, b) => ORDER.indexOf(a.code) - ORDER.indexOf(b.code));
}

const ORDER: readonly LockoutCode[] = [
  'lockout-quorum-unreachable',
  'lockout-quorum-expiring',
  'lockout-last-admin',
  'lockout-quorum-tight',
  'lockout-hardware',
  'lockout-no-key',
];

function lockoutsOf(
  quorum: PolicyQuorum,
  keys: ReadonlyMap<string, readonly UsableKey[]>,
  now: number,
): Lockout[] {
  const { kind, branch, name, group, need, place } = quorum;
  const usable = quorum.members.filter((member) => (keys.get(member)?.length ?? 0) > 0).sort();
  const data = { kind, branch, name, group, members: quorum.members.length, usable, need };
  if (usable.length < need) {
    const always = usable.length < quorum.needOutside;
    return [{ code: 'lockout-quorum-unreachable', data: { ...data, always }, place }];
  }
  const found: Lockout[] = [];
  const ends = usable
    .map((member) => ({ member, end: lastEnd(keys.get(member) ?? []) }))
    .sort((a, b) => a.end - b.end);
  // After so many losses one is missing.
  const end = ends[usable.length - need]?.end ?? Infinity;
  if (end - now <= SOON) {
    const whose = ends.filter((one) => one.end <= end).map(({ member }) => member);
    const days = Math.trunc((end - now) / SECONDS_A_DAY);
    found.push({ code: 'lockout-quorum-expiring', data: { ...data, days, whose }, place });
  }
  if (usable.length === need) {
    const last = kind === 'governance' && need === 1;
    found.push({ code: last ? 'lockout-last-admin' : 'lockout-quorum-tight', data, place });
  }
  const alone = usable.filter((member) => isHardwareAlone(keys.get(member) ?? []));
  if (usable.length - alone.length < need && alone.length > 0) {
    found.push({ code: 'lockout-hardware', data: { ...data, whose: alone }, place });
  }
  return found;
}

/** One key in hardware and nothing beside it: lost or broken, its owner can sign nothing. */
function isHardwareAlone(keys: readonly UsableKey[]): boolean {
  return keys.length === 1 && keys[0]?.hardware === true;
}

/** A warning in plain words: what it is, and what to do about it. */
export function lockoutInWords<C extends LockoutCode>(code: C, data: LockoutData[C]): Words {
  return WORDS[code](data);
}

/** The same for a warning as it was found. */
export function tellLockout({ code, data }: Lockout): Words {
  // Code and data belong together by the type of a warning, which the table cannot know.
  const words = WORDS[code] as (told: typeof data) => Words;
  return words(data);
}

interface Words {
  readonly message: string;
  readonly remedy: string;
}

const WORDS: { readonly [C in LockoutCode]: (data: LockoutData[C]) => Words } = {
  'lockout-quorum-unreachable'(data) {
    const who = `${counted(data.usable.length, 'person', 'people')} of ${quote(data.group)} can sign now`;
    const author = data.always ? '' : ' where one of them wrote the change';
    return {
      message: `${who}, and ${whatFor(data)} needs ${data.need}${author}: it is out of reach`,
      remedy: moreKeys(data),
    };
  },
  'lockout-quorum-expiring'(data) {
    const when = data.days < 1 ? 'within a day' : `in ${counted(data.days, 'day')}`;
    return {
      message: `${when} ${whatFor(data)} is out of reach, because keys of ${quoted(data.whose)} expire`,
      remedy: `${quoted(data.whose)} prolong their keys, and \`countersign keys add PERSON FILE\` brings the new certificates`,
    };
  },
  'lockout-last-admin': (data) => ({
    message: `${quoted(data.usable)} alone can change this policy: lost, it can never be changed again`,
    remedy: `add somebody to ${quote(data.group)}, and a second key to everybody in it`,
  }),
  'lockout-quorum-tight': (data) => ({
    message: `${whatFor(data)} needs ${data.need} of ${quote(data.group)}, and no more than that can sign: after one more loss it is out of reach`,
    remedy: moreKeys(data),
  }),
  'lockout-hardware': (data) => ({
    message: `${whatFor(data)} rests on single hardware keys of ${quoted(data.whose)}: lost or broken, it is out of reach`,
    remedy: 'a second key for each of them, kept elsewhere: `countersign keys add PERSON FILE`',
  }),
  'lockout-no-key': ({ person, keys }) => ({
    message: `${quote(person)} can sign nothing: ${keys === 1 ? 'the only key listed cannot' : `none of the ${keys} keys listed can`} sign now`,
    remedy: `bring a certificate or a key of theirs: \`countersign keys add ${person} FILE\``,
  }),
};

function whatFor({ kind, branch, name }: QuorumState): string {
  if (kind === 'governance') return 'changing this policy';
  if (kind === 'freshness') return `telling users the newest commit under ${quote(branch ?? '')}`;
  if (kind === 'signers') return `signing commits under ${quote(branch ?? '')}`;
  return `${quote(name)} of ${quote(branch ?? '')}`;
}

function moreKeys({ group }: QuorumState): string {
  return `add people to ${quote(group)}, or bring usable keys of those who are in it: \`countersign keys add PERSON FILE\``;
}
