import type { Policy } from '../../core/policy/policy.ts';
import { didYouMean } from '../near.ts';
import { ownersOf } from './certificate.ts';
import { KeysRefusal, type KeyFinding } from './outcome.ts';

/**
 * What must be said before somebody becomes a new person of a policy: a misspelt name would be one. `null`: the policy
 * knows the name.
 *
 * @throws KeysRefusal where the name is a group's, or somebody's but for capital letters
 */
export function newPerson(name: string, policy: Policy): KeyFinding | null {
  const names = ownersOf(policy).map((owner) => owner.name);
  if (names.includes(name)) return null;
  const folded = name.toLowerCase();
  const same = names.find((other) => other.toLowerCase() === folded);
  if (same !== undefined) {
    throw new KeysRefusal(
      'policy-name-similar',
      `\`${name}\` is not in the policy, and differs from \`${same}\` in case alone`,
      `did you mean \`${same}\`?`,
    );
  }
  const group = [...policy.groups.keys()].find((other) => other.toLowerCase() === folded);
  if (group !== undefined) {
    throw new KeysRefusal(
      'name-of-group',
      `\`${group}\` is a group, and a key belongs to one person`,
      `name the person: one of ${[...(policy.groups.get(group) ?? [])].join(', ')}, or a new one`,
    );
  }
  return {
    code: 'person-new',
    message: `\`${name}\` is not in the policy yet and would become a new person`,
    remedy: didYouMean(name, names),
  };
}
