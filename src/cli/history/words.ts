import type { Oid } from '../../core/object/id.ts';
import { cleanSentence } from '../../core/report/clean.ts';
import { titleOf } from '../../core/report/title.ts';
import { counted } from '../../core/policy/words.ts';
import { describe, type Finding } from '../../core/verdict/finding.ts';
import type { HistoryAnswer } from './prove.ts';

/** What stops an update, if anything does, and how far the branch is proven: sentences, safe on a terminal. */
export function summaryOf(
  answer: HistoryAnswer,
  accepted: Oid | null,
  findings: readonly Finding[],
): readonly string[] {
  const refused = accepted === null ? findings.filter(({ outcome }) => outcome !== 'pass') : [];
  const notes = findings.filter(({ code }) => code === 'head-vouched-earlier');
  return [
    ...[...refused, ...notes].map((found) => `${sentence(found)} [${found.code}]`),
    ...progressOf(answer),
  ];
}

/**
 * How far a branch is proven and what the rest waits for: sentences without line ends, safe on a terminal.
 *
 * @param astray whether what was asked for is no step of the branch, so that nothing there waits for it
 */
export function progressOf(answer: HistoryAnswer, astray = false): readonly string[] {
  const { state, failed, to } = answer;
  const sentences: string[] = [];
  if (state === null) return sentences;
  const branch = cleanSentence(state.branch);
  if (failed === null) {
    if (state.commit === to)
      sentences.push(
        `every step up to ${short(to)} holds: ${proven(answer)} since ${short(state.introduction)}`,
      );
  } else if (astray) {
    const since = `${proven(answer)} since ${short(state.introduction)}`;
    sentences.push(`its own line of first parents holds up to ${short(state.commit)}: ${since}`);
  } else {
    const ahead = counted(answer.ahead, 'step');
    sentences.push(
      `${short(to)} is ${ahead} ahead of what is proven on ${branch}`,
      `step ${short(failed.step)}: ${cleanSentence(titleOf(failed.verdict))}`,
      state.commit === state.introduction
        ? `nothing after the introduction ${short(state.introduction)} is proven`
        : `the newest proven commit is ${short(state.commit)}: ${proven(answer)} since ${short(state.introduction)}`,
    );
  }
  if (state.ratified.length > 0) {
    sentences.push(
      `${counted(state.ratified.length, 'step holds', 'steps hold')} because governance ratified ${state.ratified.length === 1 ? 'it' : 'them'}: ${state.ratified.slice(-5).map(short).join(', ')}`,
    );
  }
  return sentences;
}

/** A finding's cause, safe on a terminal. */
export function sentence(found: Finding): string {
  return cleanSentence(describe(found).cause);
}

export function short(id: Oid): string {
  return id.slice(0, 10);
}

function proven({ state }: HistoryAnswer): string {
  return `${counted(state?.steps ?? 0, 'step')}, ${counted(state?.commits ?? 0, 'commit')}`;
}
