import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { openKeyring } from '../../core/identity/certificate.ts';
import type { CertificatePackets } from '../../core/identity/certificate-packets.ts';
import { parseKeyFile } from '../../core/identity/key-file.ts';
import type { Certificate } from '../../core/identity/keyring.ts';
import { standingOf, type StandingProblem } from '../../core/identity/standing.ts';
import { WEB_FLOW_KEYS } from '../../core/identity/web-flow.ts';
import { pinState } from '../../core/policy/pin-state.ts';
import { parseSshPublicKey, type SshPublicKey } from '../../core/signature/ssh-key.ts';
import { refusalOfSsh } from '../../core/policy/ssh-refusal.ts';
import { standingInWords, standingRemedy } from '../../core/verdict/catalogue/words.ts';
import { fileProblem } from '../file-problem.ts';
import type { Io } from '../io.ts';
import { KeysRefusal, unreadable } from './outcome.ts';

/** A public key as a person brought it: what is pinned, and for OpenPGP its certificate. */
export type OfferedKey =
  | { readonly kind: 'openpgp'; readonly packets: CertificatePackets; readonly certificate: Certificate }
  | { readonly kind: 'ssh'; readonly key: SshPublicKey };

const LARGEST_KEY_FILE = 1 << 20;
const PRIVATE =
  /-----BEGIN [A-Z0-9 ]{0,30}PRIVATE KEY(?: BLOCK)?-----|^PuTTY-User-Key-File-|^PuTTY-User-Key/m;

/**
 * Reads a file with one OpenPGP certificate, armored or binary, or with one line of an SSH `.pub` file. `-` is standard
 * input.
 *
 * @throws KeysRefusal for whatever is no public key of one owner
 */
export async function readOffer(file: string, io: Io): Promise<OfferedKey> {
  const bytes = await readInput(file, io);
  const text = new TextDecoder('latin1').decode(bytes);
  refusePrivate(file, text);
  const unmarked = text.startsWith(BYTE_ORDER_MARK) ? text.slice(BYTE_ORDER_MARK.length) : text;
  if (unmarked.charCodeAt(0) >= 0x80) return readCertificate(file, bytes);
  return unmarked.includes('-----BEGIN PGP ')
    ? readCertificate(file, cutArmor(unmarked))
    : readSshKey(file, unmarked);
}

/** @throws KeysRefusal `private-key` */
export function refusePrivate(file: string, text: string): void {
  if (PRIVATE.test(text)) throw privateKey(file);
}

/** @throws KeysRefusal `file-unreadable` */
export async function readInput(file: string, io: Io): Promise<Uint8Array> {
  if (file !== '-') {
    const problem = await stat(io.path(file)).then(
      (info) =>
        info.isDirectory()
          ? 'it is a folder'
          : info.size > LARGEST_KEY_FILE
            ? `it is larger than ${LARGEST_KEY_FILE} bytes`
            : null,
      (error: unknown) => fileProblem(error),
    );
    if (problem !== null) throw keyInsteadOfFile(file) ?? unreadable(file, problem);
  }
  const chunks: Buffer[] = [];
  let size = 0;
  try {
    const stream: AsyncIterable<Buffer> = file === '-' ? process.stdin : createReadStream(io.path(file));
    for await (const chunk of stream) {
      chunks.push(chunk);
      size += chunk.length;
      if (size > LARGEST_KEY_FILE) break;
    }
  } catch (error) {
    throw unreadable(file, fileProblem(error));
  }
  if (size > LARGEST_KEY_FILE) throw unreadable(file, `it is larger than ${LARGEST_KEY_FILE} bytes`);
  return Buffer.concat(chunks);
}

function keyInsteadOfFile(file: string): KeysRefusal | null {
  if (/^(?:(?:ssh|ecdsa|sk)-[a-z0-9@.-]{1,40}(?:\s|$)|AAAA[A-Za-z0-9+/]{16})/.test(file)) {
    return new KeysRefusal(
      'not-a-file',
      'that is a key itself, and a file is needed',
      'put it in a file, and name the file: `countersign keys add PERSON FILE`',
    );
  }
  if (!/^(?:0x)?[0-9A-Fa-f]{16,64}$/.test(file)) return null;
  return new KeysRefusal(
    'not-a-file',
    `\`${file}\` is a fingerprint, and a whole certificate is needed`,
    `gpg --armor --export ${file} > key.asc`,
  );
}

/**
 * The armored keys in a text, and nothing else of it: no mail around them, no blank lines that a mail client put between
 * their lines. gpg reads past all of that. What is kept of a certificate is written anew, so that nothing can hide in what
 * is left out here.
 */
function cutArmor(text: string): Uint8Array {
  const kept: string[] = [];
  let part: 'around' | 'headers' | 'body' = 'around';
  for (const raw of text.split('\n')) {
    const line = raw.trimEnd();
    if (line === BEGIN_KEY) part = 'headers';
    if (part === 'headers' || (part === 'body' && line !== '')) kept.push(line);
    if (part === 'headers' && line === '') part = 'body';
    if (line === END_KEY) part = 'around';
  }
  return Buffer.from(`${kept.join('\n')}\n`, 'latin1');
}

const BEGIN_KEY = '-----BEGIN PGP PUBLIC KEY BLOCK-----';
const END_KEY = '-----END PGP PUBLIC KEY BLOCK-----';
/** In UTF-8, a character a byte. */
const BYTE_ORDER_MARK = '\u00ef\u00bb\u00bf';

