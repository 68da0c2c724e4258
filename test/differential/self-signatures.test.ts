import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as openpgp from 'openpgp';
import { describe, expect, it } from 'vitest';
import { checkCertified } from '../../src/core/identity/certified.ts';
import type { Certified } from '../../src/core/identity/certified.ts';
import { parseKeyFile } from '../../src/core/identity/key-file.ts';
import type { CertificatePackets } from '../../src/core/identity/certificate-packets.ts';
import { certifyingKey, checkPacket } from '../../src/core/identity/reference.ts';
import type { OpenpgpSignature } from '../../src/core/signature/openpgp-signature.ts';
import { hasCorpus, readCorpusKeys } from '../corpus.ts';
import type { CertificateVector, SignatureVector } from '../vectors/vector.ts';

const VECTORS = join(import.meta.dirname, '../vectors');

interface Self {
  readonly signature: OpenpgpSignature;
  readonly over: Certified;
}

/** Every signature of a certificate that may be its owner's, with what it is made over. */
function selfSignatures({ primary, userIds, subkeys }: CertificatePackets): Self[] {
  const key = primary.key;
  return [
    ...primary.signatures.map((signature) => ({ signature, over: { key } })),
    ...userIds.flatMap(({ bytes, signatures }) =>
      signatures.map((signature) => ({ signature, over: { key, userId: bytes } })),
    ),
    ...subkeys.flatMap(({ key: subkey, signatures }) =>
      signatures.map((signature) => ({ signature, over: { key, subkey } })),
    ),
  ];
}

/** Ours and the library's answers on every self-signature, and how many of each there were. */
async function compare(
  files: readonly (readonly [name: string, bytes: Uint8Array])[],
): Promise<Map<string, number>> {
  const counts = new Map<string, number>();
  for (const [path, bytes] of files) {
    const parsed = parseKeyFile({ path, bytes });
    for (const certificate of parsed.ok ? parsed.certificates : []) {
      const by = certificate.primary.key;
      const reference = await certifyingKey(openpgp, by);
      // The library knows DSA and the like, which confirm nothing for us; and where it can't read a key, nor must we.
      for (const { signature, over } of selfSignatures(certificate)) {
        const ours = await checkCertified(by, signature, over);
        const theirs =
          reference === null || by.key === null
            ? 'bad'
            : await checkPacket(openpgp, reference, signature, over);
        counts.set(`${ours} ${theirs}`, (counts.get(`${ours} ${theirs}`) ?? 0) + 1);
        // Which of the two ways not to be good is ours to say; that one is good must be said by both.
        expect([path, signature.type, ours === 'good']).toEqual([path, signature.type, theirs === 'good']);
      }
    }
  }
  return counts;
}

describe('self-signatures: ours against openpgp.js, packet by packet', () => {
  it('on all certificates of the vectors, right and wrong ones', async () => {
    const names = readdirSync(join(VECTORS, 'signatures')).filter((name) => name.startsWith('openpgp-'));
    const signatures = names.flatMap(
      (name) => JSON.parse(readFileSync(join(VECTORS, 'signatures', name), 'utf8')) as SignatureVector[],
    );
    const certificates = JSON.parse(
      readFileSync(join(VECTORS, 'certificates/certificates.json'), 'utf8'),
    ) as CertificateVector[];
    const texts = new Map<string, string>();
    for (const { name, certificates: armored } of signatures)
      for (const text of armored) texts.set(text, name);
    const files = [...texts].map(([text, name]) => [name, Buffer.from(text)] as const);
    const others = certificates.map(({ name, file }) => [name, Buffer.from(file, 'base64')] as const);
    const counts = await compare([...files, ...others]);
    expect(counts.get('good good') ?? 0).toBeGreaterThan(200);
    expect(counts.get('bad bad') ?? 0).toBeGreaterThan(5);
  });

  it.skipIf(!hasCorpus)('on all certificates of the corpus', async () => {
    const counts = await compare(readCorpusKeys().map(({ path, bytes }) => [path, bytes] as const));
    expect([...counts.keys()].sort()).toEqual(['bad bad', 'good good']);
    expect(counts.get('good good')).toBeGreaterThan(100);
  });
});
