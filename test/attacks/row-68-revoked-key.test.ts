import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import { fenced, openStage, REQUIRED } from '../app/stage.ts';

const ROLES = ['one', 'two', 'three'] as const;

test('row 68: after a revocation every open check goes to in_progress before anything else is published', async () => {
  const stage = await openStage();
  try {
    const { fork, repository, base, project, github } = stage;
    const heads: string[] = [];
    let last = 0;
    for (const name of ROLES) {
      const head = await fork.commit({ files: { [`pkgs/${name}.nix`]: '1\n' }, as: 'alice', on: base });
      last = await stage.propose(head, name);
      if (name !== 'three') {
        repository.comment(last, fenced(await fork.review({ as: 'bob', base, head })), { as: 'bob' });
      }
      heads.push(head);
    }
    await stage.settled();
    const states = (): string[] =>
      heads.map((head) => {
        const run = repository.checkRuns(head).findLast(({ name }) => name === REQUIRED);
        return run?.conclusion ?? run?.status ?? 'none';
      });
    expect(states()).toEqual(['success', 'success', 'action_required']);

    // What stood on the three commits whenever a check was written.
    const seen: string[][] = [];
    Object.defineProperty(github.requests, 'push', {
      value: (...done: typeof github.requests) => {
        const wrote = done.some(({ method, path }) => method !== 'GET' && path.includes('/check-runs'));
        if (wrote) seen.push(states());
        return 0;
      },
    });
    const key = fork.people.get('bob');
    if (key?.kind !== 'ssh') throw new Error('bob signs with SSH');
    const blob = Buffer.from(key.publicKey.split(' ')[1] ?? '', 'base64');
    const fingerprint = `SHA256:${createHash('sha256').update(blob).digest('base64').replace(/=+$/, '')}`;
    const revocation = await fork.say(
      {
        type: 'revoke',
        project,
        person: 'bob',
        key: `ssh:${fingerprint}`,
        revoker: 'bob',
        reason: 'laptop stolen',
      },
      'bob',
    );
    repository.comment(last, fenced(revocation), { as: 'bob' });
    await stage.settled();
    const taken = seen.findIndex((now) => now.every((state) => state === 'in_progress'));
    expect(taken).toBeGreaterThanOrEqual(0);
    // The third one failed before, and its own run is started when its turn comes.
    const before = seen.slice(0, taken).map(([one, two]) => [one, two]);
    expect(before.flat().every((state) => state === 'success' || state === 'in_progress')).toBe(true);
    expect(states()).toEqual(['action_required', 'action_required', 'action_required']);
    github.assertClean();
  } finally {
    await stage.close();
  }
});
