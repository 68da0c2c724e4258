import { addPins, type NewPin } from '../../core/policy/edit.ts';
import type { PinDocument } from '../../core/policy/pin.ts';

/** Who a first policy lists, and what it asks for. */
export interface FirstPolicy {
  readonly project: string;
  readonly people: readonly { readonly name: string; readonly pin: PinDocument }[];
  /** Branches, literally. */
  readonly branches: readonly string[];
  /** How many people stand behind every change. */
  readonly quorum: number;
  /** How many stand behind a change of the policy. */
  readonly governance: number;
}

/**
 * The quorum of governance for a number of people: as many as can still be found when one of them is gone; both of two.
 */
export function defaultGovernance(people: number): number {
  return people <= 2 ? people : Math.min(3, people - 1);
}

/** The commented text of a first policy, in observe mode. `null` where its people cannot be written into it. */
export function firstPolicy(first: FirstPolicy): Uint8Array | null {
  const pins = first.people.map(({ name, pin }): NewPin => ({ holder: { list: 'people', name }, pin }));
  const edited = addPins(new TextEncoder().encode(textOf(first)), pins);
  return edited.ok ? edited.bytes : null;
}

function textOf({ project, people, branches, quorum, governance }: FirstPolicy): string {
  const names = people.map(({ name }) => word(name)).join(', ');
  const approvals = quorum > 1 ? `, approvals: ${quorum - 1}` : '';
  return `# Countersign's policy: whose signatures count here, and how many of them a change needs.
# It is read from the branch that a change is proposed for, never from the change itself. Check it after every edit:
#   countersign policy lint
version: 1

# Host and path of this repository. Every signed review names it, so that none counts anywhere else.
project: ${project}

# Whose signatures count. Quorums count people: never keys, accounts or e-mail addresses. \`countersign keys add\` adds more.
people:

groups:
  # Who may sign commits, and whose reviews count.
  maintainers: [${names}]
  # Who may change this policy.
  admins: [${names}]

# Changes of .countersign/, .gitattributes and .gitmodules: how many people must stand behind them, author included.
governance: { people: ${governance}, from: admins }

branches:
  - name: main-line
    # Patterns know \`*\` (not \`/\`), \`**\` (everything) and \`?\`, and match the whole name.
    match: [${branches.map(quote).join(', ')}]
    # Results are shown under another name and block nothing. \`countersign policy backtest\` says how past merges would
    # have fared; once that is as it should be: \`enforce\`.
    mode: observe
    # Who may sign commits; \`adopt\` lets a maintainer take over what others wrote, \`refuse\` does not.
    commits: { signed-by: maintainers, unsigned: adopt }
    # \`clean\` accepts merges by GitHub's button where they add nothing of their own.
    merges: { github-button: clean, conflicts: reviewed, signer-counts-as: person }
    # Every requirement whose paths a change touches must hold. \`people\` counts the author, \`approvals\` does not.
    require:
      - { name: everything, people: ${quorum}${approvals}, from: maintainers }
`;
}

/** A name in a YAML list: quoted where it would read as something else than a text. */
function word(name: string): string {
  const plain = /^[A-Za-z][A-Za-z0-9_-]*$/.test(name) && !/^(?:null|true|false)$/i.test(name);
  return plain ? name : quote(name);
}

function quote(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}
