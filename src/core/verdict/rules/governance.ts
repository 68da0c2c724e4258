import { plainName } from '../../object/fold.ts';
import { splitPath } from '../../object/path.ts';
import type { Case } from '../case.ts';
import { finding } from '../finding.ts';
import { ruling, type People, type Ruling } from '../verdict.ts';
import { displayPath, isAbout } from './paths.ts';

const MOST_PATHS = 20;
const TITLE = 'changes of policy, attributes or submodules';

/**
 * Changes of what decides over changes need the governance quorum of the policy that they would replace, on top of every
 * other rule, counted in distinct people, the author included (trust.md B11). `null` where nothing governed is touched.
 */
export function judgeGovernance(judged: Case, people: People): Ruling | null {
  const { governance, groups } = judged.policy;
  const { refreshed } = judged.proofs;
  const governed = judged.changed.filter((file) => {
    if (isAbout(governance.paths, file)) return true;
    // A key of a known person that was only prolonged is an ordinary change (trust.md B12).
    return isGoverned(file.path) && !refreshed.has(latin1(file.path));
  });
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

/**
 * `.countersign` and below, and every `.gitattributes` and `.gitmodules`, wherever it lies and however it is spelled: any
 * name that some file system takes for one of these.
 */
export function isGoverned(path: Uint8Array): boolean {
  const parts = splitPath(path);
  const last = plainName(parts.at(-1) ?? path);
  return (
    plainName(parts[0] ?? path) === '.countersign' ||
    last === '.gitattributes' ||
    last === '.gitmodules' ||
    SHORT_NAME.test(last)
  );
}

function latin1(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('latin1');
}

/** The 8.3 names that NTFS makes for them, with and without its hash (git's `is_ntfs_dotgit` family). */
const SHORT_NAME = /^git(?:att|mod)~[0-9]$|^gi[0-9a-f]{4,6}~[0-9]$/;
