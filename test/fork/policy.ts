import type { GpgKey, SshKey } from '../keys/keys.ts';

export type PersonKey = GpgKey | SshKey;

export interface PolicyOptions {
  readonly project?: string;
  readonly groups?: Readonly<Record<string, readonly string[]>>;
  readonly governance?: string;
  readonly match?: string;
  readonly mode?: 'observe' | 'enforce';
  readonly unsigned?: 'adopt' | 'refuse';
  readonly merges?: string;
  readonly require?: readonly string[];
  /** Lines put at the end. */
  readonly extra?: string;
}

/** A policy that lists these people with these keys. All are maintainers and admins unless the options say otherwise. */
export function policyText(people: ReadonlyMap<string, PersonKey>, options: PolicyOptions = {}): string {
  const names = [...people.keys()];
  const groups = options.groups ?? { maintainers: names, core: names, admins: names };
  const require = options.require ?? ['{ name: everything, people: 2, approvals: 1, from: maintainers }'];
  return [
    'version: 1',
    `project: ${options.project ?? 'github.com/acme/nixpkgs'}`,
    'people:',
    ...[...people].flatMap(([name, key]) => [`  ${name}:`, '    keys:', `      - ${pinOf(key)}`]),
    'groups:',
    ...Object.entries(groups).map(([name, members]) => `  ${name}: [${members.join(', ')}]`),
    `governance: ${options.governance ?? '{ people: 3, from: admins }'}`,
    'branches:',
    '  - name: stable',
    `    match: ${options.match ?? '[master]'}`,
    `    mode: ${options.mode ?? 'enforce'}`,
    `    commits: { signed-by: maintainers, unsigned: ${options.unsigned ?? 'refuse'} }`,
    ...(options.merges === undefined ? [] : [`    merges: ${options.merges}`]),
    '    require:',
    ...require.map((rule) => `      - ${rule}`),
    options.extra ?? '',
  ].join('\n');
}

/** The files below `.countersign/` that go with a policy: certificates of everybody who has an OpenPGP key. */
export function policyFiles(
  people: ReadonlyMap<string, PersonKey>,
  options: PolicyOptions = {},
): Record<string, string> {
  const files: Record<string, string> = { '.countersign/policy.yaml': policyText(people, options) };
  for (const key of people.values()) {
    if (key.kind !== 'openpgp') continue;
    files[`.countersign/keys/${key.fingerprint}.asc`] = Buffer.from(key.certificate).toString('latin1');
  }
  return files;
}

function pinOf(key: PersonKey): string {
  if (key.kind === 'openpgp') return `openpgp: ${key.fingerprint}`;
  const [type = '', blob = ''] = key.publicKey.split(' ');
  return `ssh: ${type} ${blob}`;
}
