import type { AllowedSigner, SignerTime } from '../../core/policy/allowed-signers.ts';
import { isAllowed } from '../../core/policy/pattern-list.ts';
import type { Policy } from '../../core/policy/policy.ts';
import type { KeyFinding } from './outcome.ts';

/** What a pin cannot express: it names one key for everything, without an end. */
export function optionProblem({ principals, options }: AllowedSigner, now: number): KeyFinding | null {
  const { certAuthority, validAfter, validBefore } = options;
  if (certAuthority) {
    return skip(
      'cert-authority',
      'it is a certificate authority, which may speak for anybody',
      'add the plain key of each person: `countersign keys add PERSON FILE.pub`',
    );
  }
  const pattern = principals.find((principal) => /[*?!]/.test(principal));
  if (pattern !== undefined) {
    return skip(
      'principal-pattern',
      `\`${pattern}\` is a pattern, and a key belongs to one person`,
      'name the person: `countersign keys add PERSON FILE.pub`',
    );
  }
  if (validBefore !== null && secondsOf(validBefore) <= now) {
    return skip(
      'key-expired',
      'by its `valid-before` it is no longer valid',
      'leave it out, or add a newer key',
    );
  }
  if (validAfter !== null && secondsOf(validAfter) > now) {
    return skip('key-not-yet-valid', 'by its `valid-after` it is not valid yet', 'import it again then');
  }
  if (validBefore !== null) {
    return skip(
      'key-with-end',
      'it has a `valid-before`, and a pinned SSH key has no end',
      'add it with `countersign keys add`, and remove it in time with `countersign keys remove`',
    );
  }
  return null;
}

/** A pin counts for commits and, where it is a person's, for statements: whoever allowed less must not have more signed. */
export function namespaceProblem(
  { options: { namespaces } }: AllowedSigner,
  person: string,
  policy: Policy,
): KeyFinding | null {
  if (namespaces === null) return null;
  const needed = policy.people.has(person) ? ['git', 'countersign@v1'] : ['git'];
  const missing = needed.filter((one) => !isAllowed(one, namespaces));
  if (missing.length === 0) return null;
  const list = namespaces.join(',');
  if (missing.length === needed.length) {
    return skip('namespace-other', `it is for \`${list}\`, neither for git nor for reviews`, null);
  }
  return skip(
    'namespace-limited',
    `it is for \`${list}\`, and a pinned key of \`${person}\` counts for ${missing.map((one) => USES[one] ?? one).join(' and ')} too`,
    `\`countersign keys add ${person} FILE.pub\` asks its owner; or let the line say \`namespaces="${needed.join(',')}"\``,
  );
}

const USES: Readonly<Record<string, string>> = {
  git: 'commits (`git`)',
  'countersign@v1': 'reviews (`countersign@v1`)',
};

/** Times without `Z` are this machine's own, as for ssh-keygen. */
function secondsOf({ year, month, day, hour, minute, second, utc }: SignerTime): number {
  const fields = [year, month - 1, day, hour, minute, second] as const;
  return (utc ? Date.UTC(...fields) : new Date(...fields).getTime()) / 1000;
}

/** Why a line of allowed signers is left out. */
export function skip(code: string, message: string, remedy: string | null): KeyFinding {
  return { code, message, remedy };
}
