import { describe, expect, test } from 'vitest';
import type { Certificate, Keyring } from '../../../src/core/identity/keyring.ts';
import { findLockouts, tellLockout, type LockoutCode } from '../../../src/core/policy/lockout.ts';
import type { Pin, Policy } from '../../../src/core/policy/policy.ts';
import { NO_KEYS, PEOPLE, pinOf, policyOf, rule } from './policies.ts';

const NOW = 1_800_000_000;
const DAY = 86_400;

/** A certificate whose one key ends so many days from now; `null`: never. */
function certificate(primary: string, days: number | null): Certificate {
  return {
    file: `${primary}.asc`,
    primary,
    userIds: [],
    keys: [
      {
        fingerprint: primary,
        primary: true,
        algorithm: 'ed25519',
        bits: 256,
        material: `ed25519:${primary}`,
        createdAt: 0,
        standing: {
          binding: 'verified',
          canSign: true,
          backSignature: 'verified',
          expiresAt: days === null ? null : NOW + days * DAY,
          revoked: null,
        },
      },
    ],
  };
}

const openpgp = (fingerprint: string): Pin => ({ kind: 'openpgp', fingerprint });
const hardware = (name: string): Pin => ({ ...pinOf(name), type: 'sk-ssh-ed25519@openssh.com' }) as Pin;

/** People by their pins, all in the one group, with one requirement and a governance of so many. */
function team(
  pins: Readonly<Record<string, readonly Pin[]>>,
  need: { approvals?: number; people?: number; governance?: number },
): Policy {
  return policyOf({
    people: pins,
    groups: { team: Object.keys(pins) },
    governance: { people: need.governance ?? 1, from: 'team' },
    require: [rule('everything', { people: need.people ?? 1, approvals: need.approvals ?? 0 })],
  });
}

function codes(policy: Policy, keyring: Keyring = NO_KEYS): LockoutCode[] {
  return findLockouts(policy, keyring, NOW).map(({ code }) => code);
}

const ring = (...certificates: Certificate[]): Keyring => ({ certificates, unreadable: [] });
const people = (number: number): Record<string, readonly Pin[]> =>
  Object.fromEntries(PEOPLE.slice(0, number).map((name) => [name, [pinOf(name)]]));

describe('warnings of lock-out', () => {
  test('none where one person can be spared everywhere', () => {
    expect(codes(team(people(4), { people: 2, approvals: 2, governance: 3 }))).toEqual([]);
  });

  test.each([
    [{ people: 4, governance: 3 }, ['lockout-quorum-tight']],
    [{ approvals: 3, governance: 3 }, ['lockout-quorum-tight']],
    [{ approvals: 2, governance: 4 }, ['lockout-quorum-tight']],
    [{ approvals: 4, governance: 3 }, ['lockout-quorum-unreachable']],
    [{ people: 5, governance: 3 }, ['lockout-quorum-unreachable']],
    [{ people: 2, governance: 5 }, ['lockout-quorum-unreachable']],
  ])('of four people who need %o', (need, expected) => {
    expect(codes(team(people(4), need))).toEqual(expected);
  });

  test('an author who is no member takes no approver away', () => {
    const outsider = team(people(2), { approvals: 2 });
    const [first] = findLockouts(outsider, NO_KEYS, NOW);
    expect(first).toMatchObject({ code: 'lockout-quorum-unreachable', data: { always: false, need: 3 } });
    const [never] = findLockouts(team(people(2), { approvals: 3 }), NO_KEYS, NOW);
    expect(never).toMatchObject({ data: { always: true } });
  });

  test('the last admin, by the one key that is left', () => {
    const pins = { alice: [pinOf('alice')], bob: [openpgp('B')], carol: [openpgp('C')] };
    expect(codes(team(pins, { people: 1 }), ring(certificate('B', -1)))).toEqual([
      'lockout-last-admin',
      'lockout-quorum-tight',
      'lockout-quorum-tight',
      'lockout-no-key',
      'lockout-no-key',
    ]);
  });

  test('keys that end soon, at the time when the quorum is lost and not before', () => {
    const pins = { alice: [openpgp('A')], bob: [openpgp('B')], carol: [openpgp('C')], dave: [openpgp('D')] };
    const policy = team(pins, { people: 2, governance: 1 });
    const ending = (...days: (number | null)[]): Keyring =>
      ring(...['A', 'B', 'C', 'D'].map((name, index) => certificate(name, days[index] ?? null)));
    expect(codes(policy, ending(10, 20, null, null))).toEqual([]);
    const found = findLockouts(policy, ending(10, 20, 30, null), NOW);
    expect(found).toMatchObject([
      {
        code: 'lockout-quorum-expiring',
        data: { days: 30, whose: ['alice', 'bob', 'carol'], name: 'everything' },
      },
    ]);
    expect(codes(policy, ending(10, 20, 90, null))).toEqual([]);
    expect(codes(policy, ending(-1, -1, -1, null))[0]).toBe('lockout-quorum-unreachable');
  });

  test('a second key that lasts keeps the quorum', () => {
    const pins = { alice: [openpgp('A'), pinOf('alice')], bob: [openpgp('B')], carol: [pinOf('carol')] };
    const policy = team(pins, { people: 2 });
    expect(codes(policy, ring(certificate('A', 5), certificate('B', 5)))).toEqual([]);
  });

  test('single hardware keys, where nothing else is left without them', () => {
    const mixed = { alice: [hardware('alice')], bob: [hardware('bob')], carol: [pinOf('carol')] };
    expect(codes(team(mixed, { people: 2, governance: 1 }))).toEqual(['lockout-hardware']);
    const spare = { ...mixed, bob: [hardware('bob'), pinOf('bob')] };
    expect(codes(team(spare, { people: 2, governance: 1 }))).toEqual([]);
  });

  test('telling users the newest commit is a quorum of governance too', () => {
    const asking = (needed: number): Policy => ({
      ...team(people(4), { people: 2, governance: 2 }),
      branches: team(people(4), { people: 2 }).branches.map((one) => ({
        ...one,
        freshness: { days: 7, people: needed },
      })),
    });
    expect(codes(asking(3))).toEqual([]);
    expect(findLockouts(asking(4), NO_KEYS, NOW)).toMatchObject([
      { code: 'lockout-quorum-tight', place: ['branches', 0, 'freshness', 'people'] },
    ]);
    const [found] = findLockouts(asking(5), NO_KEYS, NOW);
    expect(found).toMatchObject({ code: 'lockout-quorum-unreachable', data: { kind: 'freshness', need: 5 } });
    expect(found && tellLockout(found).message).toContain('telling users the newest commit under `stable`');
  });

  test('point to their places, and say what to do', () => {
    const found = findLockouts(
      team({ ...people(1), bob: [openpgp('B')] }, { people: 2, governance: 2 }),
      NO_KEYS,
      NOW,
    );
    expect(found.map(({ place }) => place.join('.'))).toEqual([
      'governance.people',
      'branches.0.require.0',
      'branches.0.commits.signed-by',
      'people.bob',
    ]);
    for (const lockout of found) {
      const { message, remedy } = tellLockout(lockout);
      for (const text of [message, remedy]) expect(text).toMatch(/^[`a-z0-9].*[^.]$/);
    }
  });
});
