import { matches } from '../../policy/pattern.ts';
import type { Case } from '../case.ts';
import { finding } from '../finding.ts';
import { ruling, type People, type Ruling } from '../verdict.ts';
import { displayPath } from './paths.ts';

const MOST_PATHS = 20;
const TITLE = 'changes of policy, attributes or submodules';

/**
 * Changes of what decides over changes need the governance quorum of the policy that they would replace, on top of every
 * other rule, counted in distinct people, the author included (trust.md B11). `null` where nothing governed is touched.
 */
export function judgeGovernance(judged: Case, people: People): Ruling | null {
  const { governance, groups } = judged.policy;
  const governed = judged.changed.filter(
    ({ path }) => isGoverned(path) || governance.paths.some((pattern) => matches(pattern, path)),
  );
  if (governed.length === 0) return null;
  const members = groups.get(governance.from) ?? new Set<string>();
  const have = people.behind.filter((name) => members.has(name));
  if (have.length >= governance.people) return ruling('governance', TITLE, [], have);
  const candidates = [...members].filter((member) => !people.behind.includes(member)).sort();
  const paths = [...new Set(governed.map(({ path }) => displayPath(path)))].slice(0, MOST_PATHS);
  const data = {
    rule: 'governance',
    from: governance.from,
    need: governance.people,
    have,
    candidates,
    paths,
  };
  return ruling('governance', TITLE, [finding('governance-missing', data)], have);
}

/** `.countersign` and below in any letter case, and every `.gitattributes` and `.gitmodules`, wherever it lies. */
export function isGoverned(path: Uint8Array): boolean {
  const parts = new TextDecoder('utf-8').decode(path).toLowerCase().split('/');
  return parts[0] === '.countersign' || parts.at(-1) === '.gitattributes' || parts.at(-1) === '.gitmodules';
}
