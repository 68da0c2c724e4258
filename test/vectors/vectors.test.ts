import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { openKeyring } from '../../src/core/identity/certificate.ts';
import type { OpenedKeyring } from '../../src/core/identity/certificate.ts';
import { standingOf } from '../../src/core/identity/standing.ts';
import type { KeyUse } from '../../src/core/identity/standing.ts';
import type { Proof } from '../../src/core/signature/proof.ts';
import { verifySignature } from '../../src/core/signature/verify.ts';
import type { CertificateVector, SignatureExpectation, SignatureVector, Standing } from './vector.ts';

const read = (path: string): string => readFileSync(join(import.meta.dirname, path), 'utf8');
const bytesOf = (base64: string): Uint8Array => new Uint8Array(Buffer.from(base64, 'base64'));

/** Reasons and problems that this set must reach: one that is added later needs a vector. */
const REASONS =
  'algorithm-unsupported dsa-refused key-unknown several-signatures signature-bad signature-malformed ssh-certificate ' +
  'text-mode-signature trailing-bytes unsigned version-unsupported weak-hash weak-key wrong-namespace ' +
  'wrong-signature-type x509-unsupported';
const PROBLEMS =
  'algorithm-unsupported back-signature-bad back-signature-missing binding-bad key-created-later key-expired ' +
  'key-not-bound key-not-for-signing key-revoked-hard key-revoked-soft signature-expired weak-key';

const GROUPS = [
  'openpgp-good',
  'openpgp-refused',
  'openpgp-standing',
  'openpgp-cleartext',
  'ssh-good',
  'ssh-refused',
];
const groups = GROUPS.map((name) => ({
  name,
  vectors: JSON.parse(read(`signatures/${name}.json`)) as SignatureVector[],
}));
const certificates = JSON.parse(read('certificates/certificates.json')) as CertificateVector[];

async function answer(vector: SignatureVector): Promise<SignatureExpectation> {
  const files = vector.certificates.map((text, index) => ({
    path: `${index}.asc`,
    bytes: Buffer.from(text),
  }));
  const opened = await openKeyring(files);
  expect(opened.keyring.unreadable).toEqual([]);
  const { namespace, form } = vector;
  const armor = new Uint8Array(Buffer.from(vector.armor));
  const proof = await verifySignature(
    { payload: bytesOf(vector.payload), armor, form, namespace },
    opened.keys,
  );
  const { status, reason, kind, key, issuer, presence } = proof;
  return {
    status,
    reason,
    kind,
    fingerprint: key?.fingerprint ?? (status === 'unknown-key' ? issuer : null),
    primaryFingerprint: key?.kind === 'openpgp' ? key.primary : null,
    presence,
    standing: vector.expect.standing.map(({ at, landed }) => judge(opened, proof, at, landed)),
  };
}

function judge(
  { keyring }: OpenedKeyring,
  { key, claimedAt, expiresAt }: Proof,
  at: number,
  landed: boolean,
): Standing {
  const owner = keyring.certificates.find(
    ({ primary }) => key?.kind === 'openpgp' && primary === key.primary,
  );
  const found = owner?.keys.find(({ fingerprint }) => fingerprint === key?.fingerprint);
  if (found === undefined) return { at, landed, problems: ['no such key'] };
  const use: KeyUse = { at, landed, claimedAt, expiresAt };
  return { at, landed, problems: standingOf(found, use).toSorted() };
}

describe.each(groups)('signature vectors: $name', ({ vectors }) => {
  const answers = new Map<string, SignatureExpectation>();
  beforeAll(async () => {
    for (const vector of vectors) answers.set(vector.name, await answer(vector));
  });

  it.each(vectors)('$name', ({ name, expect: expected }) => {
    expect(answers.get(name)).toEqual(expected);
  });
});

describe('certificate vectors', () => {
  it.each(certificates)('$name', async ({ file, expect: expected }) => {
    const { keyring } = await openKeyring([{ path: 'a', bytes: bytesOf(file) }]);
    expect(keyring.unreadable).toEqual(
      expected.unreadable === null ? [] : [{ path: 'a', reason: expected.unreadable }],
    );
    const described = keyring.certificates.map(({ primary, userIds, keys }, index) => ({
      primary,
      userIds,
      keys: keys.map((key, place) => ({
        fingerprint: key.fingerprint,
        algorithm: key.algorithm,
        bits: key.bits,
        createdAt: key.createdAt,
        expiresAt: key.standing.expiresAt,
        revoked: key.standing.revoked,
        standing: (expected.certificates[index]?.keys[place]?.standing ?? []).map(({ at, landed }) => {
          const use = { at, landed, claimedAt: null, expiresAt: null };
          return { at, landed, problems: standingOf(key, use).toSorted() };
        }),
      })),
    }));
    expect(described).toEqual(expected.certificates);
  });
});

describe('the vectors', () => {
  const signatures = groups.flatMap(({ vectors }) => vectors);

  it('are as many as README.md says', () => {
    const counted = groups.map(({ name, vectors }) => `| \`signatures/${name}.json\` | ${vectors.length} |`);
    const readme = read('README.md');
    for (const line of [...counted, `| \`certificates/certificates.json\` | ${certificates.length} |`]) {
      expect(readme).toContain(line);
    }
  });

  it('reach every reason and every problem', () => {
    const reasons = new Set(
      signatures.flatMap(({ expect: { reason } }) => (reason === null ? [] : [reason])),
    );
    expect([...reasons].toSorted()).toEqual(REASONS.split(' '));
    const judged = [
      ...signatures.flatMap(({ expect: { standing } }) => standing),
      ...certificates.flatMap(({ expect: { certificates: all } }) =>
        all.flatMap(({ keys }) => keys.flatMap(({ standing }) => standing)),
      ),
    ];
    expect([...new Set(judged.flatMap(({ problems }) => problems))].toSorted()).toEqual(PROBLEMS.split(' '));
  });
});
