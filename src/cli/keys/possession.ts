import { openKeyring } from '../../core/identity/certificate.ts';
import type { KeyFile } from '../../core/identity/keyring.ts';
import { standingOf } from '../../core/identity/standing.ts';
import type { Pin } from '../../core/policy/policy.ts';
import {
  possessionOf,
  provePossession,
  type PossessionProblem,
  type TextChange,
} from '../../core/policy/prove-possession.ts';
import { shellWord, showInvisible } from '../../core/report/clean.ts';
import { encodePossession } from '../../core/statement/possession.ts';
import {
  reasonInWords,
  reasonRemedy,
  standingInWords,
  standingRemedy,
} from '../../core/verdict/catalogue/words.ts';
import { signWithAgent, signWithGpg, signWithSsh, type Signed } from '../../signing/sign.ts';
import type { Io } from '../io.ts';
import { readInput } from './offer.ts';
import { KeysRefusal } from './outcome.ts';

/** A pin that is to become a person's, and the certificate that comes with it. */
export interface Claim {
  readonly project: string;
  readonly person: string;
  readonly kind: 'person' | 'bot';
  readonly pin: Pin;
  readonly certificate: KeyFile | null;
  /** What was given on the command line: `-` or a path. */
  readonly file: string;
  /** Options that must be given again with the proof, each with its value. */
  readonly again: readonly string[];
}

/** The text that the owner signs. */
export function possessionText({ project, person, pin }: Claim): string {
  return encodePossession(possessionOf(project, person, pin));
}

/**
 * Checks a proof of possession, text and signature or the signature alone.
 *
 * @throws KeysRefusal where it proves nothing
 */
export async function checkProof(claim: Claim, proof: string, now: number): Promise<void> {
  const { keyring, keys } = await openKeyring(claim.certificate === null ? [] : [claim.certificate]);
  const { project, person, pin } = claim;
  const problem = await provePossession(
    proof,
    possessionOf(project, person, pin),
    pin,
    { keys, certificates: keyring.certificates },
    now,
  );
  if (problem !== null) throw refusalOf(problem, claim);
}

/** Reads what `--proof` names, in UTF-8 or, as some shells write it, UTF-16. */
export async function readProof(file: string, io: Io): Promise<string> {
  const bytes = await readInput(file, io);
  if (((bytes[0] ?? 0) & 0x80) !== 0 && bytes[0] !== 0xff && bytes[0] !== 0xef) {
    throw new KeysRefusal(
      'proof-missing',
      `\`${file}\` holds no armored signature`,
      'sign with `gpg --armor --detach-sign`',
    );
  }
  const utf16 = bytes[0] === 0xff && bytes[1] === 0xfe;
  return new TextDecoder(utf16 ? 'utf-16le' : 'utf-8').decode(bytes);
}

/**
 * Lets the person's own gpg or ssh-keygen on this machine sign the text.
 *
 * @throws KeysRefusal where it did not
 */
export async function signHere(claim: Claim, io: Io, now: number): Promise<string> {
  const text = new TextEncoder().encode(possessionText(claim));
  const signed = await signWith(claim, text, io, now);
  if (signed.ok) return signed.armor;
  throw new KeysRefusal(
    signed.problem === 'tool-missing' ? 'tool-missing' : 'tool-failed',
    signed.problem === 'tool-missing'
      ? `\`${signed.tool}\` is not installed on this machine, or not in the PATH`
      : `\`${signed.tool}\` made no signature; what it said stands above`,
    signed.problem === 'tool-missing'
      ? `install ${signed.tool === 'gpg' ? 'GnuPG' : 'OpenSSH'}; or leave \`--sign\` out and sign where the key is`
      : claim.pin.kind === 'openpgp'
        ? 'the secret key must be in your gpg: `gpg --list-secret-keys`; or leave `--sign` out and sign where it is'
        : 'the private key must lie beside the `.pub` file or in your agent (`ssh-add -l`); or leave `--sign` out and sign where it is',
  );
}

async function signWith(
  { pin, certificate, file }: Claim,
  text: Uint8Array,
  io: Io,
  now: number,
): Promise<Signed> {
  if (pin.kind === 'openpgp') return signWithGpg(text, await signerOf(pin.fingerprint, certificate, now));
  return file.endsWith('.pub')
    ? signWithSsh(text, 'countersign@v1', io.path(file))
    : signWithAgent(text, 'countersign@v1', `${pin.type} ${pin.blob}`);
}

