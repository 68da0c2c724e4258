import type { Verdict } from '../verdict/verdict.ts';
import { shellWord, showInvisible } from './clean.ts';
import type { ReportContext } from './context.ts';

/** The commit whose policy judges, and the one that is judged. */
export function endsOf({ target }: Verdict): { base: string; head: string } {
  return target.kind === 'change'
    ? { base: target.tip, head: target.head }
    : { base: target.parent, head: target.commit };
}

/** Brings both commits into a clone; nothing where the repository is the local one. */
export function fetchCommand({ url }: ReportContext, base: string, head: string): string[] {
  return url === null ? [] : [`git fetch ${word(url)} ${base} ${head}`];
}

/** What `countersign review` and `adopt` are told to look at: the pull request, else the head and its branch. */
export function revisionOf(verdict: Verdict, { pull }: ReportContext): string {
  return pull === null ? `${endsOf(verdict).head} --branch ${branchWord(verdict)}` : String(pull);
}

/** The statement made and signed with nothing but git, this program's text, and gpg or ssh-keygen. */
export function byHand(
  type: 'review' | 'adopt',
  verdict: Verdict,
  context: ReportContext,
  candidates: readonly string[],
): string[] {
  const { base, head } = endsOf(verdict);
  const [only, ...others] = candidates;
  const name = only !== undefined && others.length === 0 ? only : 'YOUR-NAME';
  const file = `${type}.txt`;
  return [
    ...fetchCommand(context, base, head),
    `git diff --ignore-submodules=none --no-ext-diff --no-textconv ${base}...${head}`,
    // What an earlier attempt left must not be signed, nor the empty file of one that failed.
    `rm -f ${file}* && countersign statement ${type} --base ${base} --head ${head} --branch ${branchWord(verdict)} --as ${word(name)} > ${file} || rm -f ${file}`,
    '# (its serial goes on from what this machine knows of yours; after one from elsewhere: --serial NUMBER, above that)',
    '# with an OpenPGP key:',
    `gpg --armor --detach-sign ${file} && cat ${file} ${file}.asc`,
    '# or with an SSH key:',
    `ssh-keygen -Y sign -n countersign@v1 -f ~/.ssh/id_ed25519 ${file} && cat ${file} ${file}.sig`,
    context.pull === null
      ? '# hand on what the last command prints, or name its file with --statements'
      : '# post what the last command prints as a comment, in a code block',
  ];
}

function branchWord({ target }: Verdict): string {
  return word(target.branch);
}

/** One visible word of a command, whatever was in the text. */
function word(text: string): string {
  return shellWord(showInvisible(text));
}
