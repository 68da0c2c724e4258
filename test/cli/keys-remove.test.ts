import { beforeAll, describe, expect, test } from 'vitest';
import type { GpgKey, SshKey } from '../keys/keys.ts';
import { BOB, policyOf, useKeysStage } from './keys-stage.ts';

const stage = useKeysStage();
let alice: GpgKey;
let carol: SshKey;
let people: string;
beforeAll(async () => {
  alice = await stage().keys.makeGpgKey('alice', { signingSubkeys: ['ed25519'] });
  carol = await stage().keys.makeSshKey('carol');
  const ssh = carol.publicKey.split(' ').slice(0, 2).join(' ');
  people = `  alice: # her
    keys:
      # the old one
      - openpgp: ${alice.fingerprint}
      - ssh: ${ssh} # the new one
`;
});
const codeOf = (text: string): string => /\[([a-z0-9-]+)\]$/m.exec(text)?.[1] ?? text;

describe('keys remove', () => {
  test('takes the pin and its certificate away, and nothing else', async () => {
    await stage().reset(policyOf(people), { 'alice.asc': alice.certificate, 'other.asc': Buffer.from('x') });
    const { code, out } = await stage().run('remove', 'alice', alice.fingerprint);
    expect([code, out.includes('.countersign/keys/alice.asc (removed)')]).toEqual([0, true]);
    expect(await stage().files()).toEqual({
      'policy.yaml': policyOf(people.replace(/ *- openpgp.*\n/, '')),
      'keys/other.asc': 'x',
    });
  });

  test.each([
    ['the first 16 digits, in any letter case', () => alice.fingerprint.slice(0, 16).toLowerCase()],
    ['what the policy and the statement call it', () => `openpgp:${alice.fingerprint}`],
    ['digits in groups', () => `0x${alice.fingerprint.replaceAll(/(.{4})/g, '$1 ').trim()}`],
  ])('knows a key by %s', async (_how, key) => {
    await stage().reset(policyOf(people));
    expect((await stage().run('remove', 'alice', key())).code).toBe(0);
    expect(await stage().policy()).not.toContain(alice.fingerprint);
  });

  test('knows an SSH key by its fingerprint', async () => {
    await stage().reset(policyOf(people), { 'alice.asc': alice.certificate });
    const { out } = await stage().run('list', '--json');
    const { keys } = JSON.parse(out) as { keys: { person: string; format: string; fingerprint: string }[] };
    const ssh = keys.find(({ person, format }) => person === 'alice' && format === 'ssh')?.fingerprint ?? '';
    const removed = await stage().run('remove', 'alice', ssh, '--json');
    expect(JSON.parse(removed.out)).toMatchObject({ ok: true, result: 'removed', removed: [] });
    expect(await stage().policy()).toContain(alice.fingerprint);
    expect(await stage().policy()).not.toContain('the new one');
    expect(JSON.parse(removed.out)).toMatchObject({ kind: 'person', format: 'ssh' });
    await stage().reset(policyOf(people));
    expect((await stage().run('remove', 'alice', `ssh:${ssh}`)).code).toBe(0);
    expect(await stage().policy()).not.toContain('the new one');
  });

  test('with --dry-run writes nothing', async () => {
    await stage().reset(policyOf(people), { 'alice.asc': alice.certificate });
    const before = await stage().files();
    expect((await stage().run('remove', 'alice', alice.fingerprint, '--dry-run')).code).toBe(0);
    expect(await stage().files()).toEqual(before);
  });

  test('leaves a file that holds other certificates too', async () => {
    const both = Buffer.concat([alice.certificate, (await stage().keys.makeGpgKey('dave')).certificate]);
    await stage().reset(policyOf(people), { 'both.asc': both });
    expect((await stage().run('remove', 'alice', alice.fingerprint)).code).toBe(0);
    expect(Object.keys(await stage().files())).toContain('keys/both.asc');
  });

  test.each([
    ['the last key of a person', 'bob', () => 'SHA256:', 'key-unknown'],
    [
      'a key id, which names the end of a fingerprint',
      'alice',
      () => alice.fingerprint.slice(-16),
      'key-unknown',
    ],
    ['too few digits', 'alice', () => alice.fingerprint.slice(0, 15), 'key-unknown'],
    ['a subkey', 'alice', () => alice.fingerprints[1] ?? '', 'key-unknown'],
    ['a key of nobody', 'zoe', () => alice.fingerprint, 'person-unknown'],
  ])('does not find %s', async (_what, person, key, code) => {
    await stage().reset(policyOf(people));
    const result = await stage().run('remove', person, key());
    expect([result.code, codeOf(result.err)]).toEqual([1, code]);
    expect(await stage().policy()).toBe(policyOf(people));
  });

  test.each([
    [() => alice.fingerprint.slice(0, 10), '10 digits are too few: 16 at least'],
    [() => `openpgp:${alice.fingerprint.slice(0, 1)}`, '1 digit is too few: 16 at least'],
    [() => 'SHA256:abcdefgh', '8 digits are too few: 16 at least'],
    [() => 'ssh:SHA256:abcdefgh', '8 digits are too few: 16 at least'],
    [() => 'laptop', '`alice` has no key `laptop`'],
    [() => 'F'.repeat(40), `\`alice\` has no key \`${'F'.repeat(40)}\``],
  ])('says of %s what is wrong with it: %s', async (key, words) => {
    await stage().reset(policyOf(people));
    const { code, err } = await stage().run('remove', 'alice', key());
    expect([code, codeOf(err)]).toEqual([1, 'key-unknown']);
    expect(err).toContain(words);
  });

  test('refuses the last key, and says how to remove the person', async () => {
    await stage().reset(policyOf(people));
    const { out } = await stage().run('list', '--json');
    const { keys } = JSON.parse(out) as { keys: { person: string; fingerprint: string }[] };
    const bob = keys.find(({ person }) => person === 'bob')?.fingerprint ?? '';
    const { code, err } = await stage().run('remove', 'bob', bob);
    expect([code, codeOf(err)]).toEqual([1, 'last-key']);
    expect(err).toContain(
      '→ add the new key first (`countersign keys add bob FILE`), then remove this one; ',
    );
    expect(err).toContain('take `bob` out of `people` and out of `core`');
    expect(await stage().policy()).toContain(BOB);
  });

  test('of two keys that begin alike wants more digits', async () => {
    const [one, two] = [`${'A'.repeat(20)}${'1'.repeat(20)}`, `${'A'.repeat(20)}${'2'.repeat(20)}`];
    await stage().reset(policyOf(`  dave: { keys: [{ openpgp: ${one} }, { openpgp: ${two} }] }\n`));
    expect(codeOf((await stage().run('remove', 'dave', 'A'.repeat(16))).err)).toBe('key-ambiguous');
    expect((await stage().run('remove', 'dave', `${'A'.repeat(20)}2`)).code).toBe(0);
    expect(await stage().policy()).toContain(`dave: { keys: [{ openpgp: ${one} }] }`);
  });
});
