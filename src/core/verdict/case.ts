import type { Commit, ParsedCommit } from '../object/commit.ts';
import type { Oid } from '../object/id.ts';
import type { ChangedFile } from '../facts/change.ts';
import { changeDigest } from '../facts/digest.ts';
import type { Facts } from '../facts/facts.ts';
import { subjectOf } from '../facts/target.ts';
import type { Court } from './court.ts';
import { signerOf, type Signer } from './signer.ts';
import { encloseAll, type Enclosures } from './statements/span.ts';

/** All that the rules look at, derived once from the facts. */
export interface Case extends Court {
  readonly commits: readonly JudgedCommit[];
  readonly byId: ReadonlyMap<Oid, JudgedCommit>;
  /** What was proposed: the head of a change, the second parent of a merge, or a step's own single-parent commit. */
  readonly proposed: Oid;
  /** The merge commit of a step; `null` for anything else. */
  readonly merge: JudgedCommit | null;
  /** Whether a step's merge holds what our own merge of its parents does not. */
  readonly resolution: boolean;
  /** Everything that changes, or that would change by landing: what path rules look at. */
  readonly changed: readonly ChangedFile[];
  /** The commits by whose approval the whole of what is judged is approved. */
  readonly heads: ReadonlySet<Oid>;
  /** Heads that the proposal had before. */
  readonly earlier: ReadonlySet<Oid>;
  readonly enclosures: Enclosures;
  /** The digest that an approval must name; `null` where no statement made it necessary. */
  readonly digest: string | null;
}

export interface JudgedCommit {
  readonly id: Oid;
  readonly parsed: ParsedCommit;
  readonly commit: Commit | null;
  readonly signer: Signer;
}

export function openCase(court: Court): Case {
  const { facts, reading, proofs, landed } = court;
  const commits = reading.commits.map((parsed, index): JudgedCommit => {
    const signer = signerOf(proofs.commits[index] ?? null, court);
    const commit = parsed.ok ? parsed.commit : null;
    return { id: parsed.ok ? parsed.commit.id : parsed.id, parsed, commit, signer };
  });
  const byId = new Map(commits.map((one) => [one.id, one]));
  const subject = subjectOf(facts.target);
  const own = byId.get(subject) ?? null;
  const merge = landed && own?.commit && own.commit.parents.length > 1 ? own : null;
  const proposed = merge?.commit?.parents[1] ?? subject;
  const resolution =
    merge !== null && !(facts.remerge?.clean === true && facts.remerge.tree === merge.commit?.tree);
  const landing = facts.landing?.files ?? [];
  return {
    ...court,
    commits,
    byId,
    proposed,
    merge,
    resolution,
    changed: [...facts.change.files, ...landing],
    // A resolution is reviewed as a whole, on the merge itself: an approval of what was proposed has not seen it.
    heads: new Set(resolution ? [subject] : [proposed, subject]),
    earlier: new Set(facts.earlier),
    enclosures: encloseAll(facts),
    digest: digestOf(facts, resolution),
  };
}

function digestOf({ mergeBases, change, landing, contents }: Facts, resolution: boolean): string | null {
  if (resolution) return landing && changeDigest(landing.files, contents);
  return mergeBases?.length === 1 ? changeDigest(change.files, contents) : null;
}
