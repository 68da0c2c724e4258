import { makeHandCertificate, type HandCertificate } from '../keys/hand-certificates.ts';
import { hexOf, type HandKey } from '../keys/hand-keys.ts';
import { must, openKeys, run, type GpgKey, type Keys } from '../keys/keys.ts';
import { armorPgp, packet, signByHand, TAG, type HandSignature } from '../keys/packets.ts';
import type { Fork, Report } from '../fork/fork.ts';
import type { PersonKey, PolicyOptions } from '../fork/policy.ts';

type Sign = (payload: Uint8Array) => Uint8Array | Promise<Uint8Array>;

/** A commit on `base` whose signature is whatever `sign` makes of its payload, dated `at` (seconds since the epoch). */
export async function commitByHand(
  fork: Fork,
  base: string,
  sign: Sign,
  at = 1_700_000_000,
): Promise<string> {
  const tree = await fork.git('rev-parse', `${base}^{tree}`);
  const who = `Somebody <somebody@example.org> ${at} +0000`;
  const payload = `tree ${tree}\nparent ${base}\nauthor ${who}\ncommitter ${who}\n\nby hand\n`;
  const armor = Buffer.from(await sign(Buffer.from(payload)))
    .toString('latin1')
    .trimEnd();
  const raw = payload.replace('\n\n', `\ngpgsig ${armor.replaceAll('\n', '\n ')}\n\n`);
  const path = await fork.keys.writeTemporary(Buffer.from(raw, 'latin1'));
  return fork.git('hash-object', '-t', 'commit', '-w', '--literally', path);
}

/** An approval whose signature is whatever `sign` makes of its text. */
export async function reviewByHand(
  fork: Fork,
  of: { readonly as: string; readonly base: string; readonly head: string },
  sign: Sign,
): Promise<string> {
  const range = ['--repository', fork.dir, '--base', of.base, '--head', of.head, '--branch', 'master'];
  const made = await fork.cli(
    'statement',
    'review',
    ...range,
    '--as',
    of.as,
    '--decision=approve',
    '--serial=1',
  );
  if (made.code !== 0) throw new Error(made.err);
  const armor = await sign(Buffer.from(made.out));
  return `${made.out}${Buffer.from(armor).toString('latin1')}`;
}

/** A root commit with a policy that lists these people beside those of the fork. */
export async function policyWith(
  fork: Fork,
  people: Readonly<Record<string, PersonKey>>,
  options: PolicyOptions & { readonly files?: Readonly<Record<string, string>> } = {},
): Promise<string> {
  const before = new Set(fork.people.keys());
  try {
    for (const [name, key] of Object.entries(people)) fork.people.set(name, key);
    const base = await fork.setPolicy(options);
    return options.files === undefined
      ? base
      : await fork.commit({ files: options.files, as: 'alice', on: base });
  } finally {
    for (const name of fork.people.keys()) if (!before.has(name)) fork.people.delete(name);
  }
}

/** An SSH key that no tool of this machine holds, as a person of a policy. */
export function pinnable(name: string, publicKey: string): PersonKey {
  return { kind: 'ssh', name, path: '', publicKey };
}

/** Code and data of the finding about the signature of the one commit that is judged. */
export function aboutCommit({ findings }: Report): Record<string, unknown> {
  const found = findings.find(({ code }) => code.startsWith('commit-'));
  return { code: found?.code, outcome: found?.outcome, ...found?.data };
}

export function aboutStatement({ findings }: Report): Record<string, unknown> {
  const found = findings.find(({ code }) => code.startsWith('statement-'));
  return { code: found?.code, ...found?.data };
}

/**
 * The certificate after its owner revoked it with gpg's reason `reason`: 0 none, 1 compromised, 2 superseded, 3 retired.
 * The home that made the key does not learn of it, so that its owner can still sign, as a thief can.
 */
export async function revoked(keys: Keys, key: GpgKey, reason: 0 | 1 | 2 | 3): Promise<GpgKey> {
  const interactive = ['--homedir', keys.home, '--no-tty', '--yes', '--command-fd', '0'];
  const silent = ['--pinentry-mode', 'loopback', '--passphrase', ''];
  const answers = Buffer.from(`y\n${reason}\n\ny\n`);
  const args = [...interactive, ...silent, '--gen-revoke', key.fingerprint];
  const revocation = must('gpg', await run('gpg', args, answers));
  const elsewhere = await openKeys();
  try {
    must('gpg', await elsewhere.gpg(['--import'], key.certificate));
    must('gpg', await elsewhere.gpg(['--import'], revocation));
    return { ...key, certificate: await elsewhere.exportCertificate(key.fingerprint) };
  } finally {
    await elsewhere.close();
  }
}

/** A certificate that no tool made, as a person of a policy. */
export function handPerson(name: string, certificate: HandCertificate): GpgKey {
  const bytes = makeHandCertificate(certificate);
  const keys = [certificate.primary, ...(certificate.subkeys ?? []).map(({ key }) => key)];
  return {
    kind: 'openpgp',
    name,
    fingerprint: hexOf(certificate.primary),
    fingerprints: keys.map(hexOf),
    certificate: Buffer.from(armorPgp('PUBLIC KEY BLOCK', bytes)),
  };
}

/** An armored signature by a key of `handPerson`. */
export function handSign(key: HandKey, options: HandSignature = {}): (bytes: Uint8Array) => Uint8Array {
  return (bytes) =>
    Buffer.from(armorPgp('SIGNATURE', packet(TAG.signature, signByHand(key, bytes, options))));
}
