import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { makeAuthenticator, string } from '../keys/authenticator.ts';
import { must, run, type GpgKey, type SshKey } from '../keys/keys.ts';
import { codeOf, policyOf, useKeysStage } from './keys-stage.ts';

const stage = useKeysStage();
const keyOf = ({ publicKey }: { publicKey: string }): string => publicKey.split(' ').slice(0, 2).join(' ');

let alice: SshKey;
let carol: SshKey;
let dave: GpgKey;
let policy: string;
beforeAll(async () => {
  const { keys } = stage();
  alice = await keys.makeSshKey('alice');
  carol = await keys.makeSshKey('carol', { type: 'ecdsa' });
  dave = await keys.makeGpgKey('dave');
  policy = policyOf(
    `  alice: { keys: [{ ssh: "${keyOf(alice)}" }] }\n` +
      `  dave: { keys: [{ openpgp: ${dave.fingerprint} }] }\n`,
  );
});
beforeEach(() => stage().reset(policy, { 'dave.asc': dave.certificate }));

describe('keys export', () => {
  test('gives ssh-keygen who signed, for git and for reviews and nothing else', async () => {
    const { code, out, err } = await stage().run('export');
    expect(code).toBe(0);
    expect(err).toContain('2 OpenPGP keys left out');
    const allowed = await stage().put('allowed', out);
    const text = Buffer.from('text\n');
    const outcomes = [];
    for (const namespace of ['git', 'countersign@v1', 'file']) {
      const signature = await stage().put('text.sig', await stage().keys.sshSign(alice, text, namespace));
      const files = ['-f', join(stage().dir, allowed), '-s', join(stage().dir, signature)];
      const found = await run('ssh-keygen', ['-Y', 'find-principals', ...files]);
      const verified = await run(
        'ssh-keygen',
        ['-Y', 'verify', '-I', 'alice', '-n', namespace, ...files],
        text,
      );
      const other = await run('ssh-keygen', ['-Y', 'verify', '-I', 'bob', '-n', namespace, ...files], text);
      outcomes.push([namespace, found.stdout.toString().trim(), verified.code === 0, other.code === 0]);
    }
    expect(outcomes).toEqual([
      ['git', 'alice', true, false],
      ['countersign@v1', 'alice', true, false],
      ['file', 'alice', false, false],
    ]);
  });

  test('gives git what it verifies commits with', async () => {
    expect((await stage().run('export', '-o', 'allowed')).code).toBe(0);
    const repository = join(stage().dir, 'repository');
    await mkdir(repository);
    const git = async (...args: string[]) => {
      const config = ['-c', 'user.name=a', '-c', 'user.email=a@example.org', '-c', 'gpg.format=ssh'];
      const signers = ['-c', `gpg.ssh.allowedSignersFile=${join(stage().dir, 'allowed')}`];
      return run('git', ['-C', repository, ...config, ...signers, ...args]);
    };
    must('git', await git('init', '--quiet'));
    for (const key of [alice, carol]) {
      must(
        'git',
        await git('-c', `user.signingKey=${key.path}`, 'commit', '-qS', '--allow-empty', '-m', key.name),
      );
    }
    const verified = await git('verify-commit', 'HEAD~1');
    expect([verified.code, verified.stderr]).toEqual([
      0,
      expect.stringContaining('Good "git" signature for alice with ED25519 key'),
    ]);
    expect((await git('verify-commit', 'HEAD')).code).not.toBe(0);
  });

  test('of OpenPGP gives gpg the pinned certificates, and no others', async () => {
    const mallory = await stage().keys.makeGpgKey('mallory');
    await stage().reset(policy, { 'all.asc': Buffer.concat([dave.certificate, mallory.certificate]) });
    const { out, err } = await stage().run('export', '--format', 'openpgp');
    expect(err).toContain('1 pinned certificate');
    const shown = await run(
      'gpg',
      ['--homedir', stage().keys.home, '--with-colons', '--show-keys'],
      Buffer.from(out),
    );
    expect(shown.stdout.toString()).toContain(dave.fingerprint);
    expect(shown.stdout.toString()).not.toContain(mallory.fingerprint);
  });

  test('knows no other format', async () => {
    expect((await stage().run('export', '--format', 'pem')).code).toBe(64);
  });
});

