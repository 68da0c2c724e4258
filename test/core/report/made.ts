import { parseOid, type Oid } from '../../../src/core/object/id.ts';
import type { ReportContext } from '../../../src/core/report/context.ts';
import type { Finding } from '../../../src/core/verdict/finding.ts';
import { worst, type Outcome } from '../../../src/core/verdict/outcome.ts';
import { NOBODY, ruling, type People, type Ruling, type Verdict } from '../../../src/core/verdict/verdict.ts';

export function oid(text: string): Oid {
  const id = parseOid(text);
  if (id === null) throw new Error('not an id');
  return id;
}

export const TIP = oid('21072f69d070761ef5020884d594166a3fb0b2a4');
export const HEAD = oid('9c1d2e3f40516273849506a7b8c9dae0f1021324');
export const EARLIER = oid('3f2a1b0c9d8e7f60514233241506f7e8d9cabbac');
export const STEP = oid('cf9a0d6f65932642dbaff6f02bdd51487332052f');
export const DIGEST = '2cc20c3b46ab3d0bf434903e9bc423d9556af53ea996708228ab29649c2c8a97';

export const CHANGE = { kind: 'change', branch: 'master', tip: TIP, head: HEAD } as const;
export const LANDED = { kind: 'step', branch: 'master', parent: TIP, commit: STEP } as const;

/** On GitHub, where the policy gives alice, bob and carol a login and dave none. */
export const ON_GITHUB: ReportContext = {
  url: 'https://github.com/acme/nixpkgs',
  pull: 123,
  logins: new Map([
    ['alice', 'alice'],
    ['bob', 'bob-builds'],
    ['carol', 'carol'],
  ]),
};
export const OFFLINE: ReportContext = { url: null, pull: null };

/** What each rule found; a rule that is not named found nothing. */
export type Found = Readonly<Record<string, readonly Finding[]>>;

const RULES: readonly (readonly [string, string])[] = [
  ['policy', 'policy and keys'],
  ['history', 'where the change stands'],
  ['paths', 'names of the changed files'],
  ['commits', 'signatures of the commits'],
  ['merge', 'merges cleanly'],
  ['objections', 'nobody has signed a "no"'],
];

/** The rulings of an evaluation, in its order, with these findings. */
export function rulingsWith(
  found: Found,
  counted: Readonly<Record<string, readonly string[]>> = {},
): Ruling[] {
  const known = RULES.map(([rule, title]) => ruling(rule, title, found[rule] ?? [], counted[rule] ?? []));
  const of = (rule: string, title: string): Ruling[] =>
    found[rule] === undefined && counted[rule] === undefined
      ? []
      : [ruling(rule, title, found[rule] ?? [], counted[rule] ?? [])];
  return [
    ...of('ratification', 'ratified by governance'),
    ...known,
    ruling('requirement', 'everything', found['requirement'] ?? [], counted['requirement'] ?? []),
    ...of('governance', 'changes of the policy'),
    ...of('carry-over', 'approvals of an earlier head that still hold'),
    ruling('statements', 'statements that do not count', found['statements'] ?? []),
  ];
}

export function verdictOf(
  rulings: readonly Ruling[],
  more: Partial<Omit<Verdict, 'people'>> & { readonly people?: Partial<People> } = {},
): Verdict {
  const outcome: Outcome = worst(rulings.map((one) => one.outcome));
  return {
    target: CHANGE,
    outcome,
    enforced: outcome,
    mode: 'enforce',
    rulings,
    digest: DIGEST,
    evidence: [],
    ...more,
    people: { ...NOBODY, ...more.people },
  };
}

/** What a page makes of Markdown beyond code and our own links and folds: an attacker's text must have no effect in it. */
export function outsideOfCode(summary: string): string {
  return summary
    .replaceAll(/^~~~~sh\n.*?\n~~~~$/gms, '')
    .replaceAll(/\[`?[a-z./-]+`?\]\(https:\/\/github\.com\/countersign\/countersign\/[\w./#-]+\)/g, '')
    .replaceAll(/`[^`\n]*`/g, '')
    .replaceAll(/^<details><summary>by hand<\/summary>$|^<\/details>$/gm, '');
}
