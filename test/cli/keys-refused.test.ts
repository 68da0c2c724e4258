import { chmod, readFile, symlink, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { string } from '../keys/authenticator.ts';
import { makeHandCertificate } from '../keys/hand-certificates.ts';
import { keyOf, makeMaterial } from '../keys/hand-keys.ts';
import type { GpgKey, SshKey } from '../keys/keys.ts';
import { BOB, codeOf, policyOf, runCountersign, useKeysStage } from './keys-stage.ts';

const stage = useKeysStage();

let alice: GpgKey;
let carol: SshKey;
beforeAll(async () => {
  alice = await stage().keys.makeGpgKey('alice', { signingSubkeys: ['ed25519'] });
  carol = await stage().keys.makeSshKey('carol');
});
beforeEach(async () => {
  await stage().reset(policyOf());
  await stage().put('alice.asc', alice.certificate);
  await stage().put('carol.pub', `${carol.publicKey}\n`);
});

describe('refused with a code and a remedy', () => {
  const made = new Map<string, GpgKey>();
  beforeAll(async () => {
    const { keys } = stage();
    for (const [name, options] of [
      ['rsa1024', { algorithm: 'rsa1024' }],
      ['dsa', { algorithm: 'dsa2048' }],
      ['brainpool', { algorithm: 'brainpoolP256r1' }],
      ['expired', { at: '20200101T000000', expires: '2020-02-01' }],
      ['certifier', { usage: 'cert' }],
      ['revoked', {}],
    ] as const) {
      made.set(name, await keys.makeGpgKey(name, options));
    }
    const revoked = made.get('revoked')?.fingerprint ?? '';
    const ascii = await readFile(join(keys.home, 'openpgp-revocs.d', `${revoked}.rev`), 'utf8');
    await keys.gpg(['--import'], Buffer.from(ascii.replace(/^:-----/m, '-----')));
    made.set('revoked', {
      ...(made.get('revoked') ?? alice),
      certificate: await keys.exportCertificate(revoked),
    });
  });

  test.each([
    ['rsa1024', 'weak-key'],
    ['dsa', 'dsa-refused'],
    ['brainpool', 'algorithm-unsupported'],
    ['expired', 'key-expired'],
    ['certifier', 'key-not-for-signing'],
    ['revoked', 'key-revoked-hard'],
  ])('a certificate that is %s: %s', async (name, code) => {
    await stage().put('key.asc', made.get(name)?.certificate ?? '');
    const { code: exit, out, err } = await stage().run('add', 'erin', 'key.asc');
    expect([exit, out, codeOf(err)]).toEqual([1, '', code]);
    expect(err).toContain('\n  → ');
  });

  test('says what to do with a key that has ended or is revoked', async () => {
    const errors = new Map<string, string>();
    for (const name of ['expired', 'revoked', 'dsa']) {
      await stage().put('key.asc', made.get(name)?.certificate ?? '');
      errors.set(name, (await stage().run('add', 'erin', 'key.asc')).err);
    }
    const { fingerprint = '' } = made.get('expired') ?? {};
    expect(errors.get('expired')).toContain(`gpg --quick-set-expire ${fingerprint} 2y`);
    expect(errors.get('expired')).toContain(`gpg --armor --export ${fingerprint}`);
    expect(errors.get('revoked')).toContain('→ bring another key');
    expect(errors.get('dsa')).toContain('it is a DSA key');
  });

  const files: readonly (readonly [string, string, () => Promise<Uint8Array | string>])[] = [
    ['a private SSH key', 'private-key', () => readFile(carol.path)],
    [
      'a private OpenPGP key',
      'private-key',
      async () => (await stage().keys.gpg(['--armor', '--export-secret-keys', alice.fingerprint])).stdout,
    ],
    [
      'a binary private OpenPGP key',
      'private-key',
      async () => (await stage().keys.gpg(['--export-secret-keys', alice.fingerprint])).stdout,
    ],
    [
      'several certificates',
      'several-certificates',
      async () => Buffer.concat([alice.certificate, (await stage().keys.makeGpgKey('frank')).certificate]),
    ],
    ['several SSH keys', 'several-keys', () => Promise.resolve(`${BOB}\n${carol.publicKey}\n`)],
    [
      'an SSH certificate',
      'ssh-certificate',
      () => {
        const type = 'ssh-ed25519-cert-v01@openssh.com';
        return Promise.resolve(`${type} ${Buffer.concat([string(type), string('x')]).toString('base64')}`);
      },
    ],
    [
      'an SSH key of 1024 bits',
      'weak-key',
      async () => (await stage().keys.makeSshKey('x', { type: 'rsa', bits: 1024 })).publicKey,
    ],
    ['an SSH DSA key', 'dsa-refused', () => Promise.resolve('ssh-dss AAAAB3NzaC1kc3M= x')],
    [
      'an unknown SSH key',
      'algorithm-unsupported',
      () => Promise.resolve(`ssh-xmss@openssh.com ${string('ssh-xmss@openssh.com').toString('base64')}`),
    ],
    ['a signature', 'not-a-certificate', () => stage().keys.signDetached(alice, Buffer.from('x'))],
    ['an empty file', 'not-a-key', () => Promise.resolve('')],
    ['any text', 'several-keys', () => Promise.resolve('one\ntwo\n')],
    ['one line of text', 'not-a-key', () => Promise.resolve('hello world\n')],
  ];
  test.each(files)('a file that is %s: %s', async (_what, code, make) => {
    await stage().put('key', await make());
    const { code: exit, out, err } = await stage().run('add', 'erin', 'key');
    expect([exit, out, codeOf(err)]).toEqual([1, '', code]);
    expect(err).toContain('\n  → ');
  });

  test('the same as JSON: one object', async () => {
    await stage().put('key', await readFile(carol.path));
    const { code, out, err } = await stage().run('add', 'erin', 'key', '--json');
    expect([code, err]).toEqual([1, '']);
    expect(JSON.parse(out)).toMatchObject({ ok: false, findings: [{ code: 'private-key' }] });
  });

  test('a fingerprint where a file should be', async () => {
    const { code, err } = await stage().run('add', 'alice', alice.fingerprint);
    expect([code, codeOf(err)]).toEqual([1, 'not-a-file']);
    expect(err).toContain(`gpg --armor --export ${alice.fingerprint}`);
  });

  test.each([BOB, `${BOB} her laptop`, BOB.split(' ')[1] ?? ''])(
    'a key instead of a file: %s',
    async (key) => {
      const { code, err } = await stage().run('add', 'erin', key);
      expect([code, codeOf(err)]).toEqual([1, 'not-a-file']);
      expect(err).toContain('that is a key itself');
      expect(err).toContain('→ put it in a file');
      expect(err).not.toContain(key);
    },
  );

  test('a file that is not there, in words', async () => {
    const { code, err } = await stage().run('add', 'erin', 'nowhere.asc');
    expect([code, err]).toEqual([
      2,
      'countersign keys add: `nowhere.asc` cannot be read: there is no such file [file-unreadable]\n',
    ]);
    const below = await stage().run('add', 'erin', 'alice.asc/key.asc');
    expect(below.err).toContain('cannot be read: a part of its path is no folder');
    await stage().put('secret.pub', BOB);
    await chmod(join(stage().dir, 'secret.pub'), 0);
    // root reads everything
    const denied = await stage().run('add', 'erin', 'secret.pub');
    if (process.getuid?.() !== 0) expect(denied.err).toContain('cannot be read: permission denied');
  });

  test('a repository without a policy: how to begin, by every command', async () => {
    await rm(join(stage().dir, '.countersign'), { recursive: true });
    const said =
      'there is no .countersign/policy.yaml in the repository around this folder [policy-missing]\n';
    const remedy = '`countersign init` writes a first one, or adapt policy.example.yaml';
    for (const args of [
      ['keys', 'list'],
      ['keys', 'add', 'alice', 'alice.asc'],
      ['policy', 'lint'],
    ]) {
      const { code, err } = await runCountersign(args, stage().dir);
      expect(code).toBe(2);
      expect(err).toContain(`${said}  → ${remedy}`);
    }
    for (const args of [
      ['keys', 'list', '--policy', 'other.yaml'],
      ['policy', 'lint', 'other.yaml'],
    ]) {
      const { code, err } = await runCountersign(args, stage().dir);
      expect(code).toBe(2);
      expect(err).toMatch(/`other.yaml` cannot be read: there is no such file \[file-unreadable\]\n$/);
    }
  });

  test('a server key of the policy, as nobody', async () => {
    await stage().reset(`${policyOf()}web-flow: [${alice.fingerprint.toLowerCase()}]\n`);
    await stage().put('alice.asc', alice.certificate);
    expect(codeOf((await stage().run('add', 'alice', 'alice.asc')).err)).toBe('web-flow-key');
  });

  test.each([
    [['add', 'a b', 'alice.asc'], 64],
    [['add', 'alice'], 64],
    [['add', 'alice', 'alice.asc', '--presence', 'often'], 64],
    [['add', 'carol', 'carol.pub', '--presence', 'touch'], 64],
    [['add', 'alice', 'alice.asc', '--proof', 'p', '--sign'], 64],
    [['add', 'alice', '-', '--proof', '-'], 64],
    [['add', 'alice', 'nowhere.asc'], 2],
    [['add', 'alice', '.'], 2],
    [['add', 'alice', 'alice.asc', '--proof', 'nowhere'], 2],
    [['add', 'alice', 'alice.asc', '--policy', 'nowhere.yaml'], 2],
    [['add', '--help'], 0],
  ])('%j: %i', async (args, code) => {
    expect((await stage().run(...args)).code).toBe(code);
  });
});

describe('one key under two people', () => {
  test('is refused by its fingerprint', async () => {
    await stage().reset(policyOf(`  alice:\n    keys:\n      - openpgp: ${alice.fingerprint}\n`));
    await stage().put('alice.asc', alice.certificate);
    await stage().put('bob.pub', BOB);
    const openpgp = await stage().run('add', 'erin', 'alice.asc', '--sign');
    expect([openpgp.code, codeOf(openpgp.err)]).toEqual([1, 'policy-key-shared']);
    expect(openpgp.err).toContain("already `alice`'s");
    const ssh = await stage().run('add', 'erin', 'bob.pub');
    expect([ssh.code, codeOf(ssh.err)]).toEqual([1, 'policy-key-shared']);
  });

  test('is refused across formats and as a subkey', async () => {
    const material = makeMaterial('ed25519-legacy');
    const raw = material.parameters.subarray(-32);
    const ssh = `ssh-ed25519 ${Buffer.concat([string('ssh-ed25519'), string(raw)]).toString('base64')}`;
    const own = makeHandCertificate({
      primary: keyOf(material),
      userIds: [{ text: 'erin', signatures: [{}] }],
    });
    const below = makeHandCertificate({
      primary: keyOf(makeMaterial('ed25519-legacy')),
      userIds: [{ text: 'frank', signatures: [{}] }],
      subkeys: [{ key: keyOf(material), bindings: [{}] }],
    });
    await stage().reset(policyOf(`  dave: { keys: [{ ssh: "${ssh}" }] }\n`));
    for (const [file, certificate] of Object.entries({ own, below })) {
      await stage().put(file, certificate);
      const { code, err } = await stage().run('add', 'erin', file);
      expect([file, code, codeOf(err)]).toEqual([file, 1, 'policy-key-shared']);
    }
    await stage().put('own', own);
    expect((await stage().run('add', 'dave', 'own')).code).toBe(3);
  });

  test('a pin that names a subkey is in the way of others, not of its own person', async () => {
    await stage().reset(policyOf(`  alice: { keys: [{ openpgp: ${alice.fingerprints[1] ?? ''} }] }\n`));
    await stage().put('alice.asc', alice.certificate);
    expect((await stage().run('add', 'alice', 'alice.asc')).code).toBe(3);
    expect(codeOf((await stage().run('add', 'erin', 'alice.asc')).err)).toBe('policy-pin-is-subkey');
  });

  test('is refused as a twin of one person', async () => {
    await stage().put('bob.pub', `${BOB} comment\n`);
    const { err } = await stage().run('add', 'bob', 'bob.pub');
    expect(err).toBe(
      'countersign keys add: `bob` has this key already, and there is nothing new in it [policy-key-twice]\n  → nothing to do\n',
    );
  });
});

describe('where it cannot write', () => {
  test('a broken policy is shown as lint shows it', async () => {
    await stage().reset(policyOf().replace('from: core }\nbots', 'from: nobody }\nbots'));
    await stage().put('alice.asc', alice.certificate);
    const { code, out, err } = await stage().run('add', 'alice', 'alice.asc');
    expect([code, out]).toEqual([1, '']);
    expect(err).toContain('[policy-unknown-group]');
    expect(err).toContain('^^^^^^');
  });

  test('a policy that is a link is not read, and a certificate file of another key not overwritten', async () => {
    await stage().reset(policyOf(), {
      [`${alice.fingerprint}.asc`]: (await stage().keys.makeGpgKey('frank')).certificate,
    });
    await stage().put('alice.asc', alice.certificate);
    expect(codeOf((await stage().run('add', 'alice', 'alice.asc')).err)).toBe('file-taken');
    await rm(join(stage().dir, '.countersign/policy.yaml'));
    await stage().put('elsewhere.yaml', policyOf());
    await symlink('../elsewhere.yaml', join(stage().dir, '.countersign/policy.yaml'));
    expect((await stage().run('add', 'alice', 'alice.asc')).code).toBe(2);
  });

  test('a policy that can only be edited by hand says what to write', async () => {
    const odd = policyOf().replace('    keys:\n      - ssh:', '    ? keys\n    : - ssh:');
    await stage().reset(odd);
    await stage().put('carol.pub', carol.publicKey);
    const { code, err } = await stage().run('add', 'bob', 'carol.pub');
    expect([code, codeOf(err)]).toEqual([1, 'policy-not-editable']);
    expect(err).toContain(`- ssh: ${carol.publicKey.split(' ').slice(0, 2).join(' ')}`);
  });
});
