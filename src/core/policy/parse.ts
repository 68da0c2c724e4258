import { at, MOST_DIAGNOSTICS, placeOf, readText, type PolicyText } from './document.ts';
import { describeIssue } from './issue.ts';
import { checkMeaning } from './meaning.ts';
import type { BranchPolicy, Diagnostic, Pin, Policy, Requirement } from './policy.ts';
import { parsePattern } from './pattern.ts';
import { parsePin, type PinDocument, type PinOwner } from './pin.ts';
import { policySchema, type PolicyDocument } from './schema.ts';
import { WEB_FLOW_KEYS } from '../identity/web-flow.ts';

export type ParsedPolicy =
  | { readonly ok: true; readonly policy: Policy; readonly warnings: readonly Diagnostic[] }
  | { readonly ok: false; readonly diagnostics: readonly Diagnostic[] };

/**
 * Reads a policy. This one parser serves lint and judgement, so that the two cannot disagree: a policy that has an error
 * judges nothing. `text` is `null` where the bytes are not even YAML.
 */
export function parsePolicy(bytes: Uint8Array): ParsedPolicy & { readonly text: PolicyText | null } {
  const read = readText(bytes);
  if (!read.ok) return { ok: false, diagnostics: read.diagnostics, text: null };
  const { policy: text } = read;
  const shaped = policySchema.safeParse(text.document.toJS({ maxAliasCount: 0 }));
  if (!shaped.success) {
    const diagnostics = shaped.error.issues
      .slice(0, MOST_DIAGNOSTICS)
      .flatMap((issue) => describeIssue(text, issue));
    return { ok: false, diagnostics: diagnostics.slice(0, MOST_DIAGNOSTICS), text };
  }
  const pins = readPins(text, shaped.data);
  const meaning = checkMeaning(text, shaped.data, pins.byOwner);
  const errors = [...pins.diagnostics, ...meaning.filter(({ severity }) => severity === 'error')];
  if (errors.length > 0) return { ok: false, diagnostics: errors.slice(0, MOST_DIAGNOSTICS), text };
  return {
    ok: true,
    policy: buildPolicy(shaped.data, pins.byOwner),
    warnings: meaning.filter(({ severity }) => severity === 'warning'),
    text,
  };
}

function readPins(
  text: PolicyText,
  document: PolicyDocument,
): { byOwner: PinOwner[]; diagnostics: Diagnostic[] } {
  const diagnostics: Diagnostic[] = [];
  const read = (kind: PinOwner['kind'], name: string, keys: readonly PinDocument[]): PinOwner => {
    const pins: { pin: Pin; path: PropertyKey[] }[] = [];
    for (const [index, key] of keys.entries()) {
      const path = [kind === 'person' ? 'people' : 'bots', name, 'keys', index];
      const parsed = parsePin(key);
      if (parsed.ok) pins.push({ pin: parsed.pin, path });
      else
        diagnostics.push(
          at(text, placeOf(text, [...path, parsed.field]), 'policy-key-unreadable', parsed.problem),
        );
    }
    return { kind, name, pins };
  };
  const people = Object.entries(document.people).map(([name, person]) => read('person', name, person.keys));
  const bots = Object.entries(document.bots ?? {}).map(([name, bot]) => read('bot', name, bot.keys));
  return { byOwner: [...people, ...bots], diagnostics };
}

function buildPolicy(document: PolicyDocument, owners: readonly PinOwner[]): Policy {
  const pinsOf = (kind: PinOwner['kind'], name: string): Pin[] =>
    owners.find((owner) => owner.kind === kind && owner.name === name)?.pins.map(({ pin }) => pin) ?? [];
  return {
    project: document.project,
    people: new Map(
      Object.entries(document.people).map(([name, person]) => [
        name,
        { name, github: person.github ?? null, keys: pinsOf('person', name) },
      ]),
    ),
    groups: new Map(Object.entries(document.groups).map(([name, members]) => [name, new Set(members)])),
    bots: new Map(
      Object.entries(document.bots ?? {}).map(([name, bot]) => [
        name,
        { name, keys: pinsOf('bot', name), paths: bot.paths.map(parsePattern) },
      ]),
    ),
    governance: {
      people: document.governance.people,
      from: document.governance.from,
      paths: (document.governance.paths ?? []).map(parsePattern),
    },
    branches: document.branches.map(buildBranch),
    webFlow: [...WEB_FLOW_KEYS, ...(document['web-flow'] ?? []).map((hex) => hex.toUpperCase())],
  };
}

function buildBranch(branch: PolicyDocument['branches'][number]): BranchPolicy {
  return {
    name: branch.name,
    match: branch.match.map(parsePattern),
    mode: branch.mode ?? 'enforce',
    commits: { signedBy: branch.commits['signed-by'], unsigned: branch.commits.unsigned ?? 'refuse' },
    merges: {
      githubButton: branch.merges?.['github-button'] ?? 'refuse',
      conflicts: branch.merges?.conflicts ?? 'reviewed',
      signerCountsAs: branch.merges?.['signer-counts-as'] ?? 'person',
      union: (branch.merges?.union ?? []).map(parsePattern),
    },
    reviews: { carryOver: branch.reviews?.['carry-over'] ?? 're-created' },
    freshness: branch.freshness ?? null,
    require: branch.require.map((rule): Requirement => ({
      name: rule.name,
      paths: rule.paths?.map(parsePattern) ?? null,
      people: rule.people ?? 0,
      approvals: rule.approvals ?? 0,
      from: rule.from,
    })),
  };
}
