import { join } from 'node:path';
import { beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { makeAuthenticator } from '../keys/authenticator.ts';
import { makeHandCertificate } from '../keys/hand-certificates.ts';
import { keyOf, makeMaterial } from '../keys/hand-keys.ts';
import { must, run, type GpgKey, type SshKey } from '../keys/keys.ts';
import { makeLibraryKey } from '../keys/library-keys.ts';
import { codeOf, policyOf, PROJECT, textFor, useKeysStage } from './keys-stage.ts';

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

const aliceText = (): Buffer => textFor('alice', `openpgp:${alice.fingerprint}`);
const fingerprintOf = async (key: SshKey): Promise<string> => {
  const { out } = await stage().run('add', 'carol', 'carol.pub');
  expect(key).toBe(carol);
  return /^key: ssh:(.*)$/m.exec(out)?.[1] ?? '';
};

describe('a certificate as it comes by mail', () => {
  const AROUND: readonly (readonly [string, (armor: string) => string])[] = [
    ['text before it', (armor) => `Dear admin,\n\nthis is my key:\n${armor}`],
    ['text after it', (armor) => `${armor}\n-- \nalice\n`],
    ['a byte order mark', (armor) => `\ufeff${armor}`],
    ['CR LF', (armor) => `My key:\n\n${armor}Bye\n`.replaceAll('\n', '\r\n')],
    ['blank lines around its checksum', (armor) => armor.replace(/\n(=.{4})\n/, '\n\n$1\n\n')],
    ['every other line blank', (armor) => armor.replaceAll('\n', '\n\n')],
    ['blanks at the ends of lines', (armor) => armor.replaceAll('\n', ' \t\n')],
    ['letters beyond ASCII', (armor) => `Hier ist mein Schl\u00fcssel\n${armor}Gr\u00fc\u00dfe\n`],
  ];

  test.each(AROUND)('is read with %s, and written without', async (_what, change) => {
    await stage().reset(policyOf());
    const mailed = Buffer.from(change(Buffer.from(alice.certificate).toString()));
    const shown = await stage().keys.gpg(['--with-colons', '--show-keys'], mailed);
    // gpg itself stumbles over the mark that some editors put first.
    expect(shown.stdout.toString().includes(alice.fingerprint)).toBe(mailed[0] !== 0xef);
    await stage().put('mail.txt', mailed);
    const proof = await stage().keys.signDetached(alice, textFor('alice', `openpgp:${alice.fingerprint}`));
    await stage().put('proof', proof);
    const { code } = await stage().run('add', 'alice', 'mail.txt', '--proof', 'proof');
    expect(code).toBe(0);
    const written = (await stage().files())[`keys/${alice.fingerprint}.asc`] ?? '';
    expect(written).toMatch(
      /^-----BEGIN PGP PUBLIC KEY BLOCK-----\n\n[A-Za-z0-9+/=\n]+-----END PGP PUBLIC KEY BLOCK-----\n$/,
    );
  });

  test.each<[string, (armor: string, other: string) => string, string]>([
    ['two keys of two owners', (armor, other) => `${armor}and\n${other}`, 'several-certificates'],
    [
      'a second key within the first',
      (armor, other) => armor.replace('\n=', `\n${other}=`),
      'not-a-certificate',
    ],
    ['a quotation', (armor) => armor.replaceAll('\n', '\n> '), 'not-a-certificate'],
    ['text within it', (armor) => armor.replace('\n=', '\nDear admin\n='), 'not-a-certificate'],
    ['no end', (armor) => armor.replace(/-----END.*\n/, ''), 'not-a-certificate'],
    ['no beginning of its own', (armor) => `My key: ${armor}`, 'not-a-certificate'],
  ])('is refused with %s', async (_what, change, expected) => {
    await stage().reset(policyOf());
    const [armor, other] = [alice, await stage().keys.makeGpgKey('mallory')].map(({ certificate }) =>
      Buffer.from(certificate).toString(),
    );
    await stage().put('mail.txt', change(armor ?? '', other ?? ''));
    const { code, err } = await stage().run('add', 'alice', 'mail.txt');
    expect([code, codeOf(err)]).toEqual([1, expected]);
    expect(err).toContain('gpg --armor --export FINGERPRINT');
  });
});

describe('without a proof', () => {
  test('the text is printed alone, what to do beside it, and nothing is written', async () => {
    const before = await stage().files();
    const { code, out, err } = await stage().run('add', 'alice', 'alice.asc');
    expect(code).toBe(3);
    expect(out).toBe(aliceText().toString());
    expect(err).toContain('gpg --armor --detach-sign --local-user ' + alice.fingerprint);
    expect(err).toContain('countersign keys add alice alice.asc --proof possession.txt.asc');
    const ssh = await stage().run('add', 'carol', 'carol.pub');
    expect([ssh.code, ssh.out]).toEqual([
      3,
      textFor('carol', `ssh:${await fingerprintOf(carol)}`).toString(),
    ]);
    expect(ssh.err).toContain('ssh-keygen -Y sign -n countersign@v1');
    expect(await stage().files()).toEqual(before);
  });

  test('as JSON too', async () => {
    const { code, out } = await stage().run('add', 'alice', 'alice.asc', '--json');
    expect(code).toBe(3);
    expect(JSON.parse(out)).toMatchObject({
      ok: false,
      result: 'pending',
      person: 'alice',
      fingerprint: alice.fingerprint,
      statement: aliceText().toString(),
    });
  });
});

describe('a proof', () => {
  const forms: readonly (readonly [string, (text: Buffer) => Promise<Uint8Array | string>])[] = [
    ['the signature alone', (text) => stage().keys.signDetached(alice, text)],
    ['a signature by a subkey', (text) => stage().keys.signDetached(alice.fingerprints[1] ?? '', text)],
    [
      'text and signature',
      async (text) => Buffer.concat([text, await stage().keys.signDetached(alice, text)]),
    ],
    [
      'both as a comment quotes them',
      async (text) =>
        `here:\n\n> \`\`\`\n${Buffer.concat([text, await stage().keys.signDetached(alice, text)])
          .toString()
          .replaceAll(/^/gm, '> ')
          .replaceAll('\n', '\r\n')}\n> \`\`\``,
    ],
    ['a clear-signed text', (text) => stage().keys.clearsign(alice, text)],
    [
      'UTF-16 of a shell that writes such',
      async (text) =>
        Buffer.from(
          `\ufeff${Buffer.from(await stage().keys.signDetached(alice, text)).toString()}`,
          'utf16le',
        ),
    ],
  ];

  test.each(forms)('may be %s', async (_form, make) => {
    await stage().put('proof', await make(aliceText()));
    const { code, out, err } = await stage().run('add', 'alice', 'alice.asc', '--proof', 'proof');
    expect([code, ...err.split('\n').slice(0, 2)]).toEqual([
      0,
      '`alice` is not in the policy yet and would become a new person',
      '`alice` is in no group: their signatures count for nothing yet [person-in-no-group]',
    ]);
    expect(out).toContain(alice.fingerprint);
    const files = await stage().files();
    expect(files['policy.yaml']).toBe(
      policyOf(`  alice:\n    keys:\n      - openpgp: ${alice.fingerprint}\n`),
    );
    expect(files[`keys/${alice.fingerprint}.asc`]).toMatch(/^-----BEGIN PGP PUBLIC KEY BLOCK-----\n\n/);
  });

  test('by SSH pins the key alone, below those that a person has', async () => {
    const text = textFor('bob', `ssh:${await fingerprintOf(carol)}`);
    await stage().put('proof', await stage().keys.sshSign(carol, text, 'countersign@v1'));
    const { code } = await stage().run('add', 'bob', 'carol.pub', '--proof', 'proof', '--json');
    expect(code).toBe(0);
    const [type = '', blob = ''] = carol.publicKey.split(' ');
    expect(await stage().policy()).toBe(
      policyOf().replace('# his laptop\n', `# his laptop\n      - ssh: ${type} ${blob}\n`),
    );
    expect(Object.keys(await stage().files())).toEqual(['policy.yaml']);
  });

  test('adds to a bot of that name', async () => {
    await stage().put(
      'proof',
      await stage().keys.signDetached(alice, textFor('updater', `openpgp:${alice.fingerprint}`)),
    );
    expect((await stage().run('add', 'updater', 'alice.asc', '--proof', 'proof')).code).toBe(0);
    expect(await stage().policy()).toContain(
      `keys: [{ openpgp: ${'F'.repeat(40)} }, { openpgp: ${alice.fingerprint} }]`,
    );
  });

  test('completes a policy that lacks nothing but its first person', async () => {
    const first = policyOf().replace(/people:[^]*groups:\n.*\n/, 'people: {}\ngroups:\n  core: [alice]\n');
    await stage().reset(first);
    await stage().put('alice.asc', alice.certificate);
    await stage().put('proof', await stage().keys.signDetached(alice, aliceText()));
    expect((await stage().run('add', 'alice', 'alice.asc', '--proof', 'proof')).code).toBe(0);
    expect(await stage().policy()).toBe(
      first.replace('{}', `{ alice: { keys: [{ openpgp: ${alice.fingerprint} }] } }`),
    );
  });

  test('with --dry-run is checked, and nothing is written', async () => {
    const before = await stage().files();
    await stage().put('proof', await stage().keys.signDetached(alice, aliceText()));
    const { code, out } = await stage().run('add', 'alice', 'alice.asc', '--proof', 'proof', '--dry-run');
    expect([code, out.split(':')[0]]).toEqual([0, 'nothing was written; without --dry-run']);
    await stage().put('proof', await stage().keys.signDetached(alice, Buffer.from('x\n')));
    expect((await stage().run('add', 'alice', 'alice.asc', '--proof', 'proof', '--dry-run')).code).toBe(1);
    expect(await stage().files()).toEqual(before);
  });

  const bad: readonly (readonly [string, string, () => Promise<Uint8Array | string>])[] = [
    [
      'for another project',
      'proof-of-another',
      async () => {
        const text = textFor('alice', `openpgp:${alice.fingerprint}`, 'github.com/mallory/nixpkgs');
        return Buffer.concat([text, await stage().keys.signDetached(alice, text)]);
      },
    ],
    [
      'for another person',
      'proof-of-another',
      async () => {
        const text = textFor('mallory', `openpgp:${alice.fingerprint}`);
        return Buffer.concat([text, await stage().keys.signDetached(alice, text)]);
      },
    ],
    [
      'for another key',
      'proof-of-another',
      async () => {
        const text = textFor('alice', `openpgp:${alice.fingerprints[1] ?? ''}`);
        return Buffer.concat([text, await stage().keys.signDetached(alice, text)]);
      },
    ],
    [
      'for another person, the text left out',
      'signature-bad',
      () => stage().keys.signDetached(alice, textFor('mallory', `openpgp:${alice.fingerprint}`)),
    ],
    [
      'by another key',
      'proof-by-another-key',
      async () => stage().keys.signDetached(await stage().keys.makeGpgKey('mallory'), aliceText()),
    ],
    [
      'by an SSH key',
      'proof-by-another-key',
      () => stage().keys.sshSign(carol, aliceText(), 'countersign@v1'),
    ],
    [
      'in text mode',
      'text-mode-signature',
      () => stage().keys.signDetached(alice, aliceText(), ['--textmode']),
    ],
    [
      'with SHA-1',
      'weak-hash',
      async () => {
        const rsa = await stage().keys.makeGpgKey('erin', { algorithm: 'rsa2048' });
        return stage().keys.signDetached(rsa, aliceText(), ['--digest-algo', 'SHA1']);
      },
    ],
    [
      'that is a review',
      'proof-missing',
      async () => {
        const text =
          Buffer.from(`countersign: review/v1\nproject: ${PROJECT}\nbranch: master\nbase: ${'1'.repeat(40)}
head: ${'2'.repeat(40)}\nchange: sha256:${'3'.repeat(64)}\ndecision: approve\nreviewer: alice\nserial: 1\n`);
        return Buffer.concat([text, await stage().keys.signDetached(alice, text)]);
      },
    ],
    ['without a signature', 'proof-missing', () => Promise.resolve(aliceText())],
    [
      'that is binary',
      'proof-missing',
      async () =>
        (
          await stage().keys.gpg(
            ['--local-user', alice.fingerprint, '--detach-sign', '--output', '-'],
            aliceText(),
          )
        ).stdout,
    ],
  ];
  test.each(bad)('%s is refused: %s', async (_what, code, make) => {
    const before = await stage().files();
    await stage().put('proof', await make());
    const result = await stage().run('add', 'alice', 'alice.asc', '--proof', 'proof');
    expect([result.code, result.out, codeOf(result.err)]).toEqual([1, '', code]);
    expect(await stage().files()).toEqual(before);
  });

  test('made for git is none', async () => {
    const text = textFor('carol', `ssh:${await fingerprintOf(carol)}`);
    await stage().put('proof', await stage().keys.sshSign(carol, text, 'git'));
    expect(codeOf((await stage().run('add', 'carol', 'carol.pub', '--proof', 'proof')).err)).toBe(
      'wrong-namespace',
    );
  });

  test.each([
    [undefined, 0x00, 'not-touched'],
    [undefined, 0x01, null],
    ['none', 0x00, null],
    ['verified', 0x01, 'not-verified'],
    ['verified', 0x05, null],
  ])('by a hardware key with presence %s and flags %i: %s', async (presence, flags, code) => {
    const token = makeAuthenticator('ed25519');
    await stage().put('token.pub', token.publicKey);
    const args = ['add', 'erin', 'token.pub', ...(presence === undefined ? [] : ['--presence', presence])];
    const asked = await stage().run(...args);
    expect(asked.code).toBe(3);
    await stage().put('proof', token.sign(Buffer.from(asked.out), 'countersign@v1', flags));
    const result = await stage().run(...args, '--proof', 'proof');
    if (code !== null) expect([result.code, codeOf(result.err)]).toEqual([1, code]);
    else {
      expect(result.code).toBe(0);
      const line = (await stage().policy()).split('\n').find((one) => one.includes('presence:'));
      expect(line).toBe(presence === undefined ? undefined : `        presence: ${presence}`);
    }
  });
});

describe('--sign', () => {
  test('lets gpg and ssh-keygen of this machine sign, and pins', async () => {
    expect((await stage().run('add', 'alice', 'alice.asc', '--sign')).code).toBe(0);
    // The private key lies beside a .pub file only in the folder of the keys.
    expect((await stage().run('add', 'carol', `${carol.path}.pub`, '--sign')).code).toBe(0);
    expect(await stage().policy()).toContain(`openpgp: ${alice.fingerprint}`);
    expect(await stage().policy()).toContain(carol.publicKey.split(' ')[1]);
  });

  test('without the private key says so and writes nothing', async () => {
    const before = await stage().files();
    const stranger = makeHandCertificate({
      primary: keyOf(makeMaterial('ed25519-legacy')),
      userIds: [{ text: 'erin', signatures: [{}] }],
    });
    await stage().put('erin.gpg', stranger);
    for (const file of ['erin.gpg', 'carol.pub']) {
      const result = await stage().run('add', 'erin', file, '--sign');
      expect([result.code, codeOf(result.err)]).toEqual([1, 'tool-failed']);
    }
    expect(await stage().files()).toEqual(before);
  });
});

describe('the key itself', () => {
  test('may come from standard input, and is then signed for by hand', async () => {
    const main = join(import.meta.dirname, '../../src/cli/main.ts');
    const args = ['--disable-warning=ExperimentalWarning', main, 'keys', 'add', 'alice', '-'];
    const policy = join(stage().dir, '.countersign/policy.yaml');
    const ran = await run(process.execPath, [...args, '--policy', policy], alice.certificate);
    expect([ran.code, ran.stdout.toString()]).toEqual([3, aliceText().toString()]);
    expect(ran.stderr).toContain(`countersign keys add alice KEYFILE --policy ${policy} --proof`);
  });

  test('may be binary, and of version 6', async () => {
    const key = await makeLibraryKey({ version: 6, type: 'curve25519', signingSubkey: true });
    const armored = Buffer.from(key.certificate);
    await stage().put('v6.asc', armored);
    const asked = await stage().run('add', 'alice', 'v6.asc');
    expect([asked.code, asked.out]).toEqual([3, textFor('alice', `openpgp:${key.fingerprint}`).toString()]);
    await stage().put('proof', await key.sign(Buffer.from(asked.out)));
    const { code } = await stage().run('add', 'alice', 'v6.asc', '--proof', 'proof');
    expect(code).toBe(0);
    expect(await stage().policy()).toContain(`- openpgp: ${key.fingerprint}\n`);
    const listed = await stage().run('list', '--json');
    expect(listed.out).toContain(`"fingerprint":"${key.fingerprint}","type":"ed25519","bits":256`);
    const binary = must('gpg', await stage().keys.gpg(['--export', alice.fingerprint]));
    await stage().put('alice.gpg', binary);
    expect((await stage().run('add', 'alice', 'alice.gpg')).out).toBe(aliceText().toString());
  });
});
