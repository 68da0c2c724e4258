import { afterAll, beforeAll, expect } from 'vitest';
import { openStage, type Stage } from '../../demo/stage.ts';

/** One stand-in for GitHub with the app for a file of attack tests; at its end nothing may have violated GitHub's schemas. */
export function useStage(): { readonly stage: Stage } {
  let opened: Stage | null = null;
  beforeAll(async () => {
    opened = await openStage({ unsigned: 'adopt' });
  });
  afterAll(async () => {
    if (opened === null) return;
    const { violations } = opened.github;
    await opened.close();
    expect(violations).toEqual([]);
  });
  return {
    get stage() {
      if (opened === null) throw new Error('the stage is not open yet');
      return opened;
    },
  };
}

/** A pull request of alice's onto master (or another branch) with one signed commit in it. */
export async function propose(
  { fork, repository, base, push }: Stage,
  branch: string,
  options: { content?: string; onto?: string; as?: string } = {},
): Promise<{ head: string; number: number }> {
  const { content = `${branch}\n`, onto = 'master', as = 'alice' } = options;
  const head = await fork.commit({ files: { [`pkgs/${branch}.nix`]: content }, as, on: base });
  await push(head, branch, 'alice', { force: true });
  const { number } = await repository.openPullRequest({
    head: branch,
    base: onto,
    title: branch,
    as: 'alice',
  });
  return { head, number };
}

/** A comment as people post it: words, then the statement in a fenced block. */
export function fenced(statement: string): string {
  return `Looks good.\r\n\r\n\`\`\`\r\n${statement.replaceAll('\n', '\r\n')}\`\`\`\r\n`;
}
