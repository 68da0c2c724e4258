import { at, placeOf, type PolicyText } from './document.ts';
import type { PinOwner } from './pin.ts';
import { parsePattern, type Pattern } from './pattern.ts';
import { openBudget } from './pattern-covers.ts';
import { overlap } from './pattern-overlap.ts';
import type { Diagnostic, Pin } from './policy.ts';
import type { PolicyDocument } from './schema.ts';
import { WEB_FLOW_KEYS } from '../identity/web-flow.ts';

type Path = readonly PropertyKey[];

const MOST_COMPARISONS = 3000;

/** What a well-shaped policy may still get wrong: names that nobody has, keys that two have, quorums that nobody can reach. */
export function checkMeaning(
  text: PolicyText,
  document: PolicyDocument,
  owners: readonly PinOwner[],
): Diagnostic[] {
  const found: Diagnostic[] = [];
  const report: Report = (path, code, message, options = {}) => {
    found.push(at(text, placeOf(text, path, options.key ?? false), code, message, options));
  };
  checkGroups(document, report);
  checkPeople(document, report);
  checkKeys(document, owners, report);
  checkGovernance(document, report);
  checkBranches(document, report);
  return found;
}

type Report = (
  path: Path,
  code: string,
  message: string,
  options?: { remedy?: string; severity?: Diagnostic['severity']; key?: boolean },
) => void;

function checkGroups(document: PolicyDocument, report: Report): void {
  for (const [group, members] of Object.entries(document.groups)) {
    const seen = new Set<string>();
    for (const [index, member] of members.entries()) {
      const path = ['groups', group, index];
      if (seen.has(member)) report(path, 'policy-member-twice', `\`${member}\` is in \`${group}\` twice`);
      seen.add(member);
      if (!Object.hasOwn(document.people, member)) {
        report(path, 'policy-unknown-person', `nobody is called \`${member}\` in \`people\``, {
          remedy: `add \`${member}\` with a key to \`people\`, or take the name out of \`${group}\``,
        });
      }
    }
  }
  for (const bot of Object.keys(document.bots ?? {})) {
    if (Object.hasOwn(document.people, bot)) {
      report(['bots', bot], 'policy-name-twice', `\`${bot}\` is a person already`, { key: true });
    }
  }
}

/** Names are ASCII, so that small letters are their case folding. */
function checkPeople(document: PolicyDocument, report: Report): void {
  const names = new Map<string, string>();
  const inGroups = new Set(Object.values(document.groups).flat());
  for (const name of Object.keys(document.people)) {
    const folded = name.toLowerCase();
    const other = names.get(folded);
    if (other !== undefined) {
      report(['people', name], 'policy-name-similar', `\`${other}\` and \`${name}\` differ in case alone`, {
        remedy:
          'one human under two names would stand in a quorum twice: keep one name, with the keys of both',
        key: true,
      });
    }
    names.set(folded, name);
    if (!inGroups.has(name)) {
      report(['people', name], 'person-in-no-group', `\`${name}\` is in no group`, {
        severity: 'warning',
        remedy: 'their signatures count for nothing: put them in a group',
        key: true,
      });
    }
  }
}

function checkKeys(document: PolicyDocument, owners: readonly PinOwner[], report: Report): void {
  const webFlow = new Set([
    ...WEB_FLOW_KEYS,
    ...(document['web-flow'] ?? []).map((hex) => hex.toUpperCase()),
  ]);
  const ownerOf = new Map<string, string>();
  for (const { name, pins } of owners) {
    for (const { pin, path } of pins) {
      const identity = identityOf(pin);
      if (pin.kind === 'openpgp' && webFlow.has(pin.fingerprint)) {
        report(path, 'policy-web-flow-key', "GitHub's own key signs for everybody and can be nobody's");
      }
      const owner = ownerOf.get(identity);
      if (owner === name) report(path, 'policy-key-twice', `\`${name}\` has this key already`);
      else if (owner !== undefined) {
        report(
          path,
          'policy-key-shared',
          `this key is already \`${owner}\`'s: a key speaks for one person only`,
        );
      }
      ownerOf.set(identity, owner ?? name);
    }
  }
}

/** What makes two pins the same key, as far as the policy alone can tell; certificates are compared by `checkRoster`. */
function identityOf(pin: Pin): string {
  return pin.kind === 'openpgp' ? `openpgp:${pin.fingerprint}` : pin.material;
}

function checkGovernance(document: PolicyDocument, report: Report): void {
  const { governance } = document;
  const size = groupSize(document, governance.from, ['governance', 'from'], report);
  if (size === null) return;
  const path = ['governance', 'people'];
  if (size < governance.people) {
    report(
      path,
      'policy-quorum-impossible',
      `${governance.people} people from a group of ${size} can never agree`,
      {
        remedy: `lower \`people\`, or add people to \`${governance.from}\``,
      },
    );
  } else if (size === governance.people) {
    report(
      path,
      'policy-quorum-tight',
      'if one more person is lost, this policy can never be changed again',
      {
        severity: 'warning',
        remedy: `add somebody to \`${governance.from}\``,
      },
    );
  }
}

function groupSize(document: PolicyDocument, group: string, path: Path, report: Report): number | null {
  const members = Object.hasOwn(document.groups, group) ? document.groups[group] : undefined;
  if (members === undefined) {
    report(path, 'policy-unknown-group', `no group is called \`${group}\``, {
      remedy: `add \`${group}\` to \`groups\``,
    });
    return null;
  }
  return new Set(members).size;
}

