import { execFileSync } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { LogLine } from '../../src/cli/log/line.ts';
import { makeCommit, store, withSignature } from '../core/object/made.ts';
import type { SshKey } from '../keys/keys.ts';
import { useFork } from './attack.ts';

const shared = useFork();
const ENCODING = 'encoding ISO-8859-1\n';
const MESSAGE = 'Gr\xfc\xdfe\n';

/** A commit that alice signed, laid out by JGit (CommitBuilder, `build`): the signature, then the encoding. */
async function makeByJGit(base: string): Promise<Buffer> {
  const { fork } = shared;
  const signed = makeCommit({ parents: [base], headers: ENCODING, message: MESSAGE });
  const armor = await fork.keys.sshSign(fork.people.get('alice') as SshKey, signed, 'git');
  const inOrder = withSignature(signed, armor).toString('latin1');
  return Buffer.from(inOrder.replace(ENCODING, '').replace(/\n\n/, `\n${ENCODING}\n`), 'latin1');
}

test('a commit of JGit with an encoding is signed for us as it is for git', async () => {
  const { fork } = shared;
  const base = await fork.setPolicy();
  await fork.git('branch', '--force', 'policy', base);
  const raw = await makeByJGit(base);
  expect(raw.toString('latin1')).toMatch(/-----END SSH SIGNATURE-----\nencoding ISO-8859-1\n\nGr/);
  const id = store(fork.dir, 'commit', raw);
  const alice = fork.people.get('alice') as SshKey;
  await writeFile(join(fork.keys.home, 'allowed'), `alice ${alice.publicKey}\n`);
  const allowed = `gpg.ssh.allowedSignersFile=${fork.keys.home}/allowed`;
  await fork.git('-c', allowed, 'verify-commit', id);
  execFileSync('git', ['-C', fork.dir, 'fsck', '--strict', '--no-dangling'], { stdio: 'pipe' });
  expect(await fork.git('log', '-1', '--encoding=UTF-8', '--format=%e %s', id)).toContain('ISO-8859-1 Grüße');

  const log = await fork.cli('log', '--json', '--policy', 'policy', '-n', '1', id);
  const line = JSON.parse(log.out) as LogLine;
  expect(line).toMatchObject({ commit: id, status: 'good', person: 'alice', findings: [] });
  const verdict = await fork.verify(base, id);
  expect(verdict.people.authors).toEqual(['alice']);

  // One byte of the encoding changed: another text, which nobody signed.
  const forged = Buffer.from(raw.toString('latin1').replace('8859-1\n', '8859-2\n'), 'latin1');
  const other = store(fork.dir, 'commit', forged);
  await expect(fork.git('-c', allowed, 'verify-commit', other)).rejects.toThrow();
  const bad = await fork.cli('log', '--json', '--policy', 'policy', '-n', '1', other);
  expect(JSON.parse(bad.out)).toMatchObject({ status: 'bad', person: null });
});
