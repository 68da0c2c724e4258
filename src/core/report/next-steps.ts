import type { Finding } from '../verdict/finding.ts';
import type { Verdict } from '../verdict/verdict.ts';
import type { ReportContext } from './context.ts';
import { shellWord, showInvisible } from './clean.ts';

/** Something that somebody can do now, with commands to copy. */
export interface NextStep {
  readonly who: string;
  readonly what: string;
  readonly commands: readonly string[];
  readonly after: string | null;
}

/** For each kind of open point, who can do what. Commands hold whole ids and quoted words, nothing to fill in but a name. */
export function nextSteps(verdict: Verdict, context: ReportContext): NextStep[] {
  if (verdict.target.kind !== 'change') return [];
  const open = verdict.rulings.flatMap(({ findings }) =>
    findings.filter(({ outcome }) => outcome !== 'pass'),
  );
  if (open.some(({ code }) => code === 'change-empty')) return [];
  const steps: NextStep[] = [];
  // Signing them makes new commits: a review of the present head would be lost.
  if (open.some(isUnvouched)) return [signCommits(verdict, context)];
  const quorum = open.filter((found) => 'candidates' in found.data);
  if (quorum.length > 0) steps.push(review(verdict, context, candidatesOf(quorum)));
  return steps;
}

function isUnvouched({ code }: Finding): boolean {
  return (
    code === 'commit-unsigned' ||
    code === 'commit-key-unknown' ||
    code === 'commit-signature-unsupported' ||
    code === 'commit-by-github' ||
    code === 'commit-signer-not-allowed'
  );
}

function candidatesOf(quorum: readonly Finding[]): string[] {
  const names = quorum.flatMap(({ data }) => ('candidates' in data ? data.candidates : []));
  return [...new Set(names)].sort();
}

function ends({ target }: Verdict): { base: string; head: string } {
  return target.kind === 'change'
    ? { base: target.tip, head: target.head }
    : { base: target.parent, head: target.commit };
}

function fetchCommand({ url }: ReportContext, base: string, head: string): string[] {
  return url === null ? [] : [`git fetch ${shellWord(url)} ${base} ${head}`];
}

function signCommits(verdict: Verdict, context: ReportContext): NextStep {
  const { base, head } = ends(verdict);
  return {
    who: 'a maintainer',
    what: 'takes the commits over by signing them in their own name (and then counts as their author)',
    commands: [
      ...fetchCommand(context, base, head),
      `git switch --create take-over-${head.slice(0, 10)} ${head}`,
      `git rebase --force-rebase --gpg-sign "$(git merge-base ${base} ${head})"`,
    ],
    after: 'push the result to the branch of this change, or propose it as a change of your own',
  };
}

function review(verdict: Verdict, context: ReportContext, candidates: readonly string[]): NextStep {
  const { base, head } = ends(verdict);
  const [only, ...others] = candidates;
  const name = only !== undefined && others.length === 0 ? only : 'YOUR-NAME';
  const branch = shellWord(showInvisible(verdict.target.branch));
  return {
    who: candidates.length === 0 ? 'nobody who is left in the group' : candidates.join(', '),
    what: 'can look at the change and sign what they think of it',
    commands: [
      ...fetchCommand(context, base, head),
      `git diff --ignore-submodules=none --no-ext-diff --no-textconv ${base}...${head}`,
      `countersign statement review --base ${base} --head ${head} --branch ${branch} --as ${name} > review.txt`,
      '# with an OpenPGP key:',
      'gpg --armor --detach-sign review.txt && cat review.txt review.txt.asc',
      '# or with an SSH key:',
      'ssh-keygen -Y sign -n countersign@v1 -f ~/.ssh/id_ed25519 review.txt && cat review.txt review.txt.sig',
    ],
    after:
      context.pull === null
        ? 'hand on what the last command prints, or name its file with `--statements`'
        : 'post what the last command prints as a comment, in a code block',
  };
}
