import { counted } from '../../core/policy/words.ts';
import { clean, cleanSentence, shellWord } from '../../core/report/clean.ts';
import type { Paint } from '../../core/report/paint.ts';
import type { Oid } from '../../core/object/id.ts';
import type { Finding } from '../../core/verdict/finding.ts';
import type { Outcome } from '../../core/verdict/outcome.ts';
import type { TrustEntry } from '../../trust/entry.ts';
import { conceal, normalUrl } from '../../trust/url.ts';
import { findingJson, findingsJson } from '../history/report.ts';
import type { TrustedAnswer } from '../history/trusted.ts';
import type { Io } from '../io.ts';
import { findingLines } from '../finding-lines.ts';
import { isOwn, type UnverifiedInput } from './inputs.ts';

/** What came of one input. */
export interface InputResult {
  readonly name: string;
  readonly entry: TrustEntry | null;
  /** What was locked. */
  readonly before: Oid | null;
  /** What is locked now, where something was proven; `null`: nothing was. */
  readonly accepted: Oid | null;
  /** What the branch has there. */
  readonly head: Oid | null;
  readonly narHash: string | null;
  readonly outcome: Outcome;
  /** What is wrong with it, or worth saying, beside what is to be said of its branch. */
  readonly problems: readonly Finding[];
  readonly trusted: TrustedAnswer | null;
}

/** The loud part: what nobody proved. Nothing where all is trusted. */
export function banner(unverified: readonly UnverifiedInput[], io: Io): void {
  if (unverified.length === 0) return;
  const loud = (text: string): string => io.paint('fail', io.paint('bold', text));
  const head = `**UNVERIFIED** ${counted(unverified.length, 'input')} of this flake`;
  const lines = unverified.map(
    ({ input, reason }) =>
      `  **UNVERIFIED** ${clean(input.name)} (${clean(conceal(input.shown))}): ${cleanSentence(reason)}`,
  );
  io.err(
    `${loud('*'.repeat(72))}\n${loud(head)}: nothing is proven of what ${unverified.length === 1 ? 'it brings' : 'they bring'}\n`,
  );
  io.err(`${lines.join('\n')}\n`);
  for (const command of additions(unverified)) io.err(`  → ${command}\n`);
  io.err(`${loud('*'.repeat(72))}\n`);
}

/** How the flake's own inputs come to be trusted; where it has none among these, an example of what inputs bring along. */
function additions(unverified: readonly UnverifiedInput[]): readonly string[] {
  const repositories = unverified.filter(({ input }) => input.url !== null);
  const own = repositories.filter(({ input }) => isOwn(input));
  const commands = (own.length > 0 ? own : repositories.slice(0, 1)).map(({ input: { url, ref } }) => {
    const branch = ref === null ? '' : ` --branch ${shellWord(clean(ref))}`;
    return `countersign trust add ${shellWord(clean(url ?? ''))} --introduction COMMIT${branch}`;
  });
  return [...new Set(commands)];
}

/** One input in lines: what came of it, what is wrong and what to do, and how far its branch is proven. */
export function inputLines(one: InputResult, what: string, paint: Paint): readonly string[] {
  const { name, entry, outcome, problems, trusted } = one;
  const where = entry === null ? '' : ` (${placeOf(entry)})`;
  return [
    `${paint('bold', clean(name))}${where}: ${paint(outcome, outcome === 'pass' ? 'proven' : outcome)}, ${what}`,
    ...problems.flatMap((found) => findingLines(found, paint)),
    // What stops the update stands above already, with what to do.
    ...(trusted?.summary ?? [])
      .filter((line) => !problems.some(({ code }) => line.endsWith(`[${code}]`)))
      .map((line) => `  ${cleanSentence(line)}`),
  ];
}

/** `acme/nixpkgs master` */
export function placeOf({ url, branch }: TrustEntry): string {
  const key = normalUrl(url)?.key ?? conceal(url);
  const name = key.startsWith('file://') ? key.slice('file://'.length) : key.slice(key.indexOf('/') + 1);
  return `${clean(name)} ${clean(branch)}`;
}

export function inputJson(one: InputResult): Readonly<Record<string, unknown>> {
  const { name, entry, before, accepted, head, narHash, outcome, problems, trusted } = one;
  return {
    ...{ name, url: entry === null ? null : conceal(entry.url), branch: entry?.branch ?? null },
    ...{ outcome, before, accepted, head, narHash },
    ahead: trusted?.answer.ahead ?? null,
    failed: trusted?.answer.failed?.step ?? null,
    problems: problems.map(findingJson),
    findings: trusted === null ? [] : findingsJson(trusted),
    summary: trusted?.summary ?? [],
  };
}

export function unverifiedJson({ input, reason }: UnverifiedInput): Readonly<Record<string, unknown>> {
  const { name, type, shown, ref, rev } = input;
  return { name, type, shown: conceal(shown), ref, rev, reason };
}
