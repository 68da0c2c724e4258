import { quoted } from '../../core/policy/words.ts';
import { clean, cleanSentence } from '../../core/report/clean.ts';
import type { Paint } from '../../core/report/paint.ts';
import type { Oid } from '../../core/object/id.ts';
import type { TrustEntry } from '../../trust/entry.ts';
import { findingJson, findingsJson } from '../history/report.ts';
import { short } from '../history/words.ts';
import type { Io } from '../io.ts';
import type { Brought, BroughtBranch } from './brought.ts';
import { findingLines, remedyLines } from '../finding-lines.ts';
import type { Place } from './place.ts';

interface Seen {
  /** By whole names on the other side. */
  readonly heads: ReadonlyMap<string, Oid>;
  readonly before: ReadonlyMap<string, Oid>;
  /** Whether anything has to be downloaded. */
  readonly isMissing: boolean;
}

/** Before anything is downloaded: what there is, what is here, and how much it will be, where that can be known. */
export function announce(
  place: Place,
  entries: readonly TrustEntry[],
  { heads, before, isMissing }: Seen,
  io: Io,
): void {
  const from = place.bundle === null ? `${place.remote} (${place.url})` : place.location;
  for (const { branch } of entries) {
    const head = heads.get(`refs/heads/${branch}`);
    const known = before.get(branch);
    const there = head === undefined ? `has no branch ${branch}` : `has ${branch} at ${short(head)}`;
    const here = known === undefined ? 'none is here yet' : `here it is at ${short(known)}`;
    io.err(`${clean(from)} ${clean(there)}; ${head === known ? 'the same as here' : here}\n`);
  }
  if (!isMissing) return;
  const size =
    place.bundle === null
      ? 'git learns only on the way how much it is; nothing but objects comes before all is proven'
      : `the bundle has ${sizeOf(place.bundle.bytes)}`;
  io.err(`downloading what is not here (${size})\n`);
}

/** `912 bytes`, `3.4 MB`. */
export function sizeOf(bytes: number): string {
  const units = ['kB', 'MB', 'GB', 'TB'];
  if (bytes < 1000) return `${bytes} bytes`;
  let amount = bytes / 1000;
  let unit = 0;
  while (amount >= 1000 && unit < units.length - 1) {
    amount /= 1000;
    unit += 1;
  }
  return `${amount.toFixed(1)} ${units[unit] ?? ''}`;
}

/** What a fetch did, line by line. */
export function fetchText({ branches, tags, notes }: Brought, paint: Paint): string {
  const lines = branches.flatMap((one) => branchLines(one, paint));
  if (tags !== null) {
    const named = (refs: readonly string[]): string =>
      quoted(refs.map((ref) => clean(ref.slice('refs/tags/'.length))));
    if (tags.added.length > 0) lines.push(`tags of proven commits: ${named(tags.added)}`);
    if (tags.differing.length > 0)
      lines.push(`tags that point elsewhere here, and stay: ${named(tags.differing)}`);
    if (tags.leftOut.length > 0)
      lines.push(`tags of commits that are not proven, left out: ${named(tags.leftOut)}`);
    if (tags.mistakable.length > 0)
      lines.push(
        `tags whose names git would take for a branch or another commit, left out: ${named(tags.mistakable)}`,
      );
    if (Object.values(tags).every((refs: readonly string[]) => refs.length === 0)) lines.push('no new tags');
  }
  lines.push(...notes.map(cleanSentence));
  return lines.map((line) => `${line}\n`).join('');
}

function branchLines(one: BroughtBranch, paint: Paint): string[] {
  const { branch, ref, before, accepted, outcome, trusted, problem, unkept } = one;
  const refused =
    accepted !== null ? [] : (trusted?.findings ?? []).filter((found) => found.outcome !== 'pass');
  const said = [
    ...(trusted?.summary ?? []).map((line) => `  ${cleanSentence(line)}`),
    ...refused.flatMap(remedyLines),
    ...(unkept === null ? [] : findingLines(unkept, paint)),
  ];
  const name = paint('bold', clean(branch));
  if (accepted === null) {
    const word = paint(outcome, outcome === 'pass' ? 'undetermined' : outcome);
    const why = problem === null ? [] : [`  ${cleanSentence(problem)}`];
    return [`${name}: ${word}, nothing was changed`, ...why, ...said];
  }
  const how =
    accepted === before
      ? `stays at ${short(accepted)}`
      : `${before === null ? '(new)' : short(before)} → ${short(accepted)}`;
  return [`${name}: ${paint('pass', 'proven')}, ${clean(ref)} ${how}`, ...said];
}

/** The same for programs. */
export function branchJson(one: BroughtBranch): Readonly<Record<string, unknown>> {
  const { branch, ref, head, before, accepted, outcome, trusted, problem, unkept } = one;
  const answer = trusted?.answer;
  return {
    ...{ branch, ref, head, before, accepted, outcome, problem },
    from: answer?.from ?? null,
    steps: answer?.steps ?? null,
    commits: answer?.commits ?? null,
    ahead: answer?.ahead ?? null,
    failed: answer?.failed?.step ?? null,
    findings: [
      ...(trusted === null ? [] : findingsJson(trusted)),
      ...(unkept === null ? [] : [findingJson(unkept)]),
    ],
    summary: trusted?.summary ?? [],
  };
}
