import { certifiersByPerson } from './certifiers.ts';
import { expiryWarning } from '../../core/identity/expiry.ts';
import type { Certificate, Keyring } from '../../core/identity/keyring.ts';
import { parseSshPublicKey } from '../../core/signature/ssh-key.ts';
import { pinState } from '../../core/policy/pin-state.ts';
import type { Pin, PresenceDemand } from '../../core/policy/policy.ts';
import { buildRoster } from '../../core/policy/roster.ts';
import { clean } from '../../core/report/clean.ts';
import { jsonText } from '../../core/report/json.ts';
import { EXIT, type Io } from '../io.ts';
import { ownersOf } from './certificate.ts';
import { cleaned, findingText, runKeys, type KeyFinding } from './outcome.ts';
import { openPolicy, type OpenPolicy } from './policy.ts';
import { inDays, keyProblems, rosterProblem } from '../roster-diagnostics.ts';

export interface ListOptions {
  readonly policy?: string;
  readonly json?: boolean;
}

/** One pin as `keys list` shows it. */
export interface ListedKey {
  readonly person: string;
  readonly kind: 'person' | 'bot';
  readonly format: 'openpgp' | 'ssh';
  readonly fingerprint: string;
  /** `ed25519`, `rsa`, …; for SSH the key's type. `null`: the certificate is missing. */
  readonly type: string | null;
  readonly bits: number | null;
  /** When nothing can be signed with it any more, seconds since the epoch; `null`: never, or not known. */
  readonly expiresAt: number | null;
  /** Whole days until then; 0 or less: since then. */
  readonly daysLeft: number | null;
  /** What each signature of a hardware key must prove; `null` for other keys. */
  readonly presence: PresenceDemand | null;
  /** People of the policy who certified it with a key that is pinned for them. */
  readonly certifiedBy: readonly string[];
  readonly problems: readonly KeyFinding[];
}

/** `countersign keys list`: whose keys count, and for how long. */
export function listKeys(options: ListOptions, io: Io): Promise<number> {
  return runKeys('list', options, io, async () => {
    const keys = await describeKeys(await openPolicy(options.policy, io), Math.floor(Date.now() / 1000));
    if (options.json === true) {
      const shown = keys.map((key) => ({ ...key, problems: key.problems.map(cleaned) }));
      io.out(`${jsonText({ keys: shown })}\n`);
    } else {
      io.out(table(keys, io.paint));
      const problems = new Map(keys.flatMap((key) => key.problems).map((one) => [findingText(one), one]));
      for (const text of problems.keys()) io.err(text);
    }
    return EXIT.pass;
  });
}

async function describeKeys({ policy, opened, files, place }: OpenPolicy, now: number): Promise<ListedKey[]> {
  const { keyring } = opened;
  const certifiers = await certifiersByPerson(policy, files, now);
  const roster = buildRoster(policy, keyring).problems.filter(({ kind }) => kind !== 'certificate-unpinned');
  return ownersOf(policy).flatMap(({ kind, name, keys }) =>
    keys.map((pin) => {
      const certificate = certificateOf(pin, keyring);
      const shared = roster.filter(
        (problem) =>
          problem.fingerprint === pin.fingerprint ||
          certificate?.keys.some(({ fingerprint }) => fingerprint === problem.fingerprint) === true,
      );
      const problems: KeyFinding[] = [
        ...shared.map((problem) => rosterProblem(problem, place.shown, place.shownKeys)),
        ...(certificate === null ? [] : keyProblems(name, certificate, now)),
      ].map(({ code, message, remedy }) => ({ code, message, remedy }));
      return {
        person: name,
        kind,
        format: pin.kind,
        fingerprint: pin.fingerprint,
        ...keyFields(pin, certificate, now),
        certifiedBy: (certifiers.get(pin.fingerprint) ?? []).filter((other) => other !== name),
        problems,
      };
    }),
  );
}

function certificateOf(pin: Pin, keyring: Keyring): Certificate | null {
  if (pin.kind === 'ssh') return null;
  return keyring.certificates.find(({ primary }) => primary === pin.fingerprint) ?? null;
}

