import type { Policy } from '../../core/policy/policy.ts';
import { ownersOf } from './certificate.ts';
import { KeysRefusal, type KeyFinding } from './outcome.ts';

const NEAR = 2;
const MOST_SHOWN = 3;

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
  const near = names
    .map((other) => ({ other, distance: editDistance(folded, other.toLowerCase()) }))
    .filter(({ distance }) => distance <= NEAR)
    .sort((a, b) => a.distance - b.distance)
    .slice(0, MOST_SHOWN)
    .map(({ other }) => `\`${other}\``);
  return {
    code: 'person-new',
    message: `\`${name}\` is not in the policy yet and would become a new person`,
    remedy: near.length === 0 ? null : `did you mean ${near.join(' or ')}?`,
  };
}

/** Levenshtein's: how many characters must be put in, taken out or changed. Names have 64 at most. */
function editDistance(a: string, b: string): number {
  let above = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (const [row, letter] of a.split('').entries()) {
    const line = [row + 1];
    for (const [column, other] of b.split('').entries()) {
      const changed = (above[column] ?? 0) + (letter === other ? 0 : 1);
      line.push(Math.min(changed, (above[column + 1] ?? 0) + 1, (line[column] ?? 0) + 1));
    }
    above = line;
  }
  return above.at(-1) ?? 0;
}
