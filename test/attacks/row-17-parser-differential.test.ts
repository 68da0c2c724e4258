import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { LogLine } from '../../src/cli/log/line.ts';
import { makeCommit, store, withSignature } from '../core/object/made.ts';
import type { SshKey } from '../keys/keys.ts';
import { useFork } from './attack.ts';

const shared = useFork();

async function signedByAlice(raw: Buffer): Promise<Buffer> {
  const { fork } = shared;
  const alice = fork.people.get('alice') as SshKey;
  return withSignature(raw, await fork.keys.sshSign(alice, raw, 'git'));
}

async function lineOf(id: string): Promise<LogLine | undefined> {
  const { code, out } = await shared.fork.cli('log', '--json', '--policy', 'policy', '-n', '1', id);
  expect(code).toBe(0);
  return JSON.parse(out) as LogLine;
}

const AUTHOR = 'author mallory <mallory@example.org> 1700000000 +0000\n';
const edit = (from: string | RegExp, to: string) => (raw: Buffer) =>
  Buffer.from(raw.toString('latin1').replace(from, to), 'latin1');

/** Each is signed by alice as it would be without the trick, and shows one thing to one reader and another to the next. */
test.each<[string, (raw: Buffer) => Buffer]>([
  ['two authors', edit(/^author/m, `${AUTHOR}author`)],
  ['two committers', edit(/^committer/m, `${AUTHOR.replace('author', 'committer')}committer`)],
  ['two trees', edit(/^tree (.*)\n/, 'tree $1\ntree $1\n')],
  ['two encodings', edit(/^gpgsig/m, 'encoding UTF-8\nencoding ISO-8859-1\ngpgsig')],
  ['two encodings around the signature', edit(/^gpgsig((?:.|\n )*)\n/m, 'encoding a\n$&encoding b\n')],
  ['two signatures', edit(/^gpgsig/m, 'gpgsig x\ngpgsig')],
  ['a signature header that git leaves out too', edit(/^gpgsig/m, 'gpgsig-other x\ngpgsig')],
  ['a parent after the author', edit(/^committer/m, `parent ${'1'.repeat(40)}\ncommitter`)],
  ['the committer before the author', edit(/^(author .*\n)(committer .*\n)/m, '$2$1')],
  ['NUL in the message', edit('made', 'ma\0de')],
  ['NUL in a header', edit(/^gpgsig/m, 'x a\0b\ngpgsig')],
  ['an author of two lines', edit(/^author (.*)\n/m, 'author $1\r\n x\n')],
])('row 17: a commit with %s is refused with a code', async (_what, trick) => {
  const { fork } = shared;
  const base = await fork.setPolicy();
  await fork.git('branch', '--force', 'policy', base);
  const raw = trick(await signedByAlice(makeCommit({ parents: [base] })));
  const id = store(fork.dir, 'commit', raw);
  expect(await lineOf(id)).toMatchObject({
    commit: id,
    kind: 'none',
    status: 'malformed',
    person: null,
    findings: [{ code: 'commit-malformed' }],
  });
  const report = await fork.verify(base, id);
  expect(report.outcome).not.toBe('pass');
  expect(report.outcome).not.toBe('pending');
});

test.each([
  ['CR in the message', { message: 'one\r\n\r\ntwo\r\n' }],
  ['a message in another encoding, said so', { headers: 'encoding ISO-8859-1\n', message: 'Gr\xfc\xdfe\n' }],
  ['a message in another encoding, not said', { message: 'Gr\xfc\xdfe\n' }],
  ['unknown headers', { headers: 'change-id abc\nHG:extra x\n' }],
  ['a message without a line end', { message: 'made' }],
  ['no message', { message: '' }],
])('row 17: %s verifies where it is what was signed, and not otherwise', async (_what, made) => {
  const { fork } = shared;
  const base = await fork.setPolicy();
  await fork.git('branch', '--force', 'policy', base);
  const raw = await signedByAlice(makeCommit({ parents: [base], ...made }));
  expect(await lineOf(store(fork.dir, 'commit', raw))).toMatchObject({
    status: 'good',
    person: 'alice',
    findings: [],
  });
  const touched = edit(/\nauthor alice/, '\nauthor Alice')(raw);
  expect(await lineOf(store(fork.dir, 'commit', touched))).toMatchObject({ status: 'bad', person: null });
});

test('row 17: taking CR away from a signed message makes the signature bad', async () => {
  const { fork } = shared;
  const base = await fork.setPolicy();
  await fork.git('branch', '--force', 'policy', base);
  const raw = await signedByAlice(makeCommit({ parents: [base], message: 'one\r\ntwo\r\n' }));
  const id = store(fork.dir, 'commit', edit(/\r/g, '')(raw));
  expect(await lineOf(id)).toMatchObject({ status: 'bad', findings: [{ code: 'signature-bad' }] });
});

test('row 17: what git itself signs in another encoding and with CR verifies, as git says', async () => {
  const { fork } = shared;
  const base = await fork.setPolicy();
  await fork.git('branch', '--force', 'policy', base);
  const alice = fork.people.get('alice') as SshKey;
  const message = join(fork.keys.home, 'message');
  await writeFile(message, Buffer.from('Gr\xfc\xdfe\r\n\r\nmore\r\n', 'latin1'));
  await writeFile(join(fork.keys.home, 'allowed'), `alice ${alice.publicKey}\n`);
  await fork.git(
    ...[
      '-c',
      'i18n.commitEncoding=ISO-8859-1',
      '-c',
      'gpg.format=ssh',
      '-c',
      `user.signingkey=${alice.path}`,
    ],
    ...['commit', '--quiet', '--allow-empty', '--cleanup=verbatim', '-S', '-F', message],
  );
  await fork.git('-c', `gpg.ssh.allowedSignersFile=${fork.keys.home}/allowed`, 'verify-commit', 'HEAD');
  expect(await fork.git('cat-file', 'commit', 'HEAD')).toContain('encoding ISO-8859-1\n');
  expect(await lineOf('HEAD')).toMatchObject({ status: 'good', person: 'alice', findings: [] });
});
