import type { Oid } from '../../core/object/id.ts';
import { openFolder, type PolicyFolder } from '../../core/policy/folder.ts';
import { parsePolicy } from '../../core/policy/parse.ts';
import { extractStatements, type SignedText, type StatementSource } from '../../core/statement/extract.ts';
import { ledgerFile, ledgerPaths } from '../../core/statement/ledger.ts';
import { headOf, parseStatements, type Statement } from '../../core/statement/statement.ts';
import { textsOfRoster } from '../../gather/roster.ts';

/** A text that may hold statements, and the head of the pull request that it was posted in. */
export interface Collected {
  readonly source: StatementSource;
  readonly pullHead: Oid | null;
}

/** A text that is not put into the ledger, and why. */
export interface LeftOut {
  readonly from: string;
  readonly reason: 'not-a-statement' | 'no-policy' | 'other-project' | 'not-of-roster' | 'no-place';
}

export interface Selection {
  /** Files for the ledger, by path. */
  readonly files: ReadonlyMap<string, Uint8Array>;
  /** The branches that what is kept is about. */
  readonly branches: readonly string[];
  readonly leftOut: readonly LeftOut[];
}

interface Candidate {
  readonly signed: SignedText;
  readonly statements: readonly Statement[];
  readonly pullHead: Oid | null;
}

/** The policy folders at branches' tips, by branch; `null` for a branch that is not here. */
export type PolicyAt = (branch: string) => Promise<PolicyFolder | null>;

/**
 * Picks what belongs into the ledger: texts in which every statement is about this project and whose signature verifies
 * under a key of the very person named, by the roster at the tip of the branch that it is about (a revocation: of
 * `fallback`). Earlier rosters are not asked. Everybody else could only fill the ledger.
 */
export async function selectForLedger(
  collected: readonly Collected[],
  policyAt: PolicyAt,
  fallback: string,
): Promise<Selection> {
  const leftOut: LeftOut[] = [];
  const byBranch = new Map<string, Candidate[]>();
  for (const { source, pullHead } of collected) {
    for (const signed of extractStatements(source).signed) {
      const parsed = parseStatements(signed.text);
      if (!parsed.ok) {
        leftOut.push({ from: signed.from, reason: 'not-a-statement' });
        continue;
      }
      const { statements } = parsed;
      for (const branch of new Set(statements.map((one) => branchOf(one) ?? fallback))) {
        const known = byBranch.get(branch) ?? [];
        known.push({ signed, statements, pullHead });
        byBranch.set(branch, known);
      }
    }
  }
  const files = new Map<string, Uint8Array>();
  const branches: string[] = [];
  for (const [branch, candidates] of byBranch) {
    const folder = await policyAt(branch);
    const project = folder === null ? null : projectOf(folder);
    if (folder === null || project === null) {
      leftOut.push(...candidates.map(({ signed }) => ({ from: signed.from, reason: 'no-policy' as const })));
      continue;
    }
    const ours = candidates.filter(({ statements, signed }) => {
      const same = statements.every((one) => one.project === project);
      if (!same) leftOut.push({ from: signed.from, reason: 'other-project' });
      return same;
    });
    const roster = await textsOfRoster(
      folder,
      ours.map(({ signed }) => signed),
    );
    for (const candidate of ours) {
      const reason = roster.has(candidate.signed) ? place(candidate, files) : 'not-of-roster';
      if (reason !== null) leftOut.push({ from: candidate.signed.from, reason });
      else if (!branches.includes(branch)) branches.push(branch);
    }
  }
  return { files, branches, leftOut: leftOut.slice(0, MOST_LEFT_OUT) };
}

/** More than anybody reads. */
const MOST_LEFT_OUT = 1_000;

/** Several selections as one. */
export function joinSelections(selections: readonly Selection[]): Selection {
  return {
    files: new Map(selections.flatMap(({ files }) => [...files])),
    branches: [...new Set(selections.flatMap(({ branches }) => branches))],
    leftOut: selections.flatMap(({ leftOut }) => leftOut).slice(0, MOST_LEFT_OUT),
  };
}

/** Adds a candidate's paths; why it has none, or `null`. */
function place(
  { signed, statements, pullHead }: Candidate,
  files: Map<string, Uint8Array>,
): LeftOut['reason'] | null {
  try {
    const file = ledgerFile(signed);
    for (const path of ledgerPaths(file, statements, laterHeads(statements, pullHead))) files.set(path, file);
    return null;
  } catch (error) {
    if (error instanceof RangeError) return 'no-place';
    throw error;
  }
}

/**
 * An approval of an earlier head of a pull request may count for its last one by carry-over, and whoever judges from the
 * ledger alone looks under that one. Whether it counts is judged there again: a folder proves nothing.
 */
function laterHeads(statements: readonly Statement[], pullHead: Oid | null): readonly Oid[] {
  if (pullHead === null || statements.some((one) => headOf(one) === pullHead)) return [];
  return statements.some((one) => one.type === 'review' && one.decision === 'approve') ? [pullHead] : [];
}

function branchOf(statement: Statement): string | null {
  return statement.type === 'revoke' ? null : statement.branch;
}

/** The project that a policy names; `null` where there is none that can be read. */
export function projectOf(folder: PolicyFolder): string | null {
  const { policy } = openFolder(folder);
  const parsed = policy.state === 'present' ? parsePolicy(policy.bytes) : null;
  return parsed?.ok === true ? parsed.policy.project : null;
}
