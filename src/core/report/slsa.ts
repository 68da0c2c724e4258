import { hash } from 'node:crypto';
import type { Facts } from '../facts/facts.ts';
import { judgedBy, subjectOf } from '../facts/target.ts';
import { rulesFor } from '../policy/branch-rules.ts';
import { openFolder, POLICY_PATH } from '../policy/folder.ts';
import { parsePolicy } from '../policy/parse.ts';
import type { BranchPolicy, Policy } from '../policy/policy.ts';
import type { Verdict } from '../verdict/verdict.ts';
import { showInvisible } from './clean.ts';
import { documentUrl, PROJECT_URL } from './project.ts';

export const STATEMENT_TYPE = 'https://in-toto.io/Statement/v1';
export const SUMMARY_TYPE = 'https://slsa.dev/verification_summary/v1';
const SLSA_VERSION = '1.2';
/** An extension field's name is a URI (in-toto parsing rules): what was judged, from where to where. */
const JUDGED_FIELD = documentUrl('docs/slsa.md', 'what-was-judged');
/** Where neither policy nor forge says what repository this is: a name that can belong to nobody (RFC 2606). */
const UNKNOWN_PROJECT = 'repository.invalid';

export interface SummaryOptions {
  /** The version of this program. */
  readonly version: string;
  /** Seconds since the epoch, for where no facts could be gathered. */
  readonly now: number;
}

/**
 * A verdict as an in-toto Statement v1 with an SLSA verification summary (slsa.dev/spec/v1.2/verification_summary), as
 * plain data, unsigned. `PASSED` is an enforced pass and nothing else. It is about what was judged, never about the
 * history before it: docs/slsa.md says what is not claimed.
 */
export function summaryOf(verdict: Verdict, facts: Facts | null, options: SummaryOptions): unknown {
  const { target, outcome, mode } = verdict;
  const judging = facts === null ? null : judgingPolicy(facts);
  const repository = `git+https://${judging?.policy?.project ?? facts?.repository ?? UNKNOWN_PROJECT}`;
  const passed = outcome === 'pass' && mode === 'enforce';
  const base = judgedBy(target);
  return {
    _type: STATEMENT_TYPE,
    subject: [
      {
        digest: { gitCommit: subjectOf(target) },
        // A proposed head is not on the branch: a step alone says that the branch pointed to it.
        ...(target.kind === 'step'
          ? { annotations: { sourceRefs: [`refs/heads/${showInvisible(target.branch)}`] } }
          : {}),
      },
    ],
    predicateType: SUMMARY_TYPE,
    predicate: {
      verifier: { id: PROJECT_URL, version: { countersign: options.version } },
      timeVerified: timestamp(facts?.evaluatedAt ?? options.now),
      resourceUri: repository,
      policy: {
        uri: `${repository}@${base}#${POLICY_PATH}`,
        digest: {
          ...(judging === null ? {} : { sha256: hash('sha256', judging.bytes, 'hex') }),
          gitCommit: base,
        },
      },
      ...attestations(verdict, repository),
      verificationResult: passed ? 'PASSED' : 'FAILED',
      verifiedLevels: passed ? levelsOf(verdict, judging?.policy ?? null) : ['FAILED'],
      slsaVersion: SLSA_VERSION,
      [JUDGED_FIELD]: {
        kind: target.kind,
        branch: showInvisible(target.branch),
        base,
        outcome,
        mode,
        change: verdict.digest === null ? null : `sha256:${verdict.digest}`,
      },
    },
  };
}

/**
 * The statements that counted, all of them or none: a list that is not whole must be left out (field
 * `inputAttestations`). A digest is that of the ledger file; the path is where it lies once it is archived.
 */
function attestations({ evidence }: Verdict, repository: string): { inputAttestations?: unknown[] } {
  const inputAttestations: unknown[] = [];
  for (const { type, head, digest } of evidence) {
    if (digest === null) return {};
    const folder = head === null ? `${type}/keys` : `${type}/${head}`;
    const uri = `${repository}@countersign/ledger#${folder}/${digest}`;
    inputAttestations.push({ uri, digest: { sha256: digest } });
  }
  return { inputAttestations };
}

/**
 * No level of the source track is claimed: from level 2 on they are about how the forge keeps the branch, which a verdict
 * does not see. The one property is two-party review, where rule and verdict establish it.
 */
function levelsOf(verdict: Verdict, policy: Policy | null): string[] {
  const reviewed = policy !== null && isTwoPartyReviewed(verdict, policy);
  return ['SLSA_SOURCE_LEVEL_UNEVALUATED', ...(reviewed ? ['SLSA_SOURCE_TWO_PARTY_REVIEWED'] : [])];
}

/** Whether this pass rests on the agreement of two people (SLSA source track, "Two-party review"), and on no exception. */
function isTwoPartyReviewed({ target, rulings }: Verdict, policy: Policy): boolean {
  const [branch, ...others] = rulesFor(policy, target.branch);
  if (!branch || others.length > 0) return false;
  const ratified = rulings.some(({ findings }) => findings.some(({ code }) => code === 'step-ratified'));
  return !ratified && demandsTwoParties(policy, branch);
}

/**
 * Whether the policy lets nothing onto the branch without two distinct people, one of whom signed a review: a requirement
 * for every change that asks for it, and a policy that no one person can change. A merger who counts as an approver has
 * signed no review, so a second approval must be asked for there.
 */
export function demandsTwoParties(policy: Policy, { mode, merges, require }: BranchPolicy): boolean {
  const reviews = merges.signerCountsAs === 'approver' ? 2 : 1;
  const everything = require.some(
    ({ paths, people, approvals }) =>
      paths === null && approvals >= reviews && Math.max(people, approvals) >= 2,
  );
  return mode === 'enforce' && everything && policy.governance.people >= 2;
}

function judgingPolicy(facts: Facts): { bytes: Uint8Array; policy: Policy | null } | null {
  const { policy } = openFolder(facts.policy);
  if (policy.state !== 'present') return null;
  const parsed = parsePolicy(policy.bytes);
  return { bytes: policy.bytes, policy: parsed.ok ? parsed.policy : null };
}

/** RFC 3339 in UTC, whole seconds. */
function timestamp(seconds: number): string {
  return new Date(seconds * 1000).toISOString().replace('.000Z', 'Z');
}
