import type { Verdict } from '../verdict/verdict.ts';
import { checkName } from './check.ts';
import { inWords } from './in-words.ts';
import { titleOf } from './title.ts';

/** The verdict as plain JSON data for machines: stable names, codes and outcomes; the words in it may change. */
export function jsonReport(verdict: Verdict): unknown {
  const { target, outcome, enforced, mode, people, digest, rulings } = verdict;
  return {
    outcome,
    enforced,
    mode,
    check: checkName(target.branch, mode),
    title: titleOf(verdict),
    target,
    change: digest === null ? null : `sha256:${digest}`,
    people,
    findings: rulings.flatMap(({ rule, title, findings }) =>
      findings.map((found) => ({
        code: found.code,
        outcome: found.outcome,
        rule,
        requirement: rule === 'requirement' ? title : null,
        message: inWords(found).cause,
        remedy: inWords(found).remedy,
        data: found.data,
      })),
    ),
    rulings: rulings.map(({ rule, title, outcome: of, counted }) => ({ rule, title, outcome: of, counted })),
  };
}

/** JSON text that is safe to print on a terminal: whatever is not plain ASCII is written as its escape. */
export function jsonText(value: unknown): string {
  return JSON.stringify(value).replace(/[^\u0020-\u007e]/g, (unit) => {
    return `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`;
  });
}