function keyFields(
  pin: Pin,
  certificate: Certificate | null,
  now: number,
): Pick<ListedKey, 'type' | 'bits' | 'expiresAt' | 'daysLeft' | 'presence'> {
  if (pin.kind === 'ssh') {
    const parsed = parseSshPublicKey(`${pin.type} ${pin.blob}`);
    const presence = parsed.ok && parsed.key.sk ? pin.presence : null;
    return {
      type: pin.type,
      bits: parsed.ok ? parsed.key.bits : null,
      expiresAt: null,
      daysLeft: null,
      presence,
    };
  }
  if (certificate === null)
    return { type: null, bits: null, expiresAt: null, daysLeft: null, presence: null };
  const { algorithm, bits, expiresAt } = pinState(certificate, now);
  const daysLeft = expiresAt === null ? null : Math.trunc((expiresAt - now) / 86_400) + 0;
  return { type: algorithm, bits, expiresAt, daysLeft, presence: null };
}

const HARDWARE: Readonly<Record<PresenceDemand, string>> = {
  none: 'no touch',
  touch: 'touch',
  verified: 'touch and PIN',
};

interface Cell {
  readonly text: string;
  readonly colour?: 'pass' | 'pending' | 'fail' | 'dim';
}

function table(keys: readonly ListedKey[], paint: Io['paint']): string {
  const head = ['PERSON', 'KEY', 'ALGORITHM', 'EXPIRES', 'HARDWARE', 'CERTIFIED BY', 'PROBLEMS'];
  const rows: Cell[][] = [head.map((text) => ({ text, colour: 'dim' as const })), ...keys.map(row)];
  const widths = head.map((_, column) => Math.max(...rows.map((cells) => cells[column]?.text.length ?? 0)));
  return rows
    .map((cells) => {
      const last = cells.findLastIndex(({ text }) => text !== '');
      const padded = cells.slice(0, last + 1).map(({ text, colour }, column) => {
        const wide = column === last ? text : text.padEnd(widths[column] ?? 0);
        return colour === undefined ? wide : paint(colour, wide);
      });
      return `${padded.join('  ')}\n`;
    })
    .join('');
}

function row(key: ListedKey): Cell[] {
  const { person, kind, fingerprint, type, bits, presence, certifiedBy, problems } = key;
  const expiry = expiryCell(key);
  const ending = problems.every(({ code }) => code === 'key-expires-soon');
  return [
    { text: kind === 'bot' ? `${clean(person)} (bot)` : clean(person) },
    { text: fingerprint },
    { text: type === null ? 'unknown' : `${clean(type)} ${bits ?? ''}`.trimEnd() },
    expiry,
    { text: presence === null ? '-' : HARDWARE[presence] },
    { text: certifiedBy.length === 0 ? '-' : certifiedBy.map(clean).join(', ') },
    {
      text: problems.map(({ code }) => code).join(', '),
      colour: ending ? (expiry.colour ?? 'fail') : 'fail',
    },
  ];
}

/** The day in UTC. Times of a certificate fit: 32 bits of creation and 32 of lifetime. */
function dateOf(seconds: number): string {
  return new Date(seconds * 1000).toISOString().slice(0, 10);
}

/** Warnings from 60 and from 14 days before the end are words first, colour second. */
function expiryCell({ type, expiresAt, daysLeft, problems }: ListedKey): Cell {
  if (type === null) return { text: 'unknown', colour: 'fail' };
  if (problems.some(({ code }) => code.startsWith('key-revoked'))) return { text: 'revoked', colour: 'fail' };
  if (expiresAt === null || daysLeft === null) return { text: 'never' };
  const warning = expiryWarning(daysLeft * 86_400, 0);
  if (daysLeft < 0 || problems.some(({ code }) => code === 'key-expired')) {
    return { text: `expired ${dateOf(expiresAt)}`, colour: 'fail' };
  }
  if (warning === null) return { text: dateOf(expiresAt) };
  return warning.severity === 'soon'
    ? { text: `in ${inDays(daysLeft)}: soon`, colour: 'pending' }
    : { text: `in ${inDays(daysLeft)}: renew now`, colour: 'fail' };
}
