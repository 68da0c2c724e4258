import type { Verdict } from '../verdict/verdict.ts';
import { count } from '../verdict/catalogue/entry.ts';
import type { ReportContext } from './context.ts';
import { documentUrl } from './project.ts';
import { isOutsideWork } from './title.ts';

/** To whoever proposed a change and is not on the roster. Sentences with a final period; backticks stand around commands. */
export function greetingOf(verdict: Verdict): string[] {
  if (!isOutsideWork(verdict)) return [];
  const commits = verdict.rulings.filter(({ rule }) => rule === 'commits');
  const refused = commits.some(({ findings }) => findings.some(({ outcome }) => outcome === 'fail'));
  const what = refused
    ? 'its roster looks at it, and signs the commits anew in their own name, since the policy takes no others.'
    : 'its roster looks at it, takes the commits over in their own name, and others approve.';
  return [
    `Thank you for this change. If you are not a maintainer of this project, there is nothing for you to do: somebody on ${what}`,
    'You need no key for that. If you would like to be on the roster, ask an admin: they add your key with ' +
      `\`countersign keys add\`, as ${documentUrl('docs/keys.md', 'a-new-maintainer')} says.`,
  ];
}

/** What the ledger lacks: such merges are judged, and can't be proven by git alone yet. */
export function ledgerNews({ unprovable }: ReportContext): string[] {
  if (unprovable === undefined || unprovable === 0) return [];
  const merges = count(unprovable, 'merge');
  return [
    `${merges} not yet provable: their signatures are not in the ledger; \`countersign archive\` collects them`,
  ];
}
