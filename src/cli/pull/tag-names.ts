/** What git itself writes beside the branches of a repository (gitglossary(7), "pseudoref"). */
const PSEUDO =
  /^(?:@|(?:[A-Z]+_)*HEAD|AUTO_MERGE|BISECT_EXPECTED_REV|MERGE_AUTOSTASH|NOTES_MERGE_(?:PARTIAL|REF))$/i;
/** Beginnings by which git and people spell whole refs. */
const SPELLED = /^(?:refs|heads|tags|remotes)(?:\/|$)/i;
/** A short id, or what `git describe` prints: git asks for a ref of that name first. Dates have no letters. */
const SHORT_ID = /(?:^|-g)(?=[0-9]*[a-f])[0-9a-f]{7,64}$/i;

/**
 * Whether a tag of this name would be taken for something else: git looks for a name among tags before branches and
 * remote-tracking branches (gitrevisions(7)), and a server chooses the names of its tags. Letter case makes no difference,
 * as on the file systems of some.
 *
 * @param name without `refs/tags/`
 */
export function isMistakable(
  name: string,
  { branches, remotes }: { readonly branches: ReadonlySet<string>; readonly remotes: readonly string[] },
): boolean {
  const plain = name.toLowerCase();
  if (PSEUDO.test(name) || SPELLED.test(name) || SHORT_ID.test(name) || branches.has(plain)) return true;
  return remotes.some((remote) => `${plain}/`.startsWith(`${remote.toLowerCase()}/`));
}

/** The names of the branches that these refs are, in lower case, as they are called here and at the remotes. */
export function branchNames(refs: readonly string[], remotes: readonly string[]): ReadonlySet<string> {
  const places = ['refs/heads/', ...remotes.map((remote) => `refs/remotes/${remote}/`)];
  const found = refs.flatMap((ref) =>
    places.flatMap((place) => (ref.startsWith(place) ? [ref.slice(place.length).toLowerCase()] : [])),
  );
  return new Set(found);
}
