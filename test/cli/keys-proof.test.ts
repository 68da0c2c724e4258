import { beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { GpgKey, SshKey } from '../keys/keys.ts';
import { codeOf, policyOf, textFor, useKeysStage, type Result } from './keys-stage.ts';

const stage = useKeysStage();
let alice: GpgKey;
let carol: SshKey;
let carolText: Buffer;
beforeAll(async () => {
  alice = await stage().keys.makeGpgKey('alice', { signingSubkeys: ['ed25519'] });
  carol = await stage().keys.makeSshKey('carol');
});
beforeEach(async () => {
  await stage().reset(policyOf());
  await stage().put('alice.asc', alice.certificate);
  await stage().put('carol.pub', `${carol.publicKey}\n`);
  carolText = Buffer.from((await stage().run('add', 'carol', 'carol.pub')).out);
});

const prove = async (person: string, file: string, proof: string | Uint8Array): Promise<Result> => {
  await stage().put('proof', proof);
  return stage().run('add', person, file, '--proof', 'proof');
};
const crlf = (bytes: string | Uint8Array): Buffer =>
  Buffer.from(Buffer.from(bytes).toString('latin1').replaceAll('\n', '\r\n'), 'latin1');

describe('a text that was changed on the way', () => {
  const texts: readonly (readonly [string, (text: Buffer) => Buffer, string])[] = [
    ['CR LF', crlf, 'its lines ended in CR LF'],
    ['CR LF and no end', (text) => crlf(text).subarray(0, -2), 'its lines ended in CR LF'],
    ['no final newline', (text) => text.subarray(0, -1), 'the newline at its end'],
    ['a second final newline', (text) => Buffer.concat([text, Buffer.from('\n')]), 'the newline at its end'],
    [
      'a byte order mark',
      (text) => Buffer.concat([Buffer.from([0xef, 0xbb, 0xbf]), text]),
      'a byte order mark',
    ],
  ];
  test.each(texts)(
    '%s: the signature does not count, and the message says why',
    async (_what, change, words) => {
      const before = await stage().files();
      const openpgp = textFor('alice', `openpgp:${alice.fingerprint}`);
      for (const result of [
        await prove(
          'carol',
          'carol.pub',
          await stage().keys.sshSign(carol, change(carolText), 'countersign@v1'),
        ),
        await prove('alice', 'alice.asc', await stage().keys.signDetached(alice, change(openpgp))),
      ]) {
        expect([result.code, codeOf(result.err)]).toEqual([1, 'signature-bad']);
        expect(result.err).toContain(`it is by this key, but over a changed text (${words}`);
      }
      expect(await stage().files()).toEqual(before);
    },
  );

  test('another text altogether: the message asks', async () => {
    const result = await prove(
      'carol',
      'carol.pub',
      await stage().keys.sshSign(carol, Buffer.from('x\n'), 'countersign@v1'),
    );
    expect(codeOf(result.err)).toBe('signature-bad');
    expect(result.err).toContain('was the text changed on the way');
  });

  test('what was changed after signing is undone: the signature is over our bytes', async () => {
    const ssh = Buffer.from(await stage().keys.sshSign(carol, carolText, 'countersign@v1'));
    const openpgp = Buffer.from(
      await stage().keys.signDetached(alice, textFor('alice', `openpgp:${alice.fingerprint}`)),
    );
    for (const [person, file, text, armor] of [
      ['carol', 'carol.pub', carolText, ssh],
      ['alice', 'alice.asc', textFor('alice', `openpgp:${alice.fingerprint}`), openpgp],
    ] as const) {
      const trimmed = Buffer.from(armor.toString().trimEnd());
      for (const proof of [
        crlf(armor),
        trimmed,
        crlf(Buffer.concat([text, armor])),
        Buffer.concat([text.subarray(0, -1), crlf('\n\n'), trimmed]),
      ]) {
        await stage().reset(policyOf());
        await stage().put('alice.asc', alice.certificate);
        await stage().put('carol.pub', `${carol.publicKey}\n`);
        expect((await prove(person, file, proof)).code).toBe(0);
      }
    }
  });
});

describe('the message names', () => {
  test('both keys where another one signed', async () => {
    const mallory = await stage().keys.makeGpgKey('mallory');
    const text = textFor('alice', `openpgp:${alice.fingerprint}`);
    const gpg = await prove('alice', 'alice.asc', await stage().keys.signDetached(mallory, text));
    expect(codeOf(gpg.err)).toBe('proof-by-another-key');
    expect(gpg.err).toContain(
      `signed with the key ${mallory.fingerprint}, and it is to prove ${alice.fingerprint}`,
    );
    const other = await stage().keys.makeSshKey('other');
    const ssh = await prove(
      'carol',
      'carol.pub',
      await stage().keys.sshSign(other, carolText, 'countersign@v1'),
    );
    const [, mine = ''] = /^key: ssh:(.*)$/m.exec(carolText.toString()) ?? [];
    await stage().put('other.pub', `${other.publicKey}\n`);
    const [, theirs = ''] =
      /^key: ssh:(.*)$/m.exec((await stage().run('add', 'erin', 'other.pub')).out) ?? [];
    expect(codeOf(ssh.err)).toBe('proof-by-another-key');
    expect(theirs).toMatch(/^SHA256:/);
    expect(ssh.err).toContain(`signed with the key ${theirs}, and it is to prove ${mine}`);
  });

  test('the namespace that is wanted', async () => {
    const { err } = await prove('carol', 'carol.pub', await stage().keys.sshSign(carol, carolText, 'git'));
    expect(codeOf(err)).toBe('wrong-namespace');
    expect(err).toContain(
      '  → sign it again with `-n countersign@v1`: `ssh-keygen -Y sign -n countersign@v1 -f ',
    );
  });

  test.each([
    ['gpg', 'alice', 'alice.asc', 'install GnuPG'],
    ['ssh-keygen', 'carol', 'carol.pub', 'install OpenSSH'],
  ])('%s where it is not installed', async (tool, person, file, remedy) => {
    const path = process.env['PATH'];
    process.env['PATH'] = stage().dir;
    try {
      const { code, err } = await stage().run('add', person, file, '--sign');
      expect([code, codeOf(err)]).toEqual([1, 'tool-missing']);
      expect(err).toContain(`\`${tool}\` is not installed`);
      expect(err).toContain(remedy);
    } finally {
      process.env['PATH'] = path;
    }
  });
});
