import { Unreadable } from '../gather/ports.ts';
import type { TrustEntry } from './entry.ts';
import { headsText } from './pins.ts';
import { normalUrl } from './url.ts';

/**
 * The user's entries, and those of the project for what the user's do not speak of. What a project adds to an entry of the
 * user's can only ask for more, and never say who knows the newest head (trust.md D20). Throws
 * `Unreadable('file-unreadable')` where they disagree: a choice in silence would be an attacker's.
 */
export function mergeEntries(
  own: readonly TrustEntry[],
  project: readonly TrustEntry[],
): readonly TrustEntry[] {
  const theirs = new Map(project.map((entry) => [placeOf(entry), entry]));
  const merged = own.map((entry): TrustEntry => {
    const other = theirs.get(placeOf(entry));
    if (other === undefined) return entry;
    theirs.delete(placeOf(entry));
    refuseDifference(entry, other);
    return {
      ...entry,
      project: entry.project ?? other.project,
      policy: entry.policy ?? other.policy,
    };
  });
  return [...merged, ...theirs.values()];
}

/** One branch of one repository. */
function placeOf({ url, branch }: TrustEntry): string {
  return JSON.stringify([normalUrl(url)?.key ?? url, branch]);
}

function refuseDifference(own: TrustEntry, other: TrustEntry): void {
  const heads = (entry: TrustEntry): string | null =>
    entry.heads.size === 0 ? null : headsText(entry.heads);
  const differ = (a: string | null, b: string | null): boolean => a !== null && b !== null && a !== b;
  const what = [
    ...(own.introduction === other.introduction
      ? []
      : [`the introduction is \`${own.introduction}\` in one and \`${other.introduction}\` in the other`]),
    ...(differ(own.policy, other.policy) ? ['they pin different policies'] : []),
    ...(differ(own.project, other.project) ? ['they name different projects'] : []),
    ...(differ(heads(own), heads(other)) ? ['they pin different keys under `heads`'] : []),
  ];
  if (what.length === 0) return;
  throw new Unreadable(
    'file-unreadable',
    `\`${own.from}\` and \`${other.from}\` disagree about branch \`${own.branch}\` of \`${own.url}\`: ${what.join('; ')}. Find out which is right, and correct the other`,
    { passing: false },
  );
}