async function readCertificate(file: string, bytes: Uint8Array): Promise<OfferedKey> {
  const parsed = parseKeyFile({ path: file, bytes });
  if (!parsed.ok) throw notACertificate(file, parsed.reason);
  const primaries = new Set(parsed.certificates.map(({ primary }) => primary.key.fingerprint));
  const [packets] = parsed.certificates;
  if (packets === undefined || primaries.size > 1 || parsed.certificates.length > 1) {
    throw new KeysRefusal(
      'several-certificates',
      `\`${file}\` holds ${parsed.certificates.length} certificates: one at a time`,
      'gpg --armor --export FINGERPRINT > key.asc',
    );
  }
  const { keyring } = await openKeyring([{ path: file, bytes }]);
  const [certificate] = keyring.certificates;
  if (certificate === undefined)
    throw notACertificate(file, keyring.unreadable[0]?.reason ?? 'not-a-certificate');
  return { kind: 'openpgp', packets, certificate };
}

/**
 * Whether a key may become a person's now: it belongs to a person, and something can be signed with it.
 *
 * @throws KeysRefusal
 */
export function refuseUnusable(certificate: Certificate, webFlow: readonly string[], now: number): void {
  const { primary } = certificate;
  if ([...WEB_FLOW_KEYS, ...webFlow].includes(primary)) {
    throw new KeysRefusal(
      'web-flow-key',
      `${primary} is GitHub's own key: it signs for everybody who uses its buttons, so it can be nobody's`,
      'bring the key that this person holds themselves',
    );
  }
  // Whatever is below a primary key that can be forged, or not be checked, is as weak.
  const [first] = certificate.keys;
  const use = { at: now, landed: false, claimedAt: null, expiresAt: null };
  const weak = (first === undefined ? [] : standingOf(first, use)).filter(
    (code) => code === 'weak-key' || code === 'algorithm-unsupported',
  );
  const state = pinState(certificate, now);
  const [problem] = [...weak, ...state.problems];
  if (problem === undefined) return;
  const isDsa = first?.algorithm === DSA || state.algorithm === DSA;
  if (problem === 'algorithm-unsupported' && isDsa) {
    throw new KeysRefusal(
      'dsa-refused',
      `nothing can be signed with the certificate ${primary}: it is a DSA key, or its signing key is one`,
      'make a new key: `gpg --quick-generate-key NAME ed25519 sign`',
    );
  }
  throw new KeysRefusal(
    problem,
    `nothing can be signed with the certificate ${primary}: ${standingInWords(problem)}`,
    remedyOf(problem, primary),
  );
}

/** RFC 9580 section 9.1, as the keyring names what is not verified. */
const DSA = 'openpgp-17';

function remedyOf(problem: StandingProblem, primary: string): string {
  switch (problem) {
    case 'key-expired':
      return `its owner prolongs it with \`gpg --quick-set-expire ${primary} 2y\` (and \`… '*'\` for its subkeys), and exports it again: \`gpg --armor --export ${primary}\`; or bring another key`;
    case 'key-revoked-hard':
    case 'key-revoked-soft':
      return 'bring another key: a revoked one stays revoked';
    default:
      return standingRemedy(problem).replaceAll('FINGERPRINT', primary);
  }
}

function readSshKey(file: string, text: string): OfferedKey {
  const lines = text.split('\n').map((line) => line.trim());
  const keys = lines.filter((line) => line !== '' && !line.startsWith('#'));
  const [line] = keys;
  if (line === undefined || keys.length > 1) {
    throw new KeysRefusal(
      line === undefined ? 'not-a-key' : 'several-keys',
      line === undefined
        ? `\`${file}\` holds no key`
        : `\`${file}\` holds ${keys.length} lines: one key at a time`,
      'bring a `.pub` file of ssh-keygen, or what `gpg --armor --export FINGERPRINT` prints',
    );
  }
  const parsed = parseSshPublicKey(line);
  if (parsed.ok) return { kind: 'ssh', key: parsed.key };
  const code = refusalOfSsh(line);
  throw new KeysRefusal(
    code,
    `\`${file}\` holds no key that can be pinned: ${parsed.reason}`,
    SSH_REMEDIES[code] ?? null,
  );
}

const SSH_REMEDIES: Readonly<Record<string, string>> = {
  'weak-key': 'make a new key: `ssh-keygen -t ed25519`',
  'algorithm-unsupported':
    'use an ed25519, ecdsa or rsa key, or a hardware key of those: `ssh-keygen -t ed25519-sk`',
  'dsa-refused': 'make a new key: `ssh-keygen -t ed25519`',
  'ssh-certificate':
    'bring the plain public key (`id_ed25519.pub`), not the certificate (`id_ed25519-cert.pub`)',
  'not-a-key': 'bring a `.pub` file of ssh-keygen, or what `gpg --armor --export FINGERPRINT` prints',
};

function privateKey(file: string): KeysRefusal {
  return new KeysRefusal(
    'private-key',
    `\`${file}\` holds a private key: never give it to anybody, and take care that it is in no repository`,
    'bring the public part: the `.pub` file beside it, or what `gpg --armor --export FINGERPRINT` prints',
  );
}

function notACertificate(file: string, reason: string): KeysRefusal {
  if (reason === 'private-key') return privateKey(file);
  const words: Readonly<Record<string, string>> = {
    'not-a-certificate': 'it cannot be read as an OpenPGP certificate',
    'too-large': 'its certificate has too many parts',
    'unsupported-version': 'its key is of another version than 4 and 6',
  };
  return new KeysRefusal(
    reason,
    `\`${file}\` holds no usable certificate: ${words[reason] ?? 'it cannot be read'}`,
    'bring what `gpg --armor --export FINGERPRINT` prints, with the fingerprint of the primary key',
  );
}
