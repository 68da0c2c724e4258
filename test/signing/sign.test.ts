import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { openKeyring } from '../../src/core/identity/certificate.ts';
import { noKeys } from '../../src/core/signature/verification-keys.ts';
import { verifySignature } from '../../src/core/signature/verify.ts';
import { signWithAgent, signWithGpg, signWithSsh, type Signed } from '../../src/signing/sign.ts';
import { must, openKeys, run, type Keys } from '../keys/keys.ts';

const text = new TextEncoder().encode('countersign: possession/v1\n');
const saved = { ...process.env };
let keys: Keys;
beforeAll(async () => {
  keys = await openKeys();
});
afterEach(() => {
  process.env = { ...saved };
});
afterAll(() => keys.close());

function armorOf(signed: Signed): Uint8Array {
  if (!signed.ok) throw new Error(`${signed.tool}: ${signed.problem}`);
  return new TextEncoder().encode(signed.armor);
}

describe("a person's own gpg", () => {
  test('signs with exactly the key that is named, whatever its configuration says', async () => {
    const alice = await keys.makeGpgKey('alice', { signingSubkeys: ['ed25519', 'nistp256'] });
    const { keys: known } = await openKeyring([{ path: 'alice.asc', bytes: alice.certificate }]);
    await writeFile(join(keys.home, 'gpg.conf'), 'textmode\ndigest-algo SHA1\ncomment x\n');
    process.env['GNUPGHOME'] = keys.home;
    // A folder for temporary files that no other test uses.
    const temporary = await mkdtemp(join(tmpdir(), 'cn-'));
    process.env['TMPDIR'] = temporary;
    for (const fingerprint of alice.fingerprints) {
      const armor = armorOf(await signWithGpg(text, fingerprint));
      const proof = await verifySignature(
        { payload: text, armor, form: 'detached', namespace: 'countersign@v1' },
        known,
      );
      expect(proof).toMatchObject({ status: 'good', key: { fingerprint, primary: alice.fingerprint } });
    }
    await rm(join(keys.home, 'gpg.conf'));
    delete process.env['TMPDIR'];
    expect(await readdir(temporary)).toEqual([]);
    await rm(temporary, { recursive: true });
  });

  test('without the secret key says so', async () => {
    process.env['GNUPGHOME'] = keys.home;
    expect(await signWithGpg(text, 'A'.repeat(40))).toEqual({
      ok: false,
      tool: 'gpg',
      problem: 'secret-key-missing',
    });
  });

  test('that is not installed is named', async () => {
    process.env['PATH'] = keys.home;
    expect(await signWithGpg(text, 'A'.repeat(40))).toEqual({
      ok: false,
      tool: 'gpg',
      problem: 'tool-missing',
    });
  });
});

describe("a person's own ssh-keygen", () => {
  test('signs with the private key beside the public one', async () => {
    const bob = await keys.makeSshKey('bob');
    const armor = armorOf(await signWithSsh(text, 'countersign@v1', `${bob.path}.pub`));
    const claim = { payload: text, armor, form: 'detached', namespace: 'countersign@v1' } as const;
    expect(await verifySignature(claim, noKeys)).toMatchObject({
      status: 'good',
      key: { blob: bob.publicKey.split(' ')[1] },
    });
    expect(await verifySignature({ ...claim, namespace: 'git' }, noKeys)).toMatchObject({
      reason: 'wrong-namespace',
    });
  });

  test('signs with a key that only the agent has', async () => {
    const carol = await keys.makeSshKey('carol');
    const socket = join(keys.home, 'agent');
    const agent = spawn('ssh-agent', ['-D', '-a', socket], { stdio: ['ignore', 'pipe', 'ignore'] });
    const ended = once(agent, 'exit');
    try {
      await once(agent.stdout, 'data');
      process.env['SSH_AUTH_SOCK'] = socket;
      must('ssh-add', await run('ssh-add', ['-q', carol.path]));
      await rename(carol.path, `${carol.path}.away`);
      const armor = armorOf(await signWithAgent(text, 'countersign@v1', carol.publicKey));
      const claim = { payload: text, armor, form: 'detached', namespace: 'countersign@v1' } as const;
      expect(await verifySignature(claim, noKeys)).toMatchObject({ status: 'good' });
    } finally {
      agent.kill();
      await ended;
    }
  });

  test('without the key says that it failed', async () => {
    delete process.env['SSH_AUTH_SOCK'];
    const dave = await keys.makeSshKey('dave');
    await rm(dave.path);
    for (const signed of [
      await signWithSsh(text, 'countersign@v1', `${dave.path}.pub`),
      await signWithAgent(text, 'countersign@v1', dave.publicKey),
    ]) {
      expect(signed).toEqual({ ok: false, tool: 'ssh-keygen', problem: 'tool-failed' });
    }
  });
});