function checkBranches(document: PolicyDocument, report: Report): void {
  const patterns: { pattern: Pattern; path: Path }[] = [];
  const budget = openBudget();
  let compared = 0;
  const names = new Set<string>();
  const several =
    document.branches.length > 1 ||
    document.branches.some(({ match }) => match.some(isOpen) || match.length > 1);
  for (const [index, branch] of document.branches.entries()) {
    const path = ['branches', index];
    if (names.has(branch.name))
      report([...path, 'name'], 'policy-name-twice', `a branch rule is called \`${branch.name}\` already`);
    names.add(branch.name);
    groupSize(document, branch.commits['signed-by'], [...path, 'commits', 'signed-by'], report);
    for (const [place, source] of branch.match.entries()) {
      const here = { pattern: parsePattern(source), path: [...path, 'match', place] };
      compared += patterns.length;
      const other =
        compared > MOST_COMPARISONS
          ? undefined
          : patterns.find(({ pattern }) => overlap(pattern, here.pattern, budget));
      // Every pattern is compared with every other: past the budget the policy is refused, not believed.
      if (compared > MOST_COMPARISONS || budget.left < 0) {
        report(here.path, 'policy-too-many-patterns', 'too many branch patterns to compare with each other');
        return;
      }
      if (other) {
        report(
          here.path,
          'policy-branch-overlap',
          `some branches match \`${source}\` and \`${other.pattern.source}\``,
          {
            remedy: 'every branch must have one rule: make the patterns exclude each other',
          },
        );
      }
      patterns.push(here);
    }
    checkRequirements(document, branch, path, several, report);
    checkFreshness(document, branch.freshness?.people ?? 0, [...path, 'freshness', 'people'], report);
  }
}

function isOpen(pattern: string): boolean {
  return /[*?]/.test(pattern);
}

function checkRequirements(
  document: PolicyDocument,
  branch: PolicyDocument['branches'][number],
  branchPath: Path,
  several: boolean,
  report: Report,
): void {
  const names = new Set<string>();
  if (branch.require.every(({ paths }) => paths !== undefined)) {
    report(
      [...branchPath, 'require'],
      'policy-no-catch-all',
      'a change outside of all these paths can never pass',
      {
        severity: 'warning',
        remedy: 'add a requirement without `paths`, for everything',
      },
    );
  }
  for (const [index, rule] of branch.require.entries()) {
    const path = [...branchPath, 'require', index];
    const people = rule.people ?? 0;
    const approvals = rule.approvals ?? 0;
    if (names.has(rule.name))
      report([...path, 'name'], 'policy-name-twice', `a requirement is called \`${rule.name}\` already`);
    names.add(rule.name);
    if (people + approvals === 0) {
      report(path, 'policy-requires-nothing', `\`${rule.name}\` requires nothing`, {
        remedy: 'add `people:` or `approvals:`',
      });
    } else if (branch.merges?.['signer-counts-as'] === 'approver' && approvals < 2 && several) {
      report(
        [...path, rule.approvals === undefined ? 'name' : 'approvals'],
        'policy-no-approval',
        'the merger may be the only approver, and a merge signature names no branch: several are enrolled',
        { remedy: 'ask for `approvals: 2` at least, or let the signer of a merge count as a person only' },
      );
    } else if (approvals === 0 && several) {
      report(
        [...path, rule.approvals === undefined ? 'name' : 'approvals'],
        'policy-no-approval',
        'without an approval nothing binds a change to one branch, and several are enrolled',
        {
          remedy:
            'ask for `approvals: 1` at least: an approval names its branch, a commit signature does not',
        },
      );
    }
    const size = groupSize(document, rule.from, [...path, 'from'], report);
    if (size === null) continue;
    const place = [...path, size - 1 < approvals ? 'approvals' : 'people'];
    if (size - 1 < approvals || size < people) {
      report(place, 'policy-quorum-impossible', impossible(rule.from, size, people, approvals), {
        remedy: `ask for less, or add people to \`${rule.from}\``,
      });
    } else if (size - 2 < approvals || size - 1 < people) {
      report(
        path,
        'policy-quorum-tight',
        `if one more person of \`${rule.from}\` is lost, \`${rule.name}\` can't be met`,
        {
          severity: 'warning',
          remedy: `add somebody to \`${rule.from}\``,
        },
      );
    }
  }
}

/** Users pin the people of the governance group: nobody else's `head` statements count for them. */
function checkFreshness(
  { groups, governance }: PolicyDocument,
  people: number,
  path: Path,
  report: Report,
): void {
  const members = Object.hasOwn(groups, governance.from) ? groups[governance.from] : undefined;
  if (people === 0 || members === undefined) return;
  const size = new Set(members).size;
  const remedy = `ask for less, or add people to \`${governance.from}\``;
  if (size < people) {
    const message = `\`${governance.from}\` has ${size}: ${people} people can never say what the newest commit is`;
    report(path, 'policy-quorum-impossible', message, { remedy });
  } else if (size === people) {
    const message = 'if one more person is lost, or away for so many days, users can update no more';
    report(path, 'policy-quorum-tight', message, { severity: 'warning', remedy });
  }
}

function impossible(group: string, size: number, people: number, approvals: number): string {
  return size - 1 < approvals
    ? `\`${group}\` has ${size}, and an author among them can't approve: ${approvals} approvals can never be reached`
    : `\`${group}\` has ${size}: ${people} people can never be reached`;
}
