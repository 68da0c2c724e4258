import { parseCommit, type Commit } from '../../core/object/commit.ts';
import type { Oid } from '../../core/object/id.ts';
import { Unreadable } from '../../gather/ports.ts';
import type { OpenRepository } from '../../git/reader.ts';
import { findArchiveAttributes } from '../../nix/archive-attributes.ts';
import type { LockedInput } from '../../nix/flake-inputs.ts';
import { narHash } from '../../nix/nar.ts';
import { problem, type Problem } from './problem.ts';

/** What nix will find at a commit. */
export interface FoundTree {
  readonly narHash: string;
  /** Seconds since 1970: the date of the committer, as nix takes it. */
  readonly lastModified: number;
  /** A line of `.gitattributes` for which a forge's tarball may be another tree; `null`: it is this one. */
  readonly attribute: Problem | null;
}

/** Computes what a lock file has to say of a commit, from objects whose ids are recomputed. Throws `Unreadable`. */
export async function readTree(opened: OpenRepository, rev: Oid, input: LockedInput): Promise<FoundTree> {
  const commit = await readCommit(opened, rev);
  const hash = await narHash(commit.tree, opened.objects);
  const [first] = input.tarball ? await findArchiveAttributes(commit.tree, opened.objects) : [];
  const attribute =
    first === undefined
      ? null
      : problem(
          'flake-tarball-attributes',
          'pass',
          `nix takes this input as a tarball, which may differ from what is proven: ${first.path}:${first.line} says ${first.attribute}`,
          `if nix says that the hash does not fit, ask for it as \`git+${input.url ?? ''}\` in flake.nix`,
        );
  return { narHash: hash, lastModified: committed(commit), attribute };
}

/** What the hash of the plain tree says nothing about. */
export function extrasOf({ extras }: LockedInput): Problem | null {
  const names = extras.join(', ');
  if (names === '') return null;
  return problem(
    'flake-input-extras',
    'undetermined',
    `nix adds to or leaves out of its tree what is not computed here (${names})`,
    'ask for the input without that, or check it by hand',
  );
}

async function readCommit(opened: OpenRepository, id: Oid): Promise<Commit> {
  const [raw] = await opened.repository.readCommits([id]);
  const parsed = parseCommit(id, raw ?? new Uint8Array());
  if (parsed.ok) return parsed.commit;
  throw new Unreadable('object-forged', `commit \`${id}\`: ${parsed.detail}`, { passing: false });
}

function committed({ id, committer }: Commit): number {
  const [, seconds] = /> ([0-9]{1,15}) [+-][0-9]{4}$/.exec(Buffer.from(committer).toString('latin1')) ?? [];
  if (seconds !== undefined) return Number(seconds);
  throw new Unreadable('object-forged', `commit \`${id}\` has no date that nix could use`, {
    passing: false,
  });
}
