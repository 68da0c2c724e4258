import type { Proof } from '../../../src/core/signature/proof.ts';
import type { VerificationKeys } from '../../../src/core/signature/verification-keys.ts';
import { verifySignature } from '../../../src/core/signature/verify.ts';
import { must, openKeys } from '../../keys/keys.ts';
import type { GpgAlgorithm, GpgKey, Keys } from '../../keys/keys.ts';
import { keysOf } from './keys-of.ts';

/** What all of them sign, unless told otherwise. */
export const TEXT = Buffer.from('text to sign\n');

/** The algorithms of gpg that we verify. */
export const ALGORITHMS: readonly GpgAlgorithm[] = [
  'ed25519',
  'rsa2048',
  'rsa3072',
  'nistp256',
  'nistp384',
  'nistp521',
];

/** People with a gpg key of each algorithm, and what we and gpg say of their signatures. */
export interface GpgSigners {
  readonly keys: Keys;
  /** The certificates of all of them. */
  readonly ring: VerificationKeys;
  readonly person: (algorithm: GpgAlgorithm) => GpgKey;
  /** An armored signature over `TEXT`; `args` for gpg. */
  readonly signed: (algorithm: GpgAlgorithm, ...args: string[]) => Promise<Uint8Array>;
  /** What we say of a detached signature. */
  readonly verify: (
    armor: Uint8Array | string,
    payload?: Uint8Array,
    ring?: VerificationKeys,
  ) => Promise<Proof>;
  /** What gpg itself says: the fingerprint of a good signature's key and of its primary key, or null. */
  readonly gpgSays: (armor: Uint8Array, payload: Uint8Array) => Promise<readonly [string, string] | null>;
  readonly packets: (armor: Uint8Array) => Promise<Uint8Array>;
  readonly armored: (packets: Uint8Array) => Promise<string>;
}

export async function openSigners(algorithms: readonly GpgAlgorithm[]): Promise<GpgSigners> {
  const keys = await openKeys();
  const made = await Promise.all(
    algorithms.map(async (algorithm) => [algorithm, await keys.makeGpgKey('alice', { algorithm })] as const),
  );
  const people = new Map(made);
  const ring = keysOf(...made.map(([, { certificate }]) => certificate));
  const person = (algorithm: GpgAlgorithm): GpgKey => {
    const key = people.get(algorithm);
    if (key === undefined) throw new Error(`nobody has a key of ${algorithm}`);
    return key;
  };
  return {
    keys,
    ring,
    person,
    signed: (algorithm, ...args) =>
      keys.signDetached(person(algorithm), TEXT, ['--allow-weak-digest-algos', ...args]),
    verify: (armor, payload = TEXT, among = ring) =>
      verifySignature({ payload, armor: Buffer.from(armor), form: 'detached', namespace: 'git' }, among),
    gpgSays: async (armor, payload) => {
      const path = await keys.writeTemporary(armor);
      const { stdout } = await keys.gpg(['--status-fd', '1', '--verify', path, '-'], payload);
      const valid = /VALIDSIG ([0-9A-F]{40}) .* ([0-9A-F]{40})$/m.exec(stdout.toString());
      return valid?.[1] !== undefined && valid[2] !== undefined ? [valid[1], valid[2]] : null;
    },
    packets: async (armor) => new Uint8Array(must('gpg', await keys.gpg(['--dearmor'], armor))),
    armored: async (packets) => {
      const text = must('gpg', await keys.gpg(['--enarmor'], packets)).toString();
      return text.replaceAll('PGP ARMORED FILE', 'PGP SIGNATURE').replace(/\nComment: .*/, '');
    },
  };
}