describe('keys import', () => {
  test('takes back what was exported: everything is there already', async () => {
    await stage().put('allowed', (await stage().run('export')).out);
    const { code, out } = await stage().run('import', 'allowed', '--json');
    expect(code).toBe(0);
    const result = JSON.parse(out) as { files: string[]; added: unknown[]; skipped: { code: string }[] };
    expect([result.files, result.added]).toEqual([[], []]);
    expect(result.skipped.map((one) => one.code)).toEqual(['policy-key-twice', 'policy-key-twice']);
    expect(await stage().policy()).toBe(policy);
  });

  test('adds keys to people by name or e-mail address, and says that nobody proved anything', async () => {
    const token = makeAuthenticator('p256');
    await stage().put(
      'allowed',
      `# team\nalice@example.org,other@example.org namespaces="git,countersign@v1" ${keyOf(carol)} laptop\n"dave" ${keyOf(token)}\n`,
    );
    const { code, out, err } = await stage().run('import', 'allowed');
    expect(code).toBe(0);
    expect(out).toMatch(
      /^line 2: `alice` \(`alice@example.org,other@example.org`\) gets the key SHA256:.*\nline 3: `dave` gets the key SHA256:.*\n$/,
    );
    expect(err).toContain('nobody has shown that they hold these keys');
    expect(await stage().policy()).toBe(
      policy
        .replace(`"${keyOf(alice)}" }`, `"${keyOf(alice)}" }, { ssh: ${keyOf(carol)} }`)
        .replace(`${dave.fingerprint} }`, `${dave.fingerprint} }, { ssh: ${keyOf(token)} }`),
    );
    await stage().reset(policy);
    await stage().put('allowed', `alice ${keyOf(carol)}\n`);
    await stage().run('import', 'allowed', '--dry-run');
    expect(await stage().policy()).toBe(policy);
  });

  test('skips what a pin cannot be, each with a code', async () => {
    const rsa = await stage().keys.makeSshKey('x', { type: 'rsa', bits: 1024 });
    const key = keyOf(carol);
    const certificate = 'ssh-ed25519-cert-v01@openssh.com';
    const lines = [
      [`zoe ${key}`, 'person-unknown'],
      [`zoe@example.org ${key}`, 'person-unknown'],
      [`alice,dave ${key}`, 'principal-ambiguous'],
      [`*@example.org ${key}`, 'principal-pattern'],
      [`alice,!dave ${key}`, 'principal-pattern'],
      [`alice cert-authority ${key}`, 'cert-authority'],
      [`alice namespaces="file" ${key}`, 'namespace-other'],
      [`alice namespaces="git" ${key}`, 'namespace-limited'],
      [`alice namespaces="countersign@v1" ${key}`, 'namespace-limited'],
      [`alice namespaces="*,!git" ${key}`, 'namespace-limited'],
      [`alice namespaces="!git,git,countersign@v1" ${key}`, 'namespace-limited'],
      [`alice namespaces="!git,git" ${key}`, 'namespace-other'],
      [`alice namespaces="!*,git,countersign@v1" ${key}`, 'namespace-other'],
      [`alice namespaces="GIT" ${key}`, 'namespace-other'],
      [`alice valid-before="20200101Z" ${key}`, 'key-expired'],
      [`alice valid-before="20200101" ${key}`, 'key-expired'],
      [`alice valid-after="29990101Z" ${key}`, 'key-not-yet-valid'],
      [`alice valid-before="29990101Z" ${key}`, 'key-with-end'],
      [`alice ${keyOf(rsa)}`, 'weak-key'],
      [`alice ssh-dss AAAAB3NzaC1kc3M=`, 'dsa-refused'],
      [
        `alice ${certificate} ${Buffer.concat([string(certificate), string('x')]).toString('base64')}`,
        'ssh-certificate',
      ],
      [`alice ${keyOf(alice)}`, 'policy-key-twice'],
      [`dave ${keyOf(alice)}`, 'policy-key-shared'],
      [`alice ssh-ed25519`, 'line-malformed'],
      [`alice ssh-ed25519 AAAA`, 'not-a-key'],
    ];
    await stage().put('allowed', lines.map(([line]) => `${line ?? ''}\n`).join(''));
    const { code, out } = await stage().run('import', 'allowed', '--json');
    const { skipped } = JSON.parse(out) as { skipped: { line: number; code: string }[] };
    expect(code).toBe(0);
    expect(skipped.map((one) => [one.line, one.code])).toEqual(
      lines.map(([, expected], at) => [at + 1, expected]),
    );
    expect(await stage().policy()).toBe(policy);
    const plain = await stage().run('import', 'allowed');
    expect(plain.err.match(/^line \d+: skipped: /gm)).toHaveLength(lines.length);
  });

  test('takes patterns of namespaces as ssh-keygen does, and for a bot those of commits', async () => {
    await stage().put(
      'allowed',
      `alice namespaces="g*,?ountersign@v1,!file" ${keyOf(carol)}\nupdater namespaces="git" ${keyOf(makeAuthenticator('p256'))}\n`,
    );
    const { out } = await stage().run('import', 'allowed', '--dry-run');
    expect(out.match(/ gets the key /g)).toHaveLength(2);
    await stage().put('allowed', `alice namespaces="git" ${keyOf(carol)}\n`);
    expect((await stage().run('import', 'allowed')).err).toBe(
      'line 1: skipped: it is for `git`, and a pinned key of `alice` counts for reviews (`countersign@v1`) too [namespace-limited]\n' +
        '  → `countersign keys add alice FILE.pub` asks its owner; or let the line say `namespaces="git,countersign@v1"`\n' +
        '0 keys added, 1 line skipped\n',
    );
  });

  test('says how many keys were added, and lines skipped', async () => {
    await stage().put('allowed', `alice ${keyOf(carol)}\nzoe ${keyOf(carol)}\n*@x ${keyOf(carol)}\n`);
    const { err } = await stage().run('import', 'allowed', '--dry-run');
    expect(err).toContain('nobody in the policy is called `zoe` [person-unknown]');
    expect(err).toContain('\n1 key added, 2 lines skipped\n');
  });

  test('refuses private keys, and a key without a person', async () => {
    await stage().put('id', await readFile(alice.path));
    const secret = await stage().run('import', 'id');
    expect([secret.code, codeOf(secret.err)]).toEqual([1, 'private-key']);
    await stage().put('id.pub', `# mine\n${keyOf(carol)} her laptop\n`);
    const bare = await stage().run('import', 'id.pub');
    expect([bare.code, codeOf(bare.err)]).toEqual([1, 'line-malformed']);
    expect(bare.err).toContain('`countersign keys add PERSON id.pub`');
    await stage().put('two.pub', `${keyOf(carol)}\n${keyOf(alice)} laptop\nalice x${keyOf(carol)}\n`);
    const several = await stage().run('import', 'two.pub');
    expect(several.code).toBe(0);
    expect(several.err).toContain('line 2: skipped: it is a key alone');
    expect(several.err).toContain('0 keys added, 3 lines skipped\n');
    for (const { err } of [bare, several]) expect(err).not.toMatch(/AAAA[A-Za-z0-9+/]{17}/i);
  });

  test('gives one key of the file to one person only', async () => {
    await stage().put('allowed', `alice ${keyOf(carol)}\ndave ${keyOf(carol)}\nalice ${keyOf(carol)}\n`);
    const { out } = await stage().run('import', 'allowed', '--json');
    const { added, skipped } = JSON.parse(out) as {
      added: { person: string }[];
      skipped: { code: string }[];
    };
    expect(added.map(({ person }) => person)).toEqual(['alice']);
    expect(skipped.map((one) => one.code)).toEqual(['policy-key-shared', 'policy-key-twice']);
  });

  test.each([
    [['import', 'nowhere'], 2],
    [['import'], 64],
    [['import', 'allowed', '--format', 'pem'], 64],
  ])('%j: %i', async (args, code) => {
    await writeFile(join(stage().dir, 'allowed'), '');
    expect((await stage().run(...args)).code).toBe(code);
    expect(await readFile(join(stage().dir, '.countersign/policy.yaml'), 'utf8')).toBe(policy);
  });
});

test('an import of more keys than a person may have is refused before anything is done for it', async () => {
  const line = (index: number): string => {
    const point = Buffer.alloc(32, index);
    const blob = Buffer.concat([string('ssh-ed25519'), string(point)]).toString('base64');
    return `alice ssh-ed25519 ${blob}\n`;
  };
  const before = await stage().policy();
  await stage().put('many', Array.from({ length: 60 }, (_, index) => line(index + 2)).join(''));
  const refused = await stage().run('import', 'many');
  expect([refused.code, codeOf(refused.err)]).toEqual([1, 'too-many-keys']);
  expect(await stage().policy()).toBe(before);
});
