import { openCertificates } from '../../core/identity/certificate.ts';
import type { OpenedCertificates } from '../../core/identity/certificate.ts';
import { parseCommit } from '../../core/object/commit.ts';
import type { Oid } from '../../core/object/id.ts';
import { openFolder } from '../../core/policy/folder.ts';
import type { Policy } from '../../core/policy/policy.ts';
import { Unreadable } from '../../gather/ports.ts';
import type { Repository } from '../../gather/ports.ts';
import type { Claim } from './holders.ts';

export interface FoundPolicy {
  readonly claims: readonly Claim[];
  readonly certificates: OpenedCertificates;
  readonly webFlow: readonly string[] | undefined;
  readonly state: 'present' | 'missing';
  /** Why the policy names nobody, where it is there; its certificates still verify. */
  readonly problem: string | null;
}

/** The people of the policy that lies at `commit`, and the certificates beside it. */
export async function readPolicyPeople(repository: Repository, commit: Oid): Promise<FoundPolicy> {
  const [raw] = await repository.readCommits([commit]);
  const parsed = parseCommit(commit, raw ?? new Uint8Array());
  if (!parsed.ok) {
    throw new Unreadable('object-forged', `commit \`${commit}\`: ${parsed.detail}`, { passing: false });
  }
  const { policy, keys } = openFolder(await repository.readPolicyFolder(parsed.commit.tree));
  const certificates = await openCertificates(keys);
  const nobody = { claims: [], certificates, webFlow: undefined };
  if (policy.state === 'missing') return { ...nobody, state: 'missing', problem: null };
  if (policy.state === 'refused') {
    return {
      ...nobody,
      state: 'present',
      problem: `\`${policy.path}\` is not a regular file under exactly that name`,
    };
  }
  const { parsePolicy } = await import('../../core/policy/parse.ts');
  const read = parsePolicy(policy.bytes);
  if (!read.ok) {
    const [first] = read.diagnostics;
    const where = first === undefined ? 'it cannot be read' : `line ${first.line}: ${first.message}`;
    return { ...nobody, state: 'present', problem: where };
  }
  const { webFlow } = read.policy;
  return { claims: claimsOf(read.policy), certificates, webFlow, state: 'present', problem: null };
}

function claimsOf({ people, bots }: Policy): Claim[] {
  return [...people.values(), ...bots.values()].flatMap(({ name, keys }) =>
    keys.map((pin): Claim => {
      if (pin.kind === 'openpgp') return { kind: 'openpgp', name, primary: pin.fingerprint };
      const { blob, material, presence } = pin;
      return { kind: 'ssh', name, blob, material, presence };
    }),
  );
}
