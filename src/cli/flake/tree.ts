import { parseCommit, type Commit } from '../../core/object/commit.ts';
import type { Oid } from '../../core/object/id.ts';
import { finding, type Finding } from '../../core/verdict/finding.ts';
import { Unreadable } from '../../gather/ports.ts';
import type { OpenRepository } from '../../git/reader.ts';
import { findArchiveAttributes } from '../../nix/archive-attributes.ts';
import type { LockedInput } from '../../nix/flake-inputs.ts';
import { narHash } from '../../nix/nar.ts';

/** What nix will find at a commit. */
export interface FoundTree {
  readonly narHash: string;
  /** Seconds since 1970: the date of the committer, as nix takes it. */
  readonly lastModified: number;
  /** A line of `.gitattributes` for which a forge's tarball may be another tree; `null`: it is this one. */
  readonly attribute: Finding | null;
}

/** Computes what a lock file has to say of a commit, from objects whose ids are recomputed. Throws `Unreadable`. */
export async function readTree(opened: OpenRepository, rev: Oid, input: LockedInput): Promise<FoundTree> {
  const commit = await readCommit(opened, rev);
  const hash = await narHash(commit.tree, opened.objects);
  const [first] = input.tarball ? await findArchiveAttributes(commit.tree, opened.objects) : [];
  const attribute =
    first === undefined ? null : finding('flake-tarball-attributes', { ...first, url: input.url ?? '' });
  return { narHash: hash, lastModified: committed(commit), attribute };
}

/** What the hash of the plain tree says nothing about. */
export function extrasOf({ extras }: LockedInput): Finding | null {
  return extras.length === 0 ? null : finding('flake-input-extras', { extras });
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
