/**
 * What a change of policy means. `gain`: something becomes possible that was not, or for somebody who could not.
 * `loss`: the reverse. `other`: neither, and yet worth saying.
 */
export type Effect = 'gain' | 'loss' | 'other';

/** From the worst. `critical`: who governs, or whether anything is protected at all. */
export type Danger = 'critical' | 'high' | 'medium' | 'low';

/** The codes and how dangerous each is, in the order in which changes are told. */
export const POLICY_CHANGES = {
  'policy-removed': ['gain', 'critical'],
  'policy-unreadable': ['other', 'critical'],
  'project-changed': ['gain', 'critical'],
  'branch-dropped': ['gain', 'critical'],
  'mode-observe': ['gain', 'critical'],
  'governance-lowered': ['gain', 'critical'],
  'governance-paths-dropped': ['gain', 'critical'],
  'governor-added': ['gain', 'critical'],
  'key-moved': ['gain', 'critical'],
  'key-replaced': ['gain', 'critical'],
  'quorum-lowered': ['gain', 'high'],
  'requirement-dropped': ['gain', 'high'],
  'paths-unprotected': ['gain', 'high'],
  'paths-opened': ['gain', 'high'],
  'person-gains': ['gain', 'high'],
  'key-added': ['gain', 'high'],
  'signing-key-added': ['gain', 'high'],
  'web-flow-added': ['gain', 'high'],
  'presence-lowered': ['gain', 'medium'],
  'github-button-allowed': ['gain', 'medium'],
  'merger-approves': ['gain', 'medium'],
  'adoption-allowed': ['gain', 'medium'],
  'resolutions-allowed': ['gain', 'medium'],
  'carry-over-allowed': ['gain', 'medium'],
  'freshness-loosened': ['gain', 'medium'],
  'union-added': ['gain', 'medium'],
  'bot-added': ['gain', 'medium'],
  'bot-paths-widened': ['gain', 'medium'],
  'certificate-brought': ['gain', 'medium'],
  'certificate-prolonged': ['gain', 'low'],
  'person-listed': ['gain', 'low'],
  'person-renamed': ['other', 'medium'],
  'branch-enrolled': ['other', 'low'],
  'requirement-needless': ['other', 'low'],
  'more-changes': ['other', 'low'],
  'mode-enforce': ['loss', 'low'],
  'governance-raised': ['loss', 'low'],
  'governance-paths-added': ['loss', 'low'],
  'governor-removed': ['loss', 'low'],
  'quorum-raised': ['loss', 'low'],
  'requirement-added': ['loss', 'low'],
  'paths-protected': ['loss', 'low'],
  'paths-closed': ['loss', 'low'],
  'person-loses': ['loss', 'low'],
  'person-unlisted': ['loss', 'low'],
  'key-removed': ['loss', 'low'],
  'signing-key-removed': ['loss', 'low'],
  'web-flow-removed': ['loss', 'low'],
  'presence-raised': ['loss', 'low'],
  'github-button-refused': ['loss', 'low'],
  'merger-stands-behind': ['loss', 'low'],
  'adoption-refused': ['loss', 'low'],
  'resolutions-refused': ['loss', 'low'],
  'carry-over-refused': ['loss', 'low'],
  'freshness-tightened': ['loss', 'low'],
  'union-removed': ['loss', 'low'],
  'bot-removed': ['loss', 'low'],
  'bot-paths-narrowed': ['loss', 'low'],
  'certificate-removed': ['loss', 'low'],
  'certificate-shortened': ['loss', 'low'],
} as const satisfies Readonly<Record<string, readonly [Effect, Danger]>>;

export type PolicyChangeCode = keyof typeof POLICY_CHANGES;

/** One thing that a change of policy does. The sentence quotes names and patterns in backticks; whoever prints it cleans it. */
export interface PolicyChange {
  readonly code: PolicyChangeCode;
  readonly effect: Effect;
  readonly danger: Danger;
  /** Lower-case start, no final period. */
  readonly sentence: string;
  /** Whose power it is about; empty: everybody's. */
  readonly people: readonly string[];
  /** The branch patterns that it is about; empty: all, or none in particular. */
  readonly branches: readonly string[];
  readonly paths: readonly string[];
}

export type ChangeParts = Partial<Pick<PolicyChange, 'people' | 'branches' | 'paths'>>;

export function policyChange(
  code: PolicyChangeCode,
  sentence: string,
  { people = [], branches = [], paths = [] }: ChangeParts = {},
): PolicyChange {
  const [effect, danger] = POLICY_CHANGES[code];
  return { code, effect, danger, sentence, people, branches, paths };
}

const CODES = Object.keys(POLICY_CHANGES);

/** The most dangerous first; what is said twice is said once. */
export function inOrderOfDanger(changes: readonly PolicyChange[]): PolicyChange[] {
  const once = new Map(changes.map((change) => [`${change.code} ${change.sentence}`, change]));
  return [...once.values()].toSorted((a, b) => CODES.indexOf(a.code) - CODES.indexOf(b.code));
}
