import { runTool } from '../signing/tool.ts';

/**
 * A person's token for a host: GITHUB_TOKEN or GH_TOKEN, else what GitHub's own command line is logged in with; `null` for
 * none. A token in the environment is meant for github.com, or for the API that GITHUB_API_URL names: no other host that a
 * remote names gets it.
 */
export async function findToken(
  host: string,
  environment: Readonly<Record<string, string | undefined>>,
): Promise<string | null> {
  if (host === 'github.com' || (environment['GITHUB_API_URL'] ?? '') !== '') {
    for (const name of ['GITHUB_TOKEN', 'GH_TOKEN']) {
      const token = environment[name]?.trim() ?? '';
      if (token !== '') return checkToken(token);
    }
  }
  const ran = await runTool('gh', ['auth', 'token', '--hostname', host], { quiet: true });
  if (!ran.started || ran.code !== 0) return null;
  const token = new TextDecoder('latin1').decode(ran.stdout).trim();
  return token === '' ? null : checkToken(token);
}

/** It goes into a header. */
function checkToken(token: string): string | null {
  return /^[\x21-\x7e]{1,4096}$/.test(token) ? token : null;
}
