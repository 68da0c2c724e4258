import { afterAll, beforeAll, expect, test } from 'vitest';
import { prove } from '../../../src/core/facts/prove.ts';
import { readFacts } from '../../../src/core/facts/reading.ts';
import { parseOid, type Oid } from '../../../src/core/object/id.ts';
import { gather } from '../../../src/gather/gather.ts';
import { openRepository } from '../../../src/git/reader.ts';
import { openFork, type Content, type Fork } from '../../fork/fork.ts';
import { makeHandKey } from '../../keys/hand-keys.ts';
import { armorPgp, HAND_TIME, packet, signByHand, TAG } from '../../keys/packets.ts';

let fork: Fork;
let path = '';
let prolonged = '';
beforeAll(async () => {
  fork = await openFork({ alice: 'ssh', carol: 'ssh' });
  const bob = await fork.keys.makeGpgKey('bob', { at: '20250101T000000', expires: '2028-01-01' });
  fork.people.set('bob', bob);
  path = `.countersign/keys/${bob.fingerprint}.asc`;
  await fork.keys.gpg(['--quick-set-expire', bob.fingerprint, '2031-01-01']);
  prolonged = Buffer.from(await fork.keys.exportCertificate(bob.fingerprint)).toString('latin1');
});
afterAll(async () => {
  await fork.close();
});

function oid(text: string): Oid {
  const id = parseOid(text);
  if (id === null) throw new Error(`no id: ${text}`);
  return id;
}

/** The key files that a commit of these files on a policy brings nothing new to but a later end. */
async function refreshed(files: Readonly<Record<string, Content>>): Promise<string[]> {
  const base = await fork.setPolicy();
  const head = await fork.commit({ files, as: 'alice', on: base });
  const opened = await openRepository(fork.dir);
  try {
    const target = { kind: 'change', branch: 'master', tip: oid(base), head: oid(head) } as const;
    const statements = { about: () => Promise.resolve({ sources: [], earlier: [] }) };
    const ports = { repository: opened.repository, statements };
    const facts = await gather(target, ports, { now: 1_800_000_000, repository: null });
    return [...(await prove(readFacts(facts))).refreshed];
  } finally {
    await opened.dispose();
  }
}

test('a certificate that was prolonged in its place is told from other changes of the keyring', async () => {
  expect(await refreshed({ [path]: prolonged })).toEqual([path]);
  expect(await refreshed({ [path]: prolonged, 'pkgs/a': '1\n', '.countersign/note': 'x\n' })).toEqual([path]);
});

test('a second file, a removed one, a link, an executable, or another letter case is no refresh', async () => {
  const elsewhere = path.replace('.asc', '-2.asc');
  expect(await refreshed({ [elsewhere]: prolonged })).toEqual([]);
  expect(await refreshed({ [path]: null })).toEqual([]);
  expect(await refreshed({ [path]: null, [elsewhere]: prolonged })).toEqual([]);
  expect(await refreshed({ [path]: { link: 'elsewhere' } })).toEqual([]);
  expect(await refreshed({ [path]: { executable: prolonged } })).toEqual([]);
  expect(await refreshed({ [path.replace('keys', 'Keys')]: prolonged })).toEqual([]);
});

test('nothing is spent on a certificate that goes beyond the bounds of the whole keyring', async () => {
  const full = Array.from({ length: 16 }, (_, file): [string, string] => {
    const key = makeHandKey('ed25519-legacy');
    const junk = Array.from({ length: 512 }, (_, index) =>
      packet(
        TAG.signature,
        signByHand(key, Buffer.alloc(0), {
          type: 0x1f,
          createdAt: HAND_TIME + index,
          value: Buffer.alloc(0),
        }),
      ),
    );
    const certificate = Buffer.concat([packet(TAG.publicKey, key.body), ...junk]);
    return [`.countersign/keys/+${file}.asc`, armorPgp('PUBLIC KEY BLOCK', certificate)];
  });
  expect(await refreshed({ ...Object.fromEntries(full), [path]: prolonged })).toEqual([]);
});
