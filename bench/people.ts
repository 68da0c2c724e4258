import { makeCertificate, signOpenpgp } from './openpgp.ts';
import { signingKey } from './signing-key.ts';
import type { KeyKind, RawCheck } from './signing-key.ts';
import { makeSshSigner, publicLine, signSsh } from './ssh.ts';

/** Somebody who signs commits with one key. */
export interface Person {
  readonly name: string;
  readonly kind: 'openpgp' | 'ssh';
  /** Algorithm of the key that signs. */
  readonly algorithm: KeyKind;
  /** What a policy pins of an OpenPGP key; `null` for an SSH key, which is pinned whole. */
  readonly fingerprint: string | null;
  /** The certificate, armored, or the line of a `.pub` file. */
  readonly published: string;
  sign(payload: Uint8Array, at: number): { armor: string; check: RawCheck };
}

/** 2024-01-01T00:00:00Z, seconds since the epoch: older than every commit. */
const KEYS_MADE_AT = 1704067200;

interface Key {
  readonly kind: Person['kind'];
  readonly primary: KeyKind;
  /** Signs instead of the primary key, which then only certifies. */
  readonly subkey?: KeyKind;
}

/** `name` or `name-ssh`: who it is, and which of their keys. */
const KEYS = {
  alice: { kind: 'openpgp', primary: 'rsa4096', subkey: 'rsa4096' },
  bob: { kind: 'openpgp', primary: 'rsa4096' },
  carol: { kind: 'openpgp', primary: 'ed25519', subkey: 'ed25519' },
  dave: { kind: 'openpgp', primary: 'rsa3072' },
  erin: { kind: 'openpgp', primary: 'ed25519', subkey: 'rsa2048' },
  frank: { kind: 'openpgp', primary: 'p256' },
  mallory: { kind: 'openpgp', primary: 'p256', subkey: 'p384' },
  'carol-ssh': { kind: 'ssh', primary: 'ed25519' },
  'dave-ssh': { kind: 'ssh', primary: 'rsa3072' },
  'frank-ssh': { kind: 'ssh', primary: 'p256' },
} as const satisfies Readonly<Record<string, Key>>;

export type KeyName = keyof typeof KEYS;

/** Which keys these are parts of. */
export function keyNames(parts: Readonly<Partial<Record<KeyName, number>>>): KeyName[] {
  return Object.keys(parts).filter((name) => isKeyName(name));
}

function isKeyName(name: string): name is KeyName {
  return name in KEYS;
}

const opened = new Map<KeyName, Person>();

/** Makes the keys at the first call, from seeds: a second or two where there is RSA-4096. */
export function person(name: KeyName): Person {
  const known = opened.get(name);
  if (known !== undefined) return known;
  const key: Key = KEYS[name];
  const fresh = key.kind === 'ssh' ? sshPerson(name, key) : openpgpPerson(name, key);
  opened.set(name, fresh);
  return fresh;
}

function openpgpPerson(name: string, { primary, subkey }: Key): Person {
  const certificate = makeCertificate(
    `${name} <${name}@example.org>`,
    signingKey(name, primary),
    subkey === undefined ? null : signingKey(`${name} subkey`, subkey),
    KEYS_MADE_AT,
  );
  return {
    name,
    kind: 'openpgp',
    algorithm: subkey ?? primary,
    fingerprint: certificate.primary,
    published: certificate.armored,
    sign: (payload, at) => signOpenpgp(certificate.signer, payload, at),
  };
}

function sshPerson(keyName: string, { primary }: Key): Person {
  const signer = makeSshSigner(signingKey(keyName, primary));
  const name = keyName.replace(/-ssh$/, '');
  return {
    name,
    kind: 'ssh',
    algorithm: primary,
    fingerprint: null,
    published: publicLine(signer, `${name}@example.org`),
    sign: (payload) => signSsh(signer, payload),
  };
}
