import { openCertificates, openKeyring } from '../src/core/identity/certificate.ts';
import { parseKeyFile } from '../src/core/identity/key-file.ts';
import { parseSignatureArmor } from '../src/core/signature/armor.ts';
import type { Proof } from '../src/core/signature/proof.ts';
import type { VerificationKeys } from '../src/core/signature/verification-keys.ts';
import { verifySignature } from '../src/core/signature/verify.ts';
import { armorPgp } from '../test/keys/packets.ts';
import { checkProof } from '../test/properties/meaning.ts';
import { armored, type Specimen } from '../test/properties/specimen.ts';
import { SSH_NAMES } from './ssh.ts';
import { must, same } from '../test/properties/violation.ts';
import type { Target } from './target.ts';

/**
 * Whatever is done to signatures, payloads and certificates: a good proof is one over a payload that really was signed, by
 * the key that really signed it, with everything that the signature protects as it was.
 */
export async function verifierTargets(
  specimens: readonly Specimen[],
  strays: readonly Buffer[],
  files: readonly Buffer[],
): Promise<Target[]> {
  const openpgp = specimens.filter(({ kind }) => kind === 'openpgp');
  const ssh = specimens.filter(({ kind }) => kind === 'ssh');
  const { keys } = await openCertificates(
    openpgp.map(({ certificate }, index) => ({ path: String(index), bytes: certificate })),
  );
  const payloads = distinct(specimens.map(({ payload }) => payload));
  const known = [...specimens, ...(await alsoGood(strays, payloads, keys))];
  const check = async (armor: Buffer) => {
    for (const payload of payloads) checkProof(known, payload, armor, await verify(payload, armor, keys));
  };
  const armors = specimens.map((one) => armored(one, one.signature));
  return [
    {
      name: 'verify-openpgp',
      seeds: openpgp.map(({ signature }) => signature),
      words: [],
      run: (input) => check(armored({ kind: 'openpgp' }, input)),
    },
    {
      name: 'verify-ssh',
      seeds: ssh.map(({ signature }) => signature),
      words: SSH_NAMES,
      run: (input) => check(armored({ kind: 'ssh' }, input)),
    },
    { name: 'verify-armor', seeds: [...armors, ...strays], words: WORDS, run: check },
    {
      name: 'verify-payload',
      seeds: payloads,
      words: ['\n', '\r\n', ' ', '\0', 'tree 1'],
      async run(input) {
        const one = specimens[sum(input) % specimens.length];
        if (one === undefined || same(one.payload, input)) return;
        const proof = await verify(input, armored(one, one.signature), keys);
        must(
          proof.status === 'bad' && proof.reason === 'signature-bad',
          `a payload that was not signed is ${proof.status}`,
        );
      },
    },
    { name: 'key-file', seeds: files, words: [], run: runKeyFile },
    keyringTarget(openpgp.filter(({ key }) => key.length > 0)),
  ];
}

const WORDS = [
  '-----BEGIN PGP SIGNATURE-----\n',
  '-----END PGP SIGNATURE-----\n',
  '-----BEGIN SSH SIGNATURE-----\n',
  '-----END SSH SIGNATURE-----\n',
  '-----BEGIN SIGNED MESSAGE-----\n',
  '-----BEGIN PGP MESSAGE-----\n',
  '\r\n',
  '\n\n',
  '=',
  ' ',
];

function verify(payload: Buffer, armor: Buffer, keys: VerificationKeys): Promise<Proof> {
  return verifySignature({ payload, armor, form: 'detached', namespace: 'git' }, keys);
}

/** Vectors that are refused for another payload or namespace than they were made for, as what they were made for. */
async function alsoGood(
  strays: readonly Buffer[],
  payloads: readonly Buffer[],
  keys: VerificationKeys,
): Promise<Specimen[]> {
  const found: Specimen[] = [];
  for (const armor of strays) {
    for (const payload of payloads) {
      const { key } = await verify(payload, armor, keys).then((proof) =>
        proof.status === 'good' ? proof : { key: null },
      );
      if (key === null) continue;
      const label = key.kind === 'ssh' ? 'SSH SIGNATURE' : 'PGP SIGNATURE';
      const signature = Buffer.from(parseSignatureArmor(armor, label));
      const { kind, fingerprint } = key;
      found.push({
        name: 'stray',
        kind,
        payload,
        signature,
        certificate: Buffer.alloc(0),
        key: Buffer.alloc(0),
        fingerprint,
      });
    }
  }
  return found;
}

function runKeyFile(input: Buffer): void {
  const parsed = parseKeyFile({ path: 'a', bytes: input });
  if (!parsed.ok) {
    must(parsed.reason.length > 0, 'a refusal without a reason');
    return;
  }
  must(parsed.certificates.length > 0, 'a key file that is good for nothing');
  const bodies = parsed.certificates.flatMap(({ primary, subkeys }) =>
    [primary, ...subkeys].map(({ key }) => key.body),
  );
  // Each key lies in the file, when that is binary; armor is another target's.
  if ((input[0] ?? 0) >= 0x80)
    must(
      bodies.every((body) => input.includes(Buffer.from(body))),
      'a key that does not lie in the file',
    );
}

/** Certificates with changes: nothing is bound, ended or revoked that its owner did not bind, end or revoke. */
function keyringTarget(specimens: readonly Specimen[]): Target {
  // Judging takes milliseconds, RSA and the large curves tens of them: the small kinds show the same rules.
  const small = specimens.filter(({ certificate }) => certificate.length < 600);
  const owned = new Map<string, string>();
  return {
    name: 'keyring',
    seeds: small.map(({ certificate }) => certificate),
    words: ['\xc6', '\xce', '\xcd', '\xc2', '\x02\x1b\x02', '\x05\x09\0\0\0\x01'],
    async run(input) {
      if (owned.size === 0) await learn(small, owned);
      const { keyring, keys } = await openKeyring([{ path: 'a', bytes: input }]);
      must(keyring.certificates.length + keyring.unreadable.length > 0, 'a file of which nothing is said');
      for (const { primary, keys: own } of keyring.certificates) {
        for (const { fingerprint, standing } of own) {
          if (standing.binding !== 'verified') continue;
          must(
            owned.get(fingerprint) === primary,
            `${fingerprint} is bound to ${primary}, whose owner did not bind it`,
          );
          must(
            standing.expiresAt === null && standing.revoked === null,
            `${fingerprint} was ended by somebody else`,
          );
        }
      }
      const one = small[sum(input) % small.length];
      if (one === undefined) return;
      const armor = armored(one, one.signature);
      checkProof(small, one.payload, armor, await verify(one.payload, armor, keys));
    },
  };
}

async function learn(specimens: readonly Specimen[], owned: Map<string, string>): Promise<void> {
  for (const { certificate } of specimens) {
    const { keyring } = await openKeyring([{ path: 'a', bytes: certificate }]);
    for (const { primary, keys } of keyring.certificates) {
      for (const { fingerprint, standing } of keys) {
        must(standing.binding === 'verified' && standing.expiresAt === null, 'a seed that is not good');
        owned.set(fingerprint, primary);
      }
    }
  }
}

function sum(bytes: Uint8Array): number {
  return bytes.reduce((total, byte) => (total * 31 + byte) >>> 0, bytes.length);
}

export function distinct(buffers: readonly Buffer[]): Buffer[] {
  return [...new Map(buffers.map((bytes) => [bytes.toString('base64'), bytes])).values()];
}

export function armoredCertificate(bytes: Uint8Array): Buffer {
  return Buffer.from(armorPgp('PUBLIC KEY BLOCK', bytes));
}
