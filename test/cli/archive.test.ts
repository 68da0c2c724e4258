import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { fenced, useArchive } from './archive-stage.ts';

const shared = useArchive();

describe('archive', () => {
  test('brings what the roster signed in pull requests into the ledger, and nothing else', async () => {
    const { fork, repository, base, propose, archive, ledger, github } = shared.stage;
    const { number, head } = await propose('one');
    const review = await fork.review({ as: 'bob', base, head });
    repository.comment(number, fenced(review), { as: 'mallory' });
    repository.comment(number, fenced(await fork.review({ as: 'bob', base, head, key: 'carol' })));
    repository.comment(number, fenced(review.replace('decision: approve', 'decision: reject')));
    repository.comment(number, 'countersign: nonsense\n\nhello');
    repository.comment(number, 'No statement at all.');

    const dry = await archive('--pulls', String(number), '--dry-run');
    expect(dry).toMatchObject({ code: 0, outcome: 'would-append' });
    expect(await repository.branch('countersign/ledger')).toBeUndefined();

    const first = await archive('--pulls', String(number));
    expect(first).toMatchObject({ code: 0, outcome: 'appended', pulls: [number] });
    expect(first.added).toHaveLength(1);
    expect(first.added[0]).toMatch(new RegExp(`^review/${head}/[0-9a-f]{64}$`));
    expect(first.leftOut.map(({ reason }) => reason)).toEqual(['not-of-roster', 'not-of-roster']);
    expect(await ledger()).toEqual(first.added);
    expect(await archive('--pulls', String(number))).toMatchObject({ code: 0, outcome: 'nothing-new' });
    expect(github.violations).toEqual([]);
  });

  test('looks at what happened last where no pull request is named, and says what is left to prove', async () => {
    const { fork, repository, base, propose, land, archive, cli } = shared.stage;
    const two = await propose('two');
    const merge = await land(two.head, base);
    const before = await archive();
    expect(before.provable).toEqual([{ branch: 'master', looked: 1, missing: [merge], unknown: [] }]);
    const judged = await cli('verify', '--base', 'origin/master', '--head', 'origin/master', '--json');
    expect(JSON.parse(judged.out)).toMatchObject({
      unprovable: 1,
      ledger: { provable: { looked: 1, missing: [merge], unknown: [] } },
    });

    repository.comment(two.number, fenced(await fork.review({ as: 'bob', base, head: two.head })));
    const after = await archive();
    expect(after.outcome).toBe('appended');
    expect(after.provable).toEqual([{ branch: 'master', looked: 1, missing: [], unknown: [] }]);
    const again = await cli('verify', '--base', 'origin/master', '--head', 'origin/master', '--json');
    expect(JSON.parse(again.out)).toMatchObject({ unprovable: 0 });
  });

  test('verify counts what is in the ledger, and leaves it out with --no-ledger', async () => {
    const { fork, base, repository, propose, archive, cli } = shared.stage;
    const { number, head } = await propose('three');
    const range = ['verify', '--branch', 'master', '--base', base, '--head', head];
    expect((await cli(...range)).code).toBe(3);
    repository.comment(number, fenced(await fork.review({ as: 'bob', base, head })));
    await archive('--pulls', String(number));
    expect((await cli(...range)).code).toBe(0);
    expect((await cli(...range, '--no-ledger')).code).toBe(3);
  });

  test('an approval of an earlier head lies under the last one as well', async () => {
    const { fork, base, repository, propose, push, land, archive, cli } = shared.stage;
    const { number, head } = await propose('four');
    repository.comment(number, fenced(await fork.review({ as: 'bob', base, head })));
    const later = await fork.commit({
      message: 'again',
      files: { 'pkgs/four.nix': 'four' },
      as: 'alice',
      on: base,
    });
    await push(later, 'four');
    const { added } = await archive('--pulls', String(number));
    expect(added.map((path) => path.split('/')[1]).sort()).toEqual([head, later].sort());
    expect(new Set(added.map((path) => path.split('/')[2])).size).toBe(1);
    expect((await cli('verify', '--branch', 'master', '--base', base, '--head', later)).code).toBe(0);

    const merge = await land(later, await fork.git('rev-parse', 'origin/master'));
    const { provable } = await archive('--pulls', String(number));
    expect(provable[0]?.missing).toEqual([]);
    expect(provable[0]?.looked).toBeGreaterThan(1);
    expect(await fork.git('rev-parse', 'origin/master')).toBe(merge);
  });

  test('takes statements from files, and asks GitHub nothing then', async () => {
    const { fork, base, propose, archive, github } = shared.stage;
    const { head } = await propose('five');
    const file = join(fork.keys.home, 'five.txt');
    await writeFile(file, await fork.review({ as: 'bob', base, head, form: 'cleartext' }));
    const asked = github.requests.filter(({ path }) => path.includes('/pulls')).length;
    expect(await archive('--statements', file)).toMatchObject({ code: 0, outcome: 'appended', pulls: [] });
    expect(github.requests.filter(({ path }) => path.includes('/pulls'))).toHaveLength(asked);
  });

  test('in words', async () => {
    const { fork, base, propose, repository, cli } = shared.stage;
    const { number, head } = await propose('six');
    repository.comment(number, fenced(await fork.review({ as: 'bob', base, head })));
    repository.comment(number, fenced(await fork.review({ as: 'bob', base, head, key: 'carol' })));
    const { out, code } = await cli('archive', '--pulls', String(number));
    expect(code).toBe(0);
    expect(out.replace(/comment \d+/, 'comment N').replace(/#\d+/, '#N')).toBe(
      [
        'added 1 file to the ledger at `origin`',
        'looked into 1 pull request',
        'left out: comment N in #N is not signed by a key of the person that it names, by the roster at the tip of its branch',
        'the last 2 merges of `master` are all provable from the ledger alone',
        '',
      ].join('\n'),
    );
  });

  test('a rewritten ledger is refused with exit code 1, and accepted on demand', async () => {
    const { fork, base, repository, propose, archive, cli, ledger } = shared.stage;
    const before = await ledger();
    const emptied = await fork.git('commit-tree', '-m', 'gone', '4b825dc642cb6eb9a060e54bf8d69288fbee4904');
    await repository.push({
      from: fork.dir,
      ref: emptied,
      branch: 'countersign/ledger',
      as: 'mallory',
      force: true,
    });
    const { number, head } = await propose('seven');
    repository.comment(number, fenced(await fork.review({ as: 'bob', base, head })));
    const { code, out } = await cli('archive', '--pulls', String(number));
    expect(code).toBe(1);
    expect(out).toContain('[ledger-rewritten]');
    expect(out).toContain(`${before.length} files that it held then are not in it; nothing was written`);
    const verified = await cli('verify', '--branch', 'master', '--base', base, '--head', head);
    expect(verified.err).toContain('[ledger-rewritten]');
    const accepted = await archive('--pulls', String(number), '--accept-rewrite');
    expect(accepted).toMatchObject({ code: 0, outcome: 'appended' });
    expect(accepted.restored).toHaveLength(before.length);
    expect((await ledger()).length).toBe(before.length + 1);
  });

  test('a rewrite is accepted without pull requests and statements, and without asking the forge', async () => {
    const { fork, repository, archive, cli, ledger, github } = shared.stage;
    const before = await ledger();
    const emptied = await fork.git('commit-tree', '-m', 'empty', '4b825dc642cb6eb9a060e54bf8d69288fbee4904');
    const what = { from: fork.dir, branch: 'countersign/ledger', as: 'mallory', force: true };
    await repository.push({ ...what, ref: emptied });
    const asked = github.requests.filter(({ path }) => path.includes('/pulls')).length;
    const accepted = await archive('--accept-rewrite');
    expect(accepted).toMatchObject({ code: 0, outcome: 'appended', pulls: [] });
    expect(accepted.restored).toHaveLength(before.length);
    expect(await ledger()).toEqual(before);
    expect(await archive('--accept-rewrite')).toMatchObject({ code: 0, outcome: 'nothing-new', pulls: [] });
    expect(github.requests.filter(({ path }) => path.includes('/pulls'))).toHaveLength(asked);

    // Where there is no forge to ask at all.
    const plain = join(fork.keys.home, 'plain.git');
    await fork.git('init', '--quiet', '--bare', plain);
    await fork.git('remote', 'add', 'plain', plain);
    await fork.git('push', '--quiet', 'plain', 'origin/master:refs/heads/master');
    expect((await cli('archive', '--remote', 'plain')).code).toBe(64);
    expect((await archive('--remote', 'plain', '--branch', 'master', '--accept-rewrite')).code).toBe(0);
  });

  test('a ledger that went back is reported, and hides no "no"', async () => {
    const { fork, base, repository, propose, archive, cli } = shared.stage;
    const { number, head } = await propose('eight');
    const before = (await repository.branch('countersign/ledger')) ?? '';
    const no = await fork.review({ as: 'carol', base, head, decision: 'reject' });
    repository.comment(number, fenced(no));
    repository.comment(number, fenced(await fork.review({ as: 'bob', base, head })));
    await archive('--pulls', String(number));
    const range = ['verify', '--branch', 'master', '--base', base, '--head', head];
    expect((await cli(...range)).code).toBe(1);
    for (const [ref, words] of [
      [before, `went back to ${before} from `],
      [null, 'is gone; it was at '],
    ] as const) {
      if (ref === null) await fork.git('update-ref', '-d', 'refs/remotes/origin/countersign/ledger');
      else {
        const what = { from: fork.dir, ref, branch: 'countersign/ledger', as: 'mallory', force: true };
        await repository.push(what);
        await fork.git('fetch', '--quiet', 'origin', '+refs/heads/*:refs/remotes/origin/*');
      }
      const found = await cli(...range);
      expect(found.err).toContain(`the ledger of \`origin\` ${words}`);
      expect(found.err).toContain('[ledger-rewritten]');
      expect(found.code).toBe(1);
      expect(found.out).toContain('carol has signed a "no"');
    }
    await archive('--pulls', String(number), '--accept-rewrite');
    await fork.git('fetch', '--quiet', 'origin');
    expect((await cli(...range)).err).toBe('');
  });

  test.each([
    [['--pulls', 'x'], 64],
    [['--last', '0'], 64],
    [['--branch', 'a..b'], 64],
    [['--branch', 'nowhere', '--last', '1'], 0],
    [['--pulls', '999'], 2],
    [['--remote', 'nowhere'], 2],
    [['--statements', 'nowhere.txt'], 2],
    [['--repository', '/'], 2],
  ])('%j: %i', async (args, code) => {
    expect((await shared.stage.cli('archive', ...args)).code).toBe(code);
  });
});
