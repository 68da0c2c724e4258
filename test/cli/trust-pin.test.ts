import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { encodeIntroduction } from '../../src/core/history/introduction.ts';
import { parseOid, type Oid } from '../../src/core/object/id.ts';
import { policyDigest } from '../../src/core/policy/folder-digest.ts';
import { parseCommit } from '../../src/core/object/commit.ts';
import { openRepository } from '../../src/git/reader.ts';
import { parseTrust } from '../../src/trust/parse.ts';
import type { TrustEntry } from '../../src/trust/entry.ts';
import { openFork, type Fork } from '../fork/fork.ts';
import { trustText } from '../trust/texts.ts';
import { useTrustStage } from './trust-stage.ts';

const stage = useTrustStage();

const URL = 'https://github.com/acme/nixpkgs';
const groups = {
  maintainers: ['alice', 'bob', 'carol'],
  core: ['alice', 'bob'],
  admins: ['alice', 'bob'],
};

let fork: Fork;
let introduction: Oid;
let digest: string;
beforeAll(async () => {
  fork = await openFork({ alice: 'ssh', bob: 'gpg', carol: 'ssh' });
  const base = parseOid(await fork.setPolicy({ groups, governance: '{ people: 2, from: admins }' }));
  if (base === null) throw new Error('no commit');
  introduction = base;
  // What is pinned is what the introduction says, whatever the branch says now.
  await fork.setPolicy({ governance: '{ people: 1, from: maintainers }' }, { on: base });
  const opened = await openRepository(fork.dir);
  const [raw] = await opened.repository.readCommits([introduction]);
  const parsed = parseCommit(introduction, raw ?? new Uint8Array());
  if (!parsed.ok) throw new Error(parsed.detail);
  digest = policyDigest(await opened.repository.readPolicyFolder(parsed.commit.tree));
  await opened.dispose();
});
afterAll(async () => {
  await fork.close();
});

async function entry(): Promise<TrustEntry> {
  const parsed = parseTrust(Buffer.from(await stage.read(stage.own)), stage.own);
  const found = parsed.ok ? parsed.entries[0] : undefined;
  if (found === undefined) throw new Error('no entry');
  return found;
}

const pin = (...args: string[]): ReturnType<typeof stage.run> =>
  stage.run('pin', URL, '--repository', fork.dir, ...args);
const codeOf = (text: string): string => /\[([a-z-]+)\]$/m.exec(text)?.[1] ?? text;

describe('trust pin', () => {
  test('pins the keys of those who govern at the introduction, and the policy’s digest', async () => {
    await stage.put(stage.own, `# mine\n${trustText({ introduction })}`);
    const { code, out, err } = await pin();
    expect(err).toBe('');
    expect(code).toBe(0);
    const { heads, policy } = await entry();
    expect([...heads.keys()]).toEqual(['alice', 'bob']);
    const alice = fork.people.get('alice');
    const bob = fork.people.get('bob');
    if (alice?.kind !== 'ssh' || bob?.kind !== 'openpgp') throw new Error('other keys');
    expect(heads.get('alice')).toMatchObject([{ kind: 'ssh', blob: alice.publicKey.split(' ')[1] }]);
    expect(heads.get('bob')).toEqual([{ kind: 'openpgp', fingerprint: bob.fingerprint }]);
    expect(policy).toBe(digest);
    expect(out).toContain('2 people of group `admins`\n');
    expect(out).toContain(`  bob  openpgp ${bob.fingerprint}\n`);
    expect(out).toContain(`  policy sha256:${digest}\n`);
    expect(await stage.read(stage.own)).toMatch(/^# mine\n/);

    const before = await stage.read(stage.own);
    expect((await pin()).code).toBe(0);
    expect(await stage.read(stage.own)).toBe(before);
  });

  test('goes with the introduction string, and prints JSON', async () => {
    const text = encodeIntroduction({
      project: 'github.com/acme/nixpkgs',
      branch: 'master',
      commit: introduction,
      policy: digest,
    });
    await stage.run('add', text);
    const pinned = JSON.parse((await pin('--json')).out) as unknown;
    expect(pinned).toMatchObject({
      ok: true,
      file: stage.own,
      policy: `sha256:${digest}`,
      heads: [{ name: 'alice' }, { name: 'bob' }],
    });
    const listed = JSON.parse((await stage.run('list', '--json')).out) as unknown;
    expect(listed).toMatchObject({ entries: [{ heads: [{ name: 'alice' }, { name: 'bob' }] }] });
  });

  test('does not take the place of other pins unless told to', async () => {
    const more = `heads: { alice: [{ openpgp: ${'A'.repeat(40)} }] }`;
    await stage.put(stage.own, trustText({ introduction, more }));
    const refused = await pin();
    expect(refused.code).toBe(1);
    expect(codeOf(refused.err)).toBe('trust-other-heads');
    expect(await stage.read(stage.own)).toBe(trustText({ introduction, more }));
    expect((await pin('--replace')).code).toBe(0);
    expect((await entry()).heads.get('alice')).toMatchObject([{ kind: 'ssh' }]);
  });

  test('refuses a policy or project that is not the one that is trusted', async () => {
    await stage.put(stage.own, trustText({ introduction, policy: `sha256:${'e'.repeat(64)}` }));
    expect(codeOf((await pin()).err)).toBe('trust-other-policy');
    await stage.put(stage.own, trustText({ introduction, project: 'github.com/mallory/nixpkgs' }));
    const refused = await pin();
    expect([refused.code, codeOf(refused.err)]).toEqual([1, 'trust-other-project']);
    expect((await entry()).heads.size).toBe(0);
  });

  test('refuses what is not there', async () => {
    expect((await pin()).code).toBe(1);
    await stage.put(stage.own, trustText());
    expect((await pin()).code).toBe(2);
    expect((await stage.run('pin', URL, '--repository', stage.home)).code).toBe(2);
    const without = await fork.commit({
      files: { '.countersign/policy.yaml': null },
      as: 'alice',
      on: introduction,
    });
    await stage.put(stage.own, trustText({ introduction: without }));
    expect((await pin()).code).not.toBe(0);
    expect((await entry()).heads.size).toBe(0);
  });

  test('of several branches asks for one', async () => {
    const two =
      trustText({ introduction }) + trustText({ introduction, branch: 'stable' }).replace(/^[^-]*/, '  ');
    await stage.put(stage.own, two);
    const refused = await pin();
    expect(refused.code).toBe(64);
    expect(refused.err).toContain('`master`, `stable`');
    expect((await pin('--branch', 'stable')).code).toBe(0);
    expect((await entry()).heads.size).toBe(0);
  });
});
