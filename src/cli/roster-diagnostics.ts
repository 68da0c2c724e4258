import { join } from 'node:path';
import { expiryWarning } from '../core/identity/expiry.ts';
import type { Certificate, Keyring } from '../core/identity/keyring.ts';
import type { StandingProblem } from '../core/identity/standing.ts';
import { pinState } from '../core/policy/pin-state.ts';
import type { Policy } from '../core/policy/policy.ts';
import { buildRoster, type RosterProblem } from '../core/policy/roster.ts';
import { standingInWords, standingRemedy } from '../core/verdict/catalogue/words.ts';
import { located, type Located } from './diagnostics.ts';

/**
 * What is wrong with policy and certificates together: files without a certificate, keys that two people share, pins that
 * nobody can sign with, keys that end within 60 days.
 *
 * @param now seconds since the epoch
 */
export function rosterDiagnostics(
  policy: Policy,
  keyring: Keyring,
  where: { readonly file: string; readonly text: string; readonly keys: string },
  now: number,
): Located[] {
  const { file, text, keys } = where;
  const unreadable = keyring.unreadable.map(({ path, reason }) =>
    located(join(keys, path), 'error', 'key-file-unreadable', `no usable certificate (${reason})`),
  );
  const shared = buildRoster(policy, keyring).problems.map((problem) => ({
    ...rosterProblem(problem, file, keys),
    ...(problem.kind === 'certificate-unpinned' ? {} : placeOf(problem.fingerprint, text)),
  }));
  const owners = [...policy.people.values(), ...policy.bots.values()];
  const ending = owners.flatMap(({ name, keys: pins }) =>
    pins.flatMap((pin) => {
      const certificate =
        pin.kind === 'openpgp'
          ? keyring.certificates.find(({ primary }) => primary === pin.fingerprint)
          : null;
      return (certificate ? keyProblems(name, certificate, now) : []).map((problem) => ({
        ...located(file, 'warning', problem.code, problem.message, problem.remedy),
        ...placeOf(pin.fingerprint, text),
      }));
    }),
  );
  return [...unreadable, ...shared, ...ending];
}

export interface KeyProblem {
  readonly code: StandingProblem | 'key-expires-soon';
  readonly message: string;
  readonly remedy: string;
}

/** Why a person cannot sign with a certificate now, or until when. */
export function keyProblems(owner: string, certificate: Certificate, now: number): KeyProblem[] {
  const { problems, expiresAt } = pinState(certificate, now);
  const { primary } = certificate;
  if (problems.length > 0) {
    return problems.map((code) => ({
      code,
      message: `\`${owner}\` can sign nothing with ${primary}: ${standingInWords(code)}`,
      remedy: remedyOf(code, owner, primary),
    }));
  }
  const warning = expiryWarning(expiresAt, now);
  if (warning === null) return [];
  const urgent = warning.severity === 'urgent' ? ', renew it now' : '';
  return [
    {
      code: 'key-expires-soon',
      message: `the key ${primary} of \`${owner}\` expires in ${inDays(warning.days)}${urgent}`,
      remedy: prolong(owner, primary),
    },
  ];
}

export function inDays(days: number): string {
  return days === 1 ? '1 day' : `${days} days`;
}

function remedyOf(code: StandingProblem, owner: string, primary: string): string {
  switch (code) {
    case 'key-expired':
      return prolong(owner, primary);
    case 'key-revoked-hard':
    case 'key-revoked-soft':
      return `if it is the only key of \`${owner}\`, add the new one first; then: \`countersign keys remove ${owner} ${primary}\``;
    default:
      return standingRemedy(code).replaceAll('FINGERPRINT', primary);
  }
}

function prolong(owner: string, primary: string): string {
  return `\`${owner}\` prolongs it with \`gpg --quick-set-expire ${primary} 2y\` (and \`… '*'\` for its subkeys) and exports it, then \`countersign keys add ${owner} FILE\` brings the new certificate`;
}

/** Where the policy names a key; the file's start where it does not. */
function placeOf(fingerprint: string, text: string): Partial<Located> {
  const start = text.toUpperCase().indexOf(fingerprint.toUpperCase());
  if (start === -1) return {};
  const before = text.slice(0, start).split('\n');
  return { line: before.length, column: (before.at(-1)?.length ?? 0) + 1, length: fingerprint.length };
}

export function rosterProblem(problem: RosterProblem, file: string, keys: string): Located {
  switch (problem.kind) {
    case 'key-shared':
      return located(
        file,
        'error',
        'policy-key-shared',
        `\`${problem.owners.join('` and `')}\` share the key ${problem.fingerprint}: a key speaks for one person only`,
      );
    case 'certificate-missing':
      return located(
        file,
        'warning',
        'policy-certificate-missing',
        `the certificate ${problem.fingerprint} of \`${problem.owner}\` is not in \`${keys}\``,
        `\`${problem.owner}\` exports it with \`gpg --armor --export ${problem.fingerprint} > ${problem.owner}.asc\`, then \`countersign keys add ${problem.owner} ${problem.owner}.asc\` brings it`,
      );
    case 'pin-is-subkey':
      return located(
        file,
        'warning',
        'policy-pin-is-subkey',
        `\`${problem.owner}\` is pinned by the subkey ${problem.fingerprint}`,
        `pin the primary key: ${problem.primary}`,
      );
    case 'certificate-unpinned':
      return located(
        join(keys, problem.file),
        'warning',
        'certificate-unpinned',
        `nobody in the policy has the key ${problem.fingerprint}: it is ignored`,
      );
  }
}
