import type { Keyring } from '../identity/keyring.ts';
import { compareCertificates, compareKeys, identityOf, nameOf } from './compare-keys.ts';
import { covers, type Budget } from './pattern-covers.ts';
import type { Pin, Policy } from './policy.ts';
import { policyChange, type PolicyChange } from './policy-change.ts';
import type { Roles } from './roles.ts';
import { quote, quoted } from './words.ts';

interface Keyrings {
  readonly before: Keyring;
  readonly after: Keyring;
}

/** Who is called otherwise and has the very keys that they had: old name to new. */
export function renamesOf(before: Policy, after: Policy): Map<string, string> {
  const keysOf = (pins: readonly Pin[]): string => pins.map(identityOf).sort().join('\n');
  const gone = [...before.people.values()].filter(({ name }) => !after.people.has(name));
  const come = [...after.people.values()].filter(({ name }) => !before.people.has(name));
  return new Map(
    gone.flatMap(({ name, keys }): [string, string][] => {
      const same = come.find((one) => keysOf(one.keys) === keysOf(keys));
      return same ? [[name, same.name]] : [];
    }),
  );
}

/** The policy as if its people had always had these names. */
export function renamed(policy: Policy, names: ReadonlyMap<string, string>): Policy {
  if (names.size === 0) return policy;
  const now = (name: string): string => names.get(name) ?? name;
  return {
    ...policy,
    people: new Map(
      [...policy.people.values()].map((person) => [now(person.name), { ...person, name: now(person.name) }]),
    ),
    groups: new Map([...policy.groups].map(([group, members]) => [group, new Set([...members].map(now))])),
  };
}

/** Who comes and goes, who gains and loses which power, and whose keys are other ones. */
export function comparePeople(
  before: Policy,
  after: Policy,
  keyrings: Keyrings,
  roles: { readonly gained: Roles; readonly lost: Roles },
  budget: Budget,
): PolicyChange[] {
  const moved = movedKeys(before, after);
  const changes = [...moved.values()];
  const identities = new Set(moved.keys());
  const gained = new Set<string>();
  const lost = new Set<string>();
  for (const { person, roles: what, branches } of roles.gained.all()) {
    gained.add(person);
    const how = before.people.has(person) ? 'gains' : `is new${keysOf(after, person)} and gains`;
    changes.push(
      policyChange('person-gains', `${quote(person)} ${how}: ${what}`, { people: [person], branches }),
    );
  }
  for (const { person, roles: what, branches } of roles.lost.all()) {
    lost.add(person);
    const how = after.people.has(person) ? 'loses' : 'is gone and loses';
    changes.push(
      policyChange('person-loses', `${quote(person)} ${how}: ${what}`, { people: [person], branches }),
    );
  }
  for (const { name, keys } of after.people.values()) {
    const old = before.people.get(name);
    if (old !== undefined) {
      const holder = { label: quote(name), people: [name], before: old.keys, after: keys };
      changes.push(...compareKeys(holder, identities, keyrings.before, keyrings.after));
    } else if (!gained.has(name)) {
      const words = `${quote(name)} is listed${keysOf(after, name)}: may object with a signed "no"`;
      changes.push(policyChange('person-listed', words, { people: [name] }));
    }
  }
  for (const name of before.people.keys()) {
    if (after.people.has(name) || lost.has(name)) continue;
    changes.push(policyChange('person-unlisted', `${quote(name)} is no longer listed`, { people: [name] }));
  }
  return [
    ...changes,
    ...compareBots(before, after, identities, keyrings, budget),
    ...compareWebFlow(before, after, keyrings),
  ];
}

function keysOf({ people }: Policy, name: string): string {
  const pins = people.get(name)?.keys ?? [];
  return pins.length === 0 ? '' : ` with ${quoted(pins.map(nameOf))}`;
}

/** Keys that speak for somebody else from then on, by identity. */
function movedKeys(before: Policy, after: Policy): Map<string, PolicyChange> {
  const ownersOf = ({ people, bots }: Policy): Map<string, { owner: string; pin: Pin }> =>
    new Map(
      [...people.values(), ...bots.values()].flatMap(({ name, keys }) =>
        keys.map((pin) => [identityOf(pin), { owner: name, pin }] as const),
      ),
    );
  const old = ownersOf(before);
  const found = new Map<string, PolicyChange>();
  for (const [identity, { owner, pin }] of ownersOf(after)) {
    const was = old.get(identity)?.owner;
    if (was === undefined || was === owner) continue;
    const words = `the key ${quote(nameOf(pin))} goes from ${quote(was)} to ${quote(owner)}: what it signs speaks for ${quote(owner)}`;
    found.set(identity, policyChange('key-moved', words, { people: [was, owner] }));
  }
  return found;
}

function compareBots(
  before: Policy,
  after: Policy,
  moved: ReadonlySet<string>,
  keyrings: Keyrings,
  budget: Budget,
): PolicyChange[] {
  const changes: PolicyChange[] = [];
  for (const { name, keys, paths } of after.bots.values()) {
    const label = `the bot ${quote(name)}`;
    const sources = paths.map(({ source }) => source);
    const old = before.bots.get(name);
    if (old === undefined) {
      changes.push(
        policyChange('bot-added', `${label} may sign commits within ${quoted(sources)}`, { paths: sources }),
      );
      continue;
    }
    const holder = { label, people: [], before: old.keys, after: keys };
    changes.push(...compareKeys(holder, moved, keyrings.before, keyrings.after));
    const more = paths.filter((pattern) => !covers(old.paths, pattern, budget)).map(({ source }) => source);
    const less = old.paths.filter((pattern) => !covers(paths, pattern, budget)).map(({ source }) => source);
    if (more.length > 0) {
      changes.push(
        policyChange('bot-paths-widened', `${label} may change ${quoted(more)} too`, { paths: more }),
      );
    }
    if (less.length > 0) {
      changes.push(
        policyChange('bot-paths-narrowed', `${label} may not change all of ${quoted(less)}`, { paths: less }),
      );
    }
  }
  for (const name of before.bots.keys()) {
    if (!after.bots.has(name)) changes.push(policyChange('bot-removed', `the bot ${quote(name)} is gone`));
  }
  return changes;
}

function compareWebFlow(before: Policy, after: Policy, keyrings: Keyrings): PolicyChange[] {
  const [old, now] = [new Set(before.webFlow), new Set(after.webFlow)];
  const words = 'as made by its button';
  return [
    ...[...now]
      .filter((key) => !old.has(key))
      .map((key) => policyChange('web-flow-added', `merges that ${quote(key)} signs count ${words}`)),
    ...[...old]
      .filter((key) => !now.has(key))
      .map((key) =>
        policyChange('web-flow-removed', `merges that ${quote(key)} signs no longer count ${words}`),
      ),
    ...[...now]
      .filter((key) => old.has(key))
      .flatMap((key) => compareCertificates("GitHub's button", key, keyrings.before, keyrings.after, {})),
  ];
}
