import type { Verdict } from '../verdict/verdict.ts';
import { checkName } from './check.ts';
import type { ReportContext } from './context.ts';
import { nextSteps } from './next-steps.ts';
import { documentUrl } from './project.ts';
import { pointOf } from './sections.ts';
import { titleOf } from './title.ts';

/** The verdict as plain JSON data for machines: stable names, codes and outcomes; the words in it may change. */
export function jsonReport(verdict: Verdict, context: ReportContext): Readonly<Record<string, unknown>> {
  const { target, outcome, enforced, mode, people, digest, evidence, rulings } = verdict;
  return {
    outcome,
    enforced,
    mode,
    check: checkName(target.branch, mode),
    title: titleOf(verdict),
    target,
    change: digest === null ? null : `sha256:${digest}`,
    people,
    evidence,
    findings: rulings.flatMap((ruling) =>
      ruling.findings.map((found) => {
        const { sentence, remedies } = pointOf(found, ruling, verdict, context);
        return {
          code: found.code,
          outcome: found.outcome,
          rule: ruling.rule,
          requirement: ruling.rule === 'requirement' ? ruling.title : null,
          message: sentence,
          remedy: remedies,
          help: documentUrl('docs/findings.md', found.code),
          data: found.data,
        };
      }),
    ),
    rulings: rulings.map(({ rule, title, outcome: of, counted }) => ({ rule, title, outcome: of, counted })),
    policyChanges: verdict.policyChanges ?? [],
    unprovable: context.unprovable ?? null,
    next: nextSteps(verdict, context).map(({ who, what, commands }) => ({ who, what, commands })),
  };
}

/**
 * JSON text that is safe to print on a terminal: whatever is not plain ASCII is written as its escape.
 *
 * @param indent blanks before each level, in lines; 0: one line
 */
export function jsonText(value: unknown, indent = 0): string {
  // Between the quotation marks JSON has no line end of its own.
  return JSON.stringify(value, null, indent).replace(/[^\n\u0020-\u007e]/g, (unit) => {
    return `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`;
  });
}
