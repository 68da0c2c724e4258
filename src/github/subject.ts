import { parseOid, type Oid } from '../core/object/id.ts';

/** Where a subject lies. Names as GitHub spells them. */
export interface Place {
  /** The installation that may read and write there. */
  readonly installation: number;
  readonly owner: string;
  readonly repo: string;
}

/** Something to be judged, or to be looked through for what has to be judged. Plain data: it is stored as JSON. */
export type Subject =
  | (Place & { readonly kind: 'pull'; readonly number: number })
  | (Place & { readonly kind: 'push'; readonly branch: string; readonly before: Oid; readonly after: Oid })
  /** The open pull requests onto `branch` (`null`: any), or what is ours on the commit `head`. */
  | (Place & { readonly kind: 'sweep'; readonly branch: string | null; readonly head: Oid | null })
  /** A commit that was the head of a pull request onto `branch` and is it no more: its green must not outlive that. */
  | (Place & { readonly kind: 'retract'; readonly branch: string; readonly head: Oid })
  /** A key was revoked: nothing that is open may stand on it while it is judged again. */
  | (Place & { readonly kind: 'recall' })
  | (Place & { readonly kind: 'group'; readonly branch: string; readonly head: Oid })
  /** Every repository of every installation, so that a lost event is only a delay. */
  | { readonly kind: 'everything' };

/** A pull request of a repository, whatever else `place` carries. */
export function pullAt({ installation, owner, repo }: Place, number: number): Subject & { kind: 'pull' } {
  return { kind: 'pull', installation, owner, repo, number };
}

/** The same key for whatever has to be judged once: events about it coalesce. GitHub's names have no letter case. */
export function subjectKey(subject: Subject): string {
  if (subject.kind === 'everything') return 'everything';
  const place = `${subject.owner}/${subject.repo}`.toLowerCase();
  switch (subject.kind) {
    case 'pull':
      return `pull ${place} ${subject.number}`;
    case 'push':
      return `push ${place} ${subject.before} ${subject.after} ${subject.branch}`;
    case 'sweep':
      return `sweep ${place} ${subject.head ?? '-'} ${subject.branch ?? ''}`;
    case 'retract':
      return `retract ${place} ${subject.head} ${subject.branch}`;
    case 'recall':
      return `recall ${place}`;
    case 'group':
      return `group ${place} ${subject.head} ${subject.branch}`;
  }
}

/** The commits between which the push of this key went; `null` for the key of anything else. */
export function pushEnds(key: string): { readonly before: Oid; readonly after: Oid } | null {
  const [, before, after] = /^push \S+ ([0-9a-f]+) ([0-9a-f]+) /.exec(key) ?? [];
  const ends = [parseOid(before ?? ''), parseOid(after ?? '')] as const;
  return ends[0] !== null && ends[1] !== null ? { before: ends[0], after: ends[1] } : null;
}
