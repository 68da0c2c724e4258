import { createPublicKey, generateKeyPairSync, sign as signRaw } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { sshsig, sshsigMessage, string } from '../keys/authenticator.ts';
import { useFork } from './attack.ts';
import { aboutCommit, aboutStatement, commitByHand, pinnable, policyWith, reviewByHand } from './by-hand.ts';

const shared = useFork();

const ed25519 = generateKeyPairSync('ed25519');
const raw = Buffer.from(ed25519.publicKey.export({ format: 'jwk' }).x ?? '', 'base64url');
const edKey = Buffer.concat([string('ssh-ed25519'), string(raw)]);
const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 });
const { n = '', e = '' } = createPublicKey(rsa.privateKey).export({ format: 'jwk' });
const rsaKey = Buffer.concat([
  string('ssh-rsa'),
  string(Buffer.from(e, 'base64url')),
  string(Buffer.concat([Uint8Array.of(0), Buffer.from(n, 'base64url')])),
]);

interface Row {
  readonly what: string;
  readonly key?: Buffer;
  readonly sign: (bytes: Uint8Array, namespace: string) => Uint8Array;
  readonly reason: string | null;
}

const edValue = (bytes: Uint8Array, namespace: string): Buffer =>
  Buffer.concat([
    string('ssh-ed25519'),
    string(signRaw(null, sshsigMessage(bytes, namespace), ed25519.privateKey)),
  ]);
const rsaValue = (bytes: Uint8Array, namespace: string, algorithm: string, hash: string): Buffer =>
  Buffer.concat([string(algorithm), string(signRaw(hash, sshsigMessage(bytes, namespace), rsa.privateKey))]);
const x = Buffer.from('x');

const ROWS: readonly Row[] = [
  { what: 'nothing: so far it is right', sign: (b, ns) => sshsig(edKey, ns, edValue(b, ns)), reason: null },
  {
    what: 'bytes after the blob',
    sign: (b, ns) => sshsig(edKey, ns, edValue(b, ns), { tail: 'x' }),
    reason: 'trailing-bytes',
  },
  {
    what: 'bytes after the signature',
    sign: (b, ns) => sshsig(edKey, ns, Buffer.concat([edValue(b, ns), x])),
    reason: 'trailing-bytes',
  },
  {
    what: 'bytes after the key',
    sign: (b, ns) => sshsig(Buffer.concat([edKey, x]), ns, edValue(b, ns)),
    reason: 'trailing-bytes',
  },
  {
    what: 'bytes in the reserved field',
    sign: (b, ns) => sshsig(edKey, ns, edValue(b, ns), { reserved: 'x' }),
    reason: 'signature-malformed',
  },
  {
    what: 'a namespace of its own',
    sign: (b) => sshsig(edKey, 'file', edValue(b, 'file')),
    reason: 'wrong-namespace',
  },
  { what: 'an empty namespace', sign: (b) => sshsig(edKey, '', edValue(b, '')), reason: 'wrong-namespace' },
  {
    what: 'a namespace with more after it',
    sign: (b, ns) => sshsig(edKey, `${ns}\0`, edValue(b, `${ns}\0`)),
    reason: 'wrong-namespace',
  },
  {
    what: 'the other namespace',
    sign: (b, ns) => sshsig(edKey, other(ns), edValue(b, other(ns))),
    reason: 'wrong-namespace',
  },
  {
    what: 'a namespace that only its label has',
    sign: (b, ns) => sshsig(edKey, ns, edValue(b, 'file')),
    reason: 'signature-bad',
  },
  {
    what: 'rsa-sha2-512: right as well',
    key: rsaKey,
    sign: (b, ns) => sshsig(rsaKey, ns, rsaValue(b, ns, 'rsa-sha2-512', 'sha512')),
    reason: null,
  },
  {
    what: 'ssh-rsa with SHA-1',
    key: rsaKey,
    sign: (b, ns) => sshsig(rsaKey, ns, rsaValue(b, ns, 'ssh-rsa', 'sha1')),
    reason: 'weak-hash',
  },
  {
    what: 'ssh-rsa that says SHA-2',
    key: rsaKey,
    sign: (b, ns) => sshsig(rsaKey, ns, rsaValue(b, ns, 'rsa-sha2-256', 'sha1')),
    reason: 'signature-bad',
  },
];

const other = (namespace: string): string => (namespace === 'git' ? 'countersign@v1' : 'git');

describe.each(ROWS)('row 37: an SSHSIG with $what', ({ key = edKey, sign, reason }) => {
  test('counts for nothing unless it is exactly right', async () => {
    const { fork } = shared;
    const type = key === edKey ? 'ssh-ed25519' : 'ssh-rsa';
    const base = await policyWith(fork, { erin: pinnable('erin', `${type} ${key.toString('base64')}`) });
    const signed = await fork.verify(base, await commitByHand(fork, base, (bytes) => sign(bytes, 'git')));
    const head = await fork.commit({ as: 'alice', on: base });
    const review = await reviewByHand(fork, { as: 'erin', base, head }, (bytes) =>
      sign(bytes, 'countersign@v1'),
    );
    const reviewed = await fork.verify(base, head, [review]);
    const people = reason === null ? ['erin'] : [];
    expect([signed.people.authors, reviewed.people.approvers]).toEqual([people, people]);
    if (reason === null) return;
    expect(aboutCommit(signed)).toMatchObject({ code: 'commit-signature-bad', outcome: 'fail', reason });
    expect(aboutStatement(reviewed)).toMatchObject({ code: 'statement-signature', reason });
  });
});
