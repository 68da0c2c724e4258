import { Unreadable } from '../gather/ports.ts';
import { ASKING } from './environment.ts';
import { failed, runGit } from './run.ts';

/**
 * Throws `Unreadable('git-failed')` where the person's own git shows and checks out other objects in the place of some
 * (git-replace(1)). What is proven is proven of the true ones, and a branch that has come there would look otherwise to
 * every other command of git: no checkout of ours could mend that. Which objects it concerns is not looked at, since any
 * tree or file below a proven commit may be among them.
 */
export async function checkUnreplaced(directory: string): Promise<void> {
  const asked = { gitDir: null, cwd: directory, own: true, env: ASKING };
  const args = ['replace', '--list'];
  const listed = await runGit(args, asked);
  if (listed.code !== 0) throw failed(args, listed);
  const count = Buffer.from(listed.stdout).toString('latin1').split('\n').length - 1;
  if (count === 0) return;
  const used = await runGit(['config', '--type=bool', '--get', 'core.useReplaceRefs'], asked);
  if (Buffer.from(used.stdout).toString('latin1').trimEnd() === 'false') return;
  throw new Unreadable(
    'git-failed',
    `this repository replaces objects (\`git replace --list\` names ${count}), so that git shows and checks out other content than what is proven: \`git replace --delete ID\` drops one, \`git config core.useReplaceRefs false\` keeps them without effect`,
    { passing: false },
  );
}
