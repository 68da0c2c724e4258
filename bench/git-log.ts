import { runTool } from './tool.ts';
import type { BenchRepository } from './repository.ts';

/** git's own checking of a branch: a gpg or an ssh-keygen for each commit. */
export async function gitLog(
  { dir, allowedSigners }: BenchRepository,
  branch: string,
  gnupgHome: string,
): Promise<{ good: number; ms: number }> {
  const { stdout, ms } = await runTool(
    'git',
    ['-c', `gpg.ssh.allowedSignersFile=${allowedSigners}`, 'log', '--format=%G?', branch],
    { cwd: dir, env: { GNUPGHOME: gnupgHome } },
  );
  // git-log(1): G is good, U good with unknown validity, which is all that gpg says without a web of trust.
  const good = stdout.split('\n').filter((line) => line === 'G' || line === 'U').length;
  return { good, ms };
}