/** The newest key of the certificate that may sign: gpg would choose the same. */
async function signerOf(primary: string, certificate: KeyFile | null, now: number): Promise<string> {
  const { keyring } = await openKeyring(certificate === null ? [] : [certificate]);
  const use = { at: now, landed: false, claimedAt: null, expiresAt: null };
  const usable = keyring.certificates
    .flatMap(({ keys }) => keys)
    .filter((key) => standingOf(key, use).length === 0)
    .toSorted((a, b) => Number(a.primary) - Number(b.primary) || b.createdAt - a.createdAt);
  return usable[0]?.fingerprint ?? primary;
}

/** The command that adds this key, as a person types it. */
function addCommand({ person, file, again }: Claim): string {
  const key = file === '-' ? ['KEYFILE'] : [file];
  return ['countersign', 'keys', 'add', person, ...key, ...again]
    .map((word) => showInvisible(shellWord(word)))
    .join(' ');
}

function signCommand({ pin }: Claim): string {
  return pin.kind === 'openpgp'
    ? `gpg --armor --detach-sign --local-user ${pin.fingerprint} possession.txt`
    : 'ssh-keygen -Y sign -n countersign@v1 -f THE-PRIVATE-KEY possession.txt';
}

/**
 * How the text gets signed. Whoever reads this is an admin; the key is somewhere else as a rule, with somebody who has
 * neither this program nor the repository.
 *
 * @param shown whether the text stands above on the same terminal: it is in no file then
 */
export function howToSign(claim: Claim, shown: boolean): string {
  const { person, pin } = claim;
  const add = addCommand(claim);
  const proof = pin.kind === 'openpgp' ? 'possession.txt.asc' : 'possession.txt.sig';
  const save = shown ? `save the text:\n  ${add} > possession.txt\n` : '';
  return `nothing is written yet: \`${person}\` must show that they hold this key, by a signature over ${shown ? 'the text above' : 'that text'}
${save}send possession.txt to ${person}; ${person} runs, where the key is (needs neither Countersign nor the repository):
  ${signCommand(claim)}
and sends back ${proof}; then, here:
  ${add} --proof ${proof}
or, if the key is on this machine, all of it at once:
  ${add} --sign
`;
}

function refusalOf(problem: PossessionProblem, claim: Claim): KeysRefusal {
  const again = `have the text that \`${addCommand(claim)}\` prints signed with this key`;
  switch (problem.about) {
    case 'statement': {
      const { project, person, key } = problem.signed;
      return new KeysRefusal(
        problem.code,
        `the proof is for \`${person}\` in \`${project}\` with the key ${key}: it says nothing about this one`,
        again,
      );
    }
    case 'proof':
      return new KeysRefusal(problem.code, PROOF_WORDS[problem.code], again);
    case 'signer':
      return new KeysRefusal(
        problem.code,
        `the proof is signed with ${problem.by === null ? 'another key' : `the key ${problem.by}`}, and it is to prove ${claim.pin.fingerprint}`,
        again,
      );
    case 'signature':
      return new KeysRefusal(
        problem.code,
        `the signature of the proof does not count: ${badSignature(problem)}`,
        signatureRemedy(problem, claim) ?? again,
      );
    case 'key':
      return new KeysRefusal(
        problem.code,
        `the signature of the proof is good, but ${standingInWords(problem.code)}`,
        standingRemedy(problem.code).replaceAll('FINGERPRINT', claim.pin.fingerprint),
      );
  }
}

type BadSignature = Extract<PossessionProblem, { about: 'signature' }>;

function badSignature({ code, changed }: BadSignature): string {
  if (changed === null) return reasonInWords(code);
  return `it is by this key, but over a changed text (${CHANGES[changed]})`;
}

function signatureRemedy({ code, changed }: BadSignature, claim: Claim): string | null {
  if (changed !== null) {
    return `send possession.txt as an attached file, and have it signed as it is: \`${signCommand(claim)}\``;
  }
  if (code === 'wrong-namespace')
    return `sign it again with \`-n countersign@v1\`: \`${signCommand(claim)}\``;
  if (code === 'signature-bad') {
    return `was the text changed on the way, or is the proof for another person or key? Have the text that \`${addCommand(claim)}\` prints signed again`;
  }
  return reasonRemedy(code);
}

const CHANGES: Readonly<Record<TextChange, string>> = {
  'line-ends': 'its lines ended in CR LF',
  'final-newline': 'the newline at its end was not as printed',
  'byte-order-mark': 'a byte order mark stood before it',
};

const PROOF_WORDS: Readonly<Record<Extract<PossessionProblem, { about: 'proof' }>['code'], string>> = {
  'proof-missing': 'the proof holds no signature over the statement that was asked for',
  'not-touched': 'the hardware key was not touched when it signed the proof, and its pin asks for that',
  'not-verified': 'no PIN or fingerprint was checked when the proof was signed, and its pin asks for that',
};
