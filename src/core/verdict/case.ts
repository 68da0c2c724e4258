import type { Commit, ParsedCommit } from '../object/commit.ts';
import type { Oid } from '../object/id.ts';
import type { ChangedFile } from '../facts/change.ts';
import { changeDigest } from '../facts/digest.ts';
import type { Facts } from '../facts/facts.ts';
import type { Proofs } from '../facts/prove.ts';
import type { Reading } from '../facts/reading.ts';
import { subjectOf } from '../facts/target.ts';
import type { BranchPolicy, Policy } from '../policy/policy.ts';
import type { Roster } from '../policy/roster.ts';
import { signerOf, type Signer } from './signer.ts';

/** All that the rules look at, derived once from the facts. */
export interface Case {
  readonly facts: Facts;
  readonly policy: Policy;
  readonly branch: BranchPolicy;
  readonly roster: Roster;
  readonly proofs: Proofs;
  readonly reading: Reading;
  /** Whether what is judged has landed already: then the roster counts, and dates do not (trust.md D19). */
  readonly landed: boolean;
  readonly commits: readonly JudgedCommit[];
  /** What was proposed: the head of a change, the second parent of a merge, or a step's own single-parent commit. */
  readonly proposed: Oid;
  /** The merge commit of a step; `null` for anything else. */
  readonly merge: JudgedCommit | null;
  /** Whether a step's merge holds what our own merge of its parents does not. */
  readonly resolution: boolean;
  /** Everything that changes, or that would change by landing: what path rules look at. */
  readonly changed: readonly ChangedFile[];
  /** The digests that an approval must name, by the head that it names. */
  readonly digests: ReadonlyMap<Oid, string | null>;
}

export interface JudgedCommit {
  readonly parsed: ParsedCommit;
  readonly commit: Commit | null;
  readonly signer: Signer;
}

export function openCase(
  reading: Reading,
  proofs: Proofs,
  policy: Policy,
  branch: BranchPolicy,
  roster: Roster,
): Case {
  const { facts } = reading;
  const landed = facts.target.kind === 'step';
  const context = { policy, roster, keyring: proofs.keyring, at: facts.evaluatedAt, landed };
  const commits = reading.commits.map((parsed, index): JudgedCommit => {
    const proof = proofs.commits[index] ?? null;
    return { parsed, commit: parsed.ok ? parsed.commit : null, signer: signerOf(proof, context) };
  });
  const subject = subjectOf(facts.target);
  const own = commits.find(({ commit }) => commit?.id === subject) ?? null;
  const merge = landed && own?.commit && own.commit.parents.length > 1 ? own : null;
  const proposed = merge?.commit?.parents[1] ?? subject;
  const resolution =
    merge !== null && !(facts.remerge?.clean === true && facts.remerge.tree === merge.commit?.tree);
  const landing = facts.landing?.files ?? [];
  const digests = new Map<Oid, string | null>();
  // A resolution is reviewed as a whole, on the merge itself: an approval of what was proposed has not seen it.
  if (!resolution) digests.set(proposed, changeDigest(facts.change.files, facts.contents));
  if (merge) digests.set(subject, changeDigest(landing, facts.contents));
  return {
    facts,
    policy,
    branch,
    roster,
    proofs,
    reading,
    landed,
    commits,
    proposed,
    merge,
    resolution,
    changed: [...facts.change.files, ...landing],
    digests,
  };
}
