import { execFileSync } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { main } from '../../src/cli/main.ts';
import { PLAIN } from '../../src/core/report/paint.ts';
import { LEDGER_LIMITS, ledgerName } from '../../src/core/statement/ledger.ts';
import { usePerson } from '../git/ledger-stage.ts';
import { gitIn } from '../git/scratch.ts';
import { useFork, withStranger } from './attack.ts';

usePerson();
const shared = useFork();

let home: string;
let remote: string;
let base: string;
beforeAll(async () => {
  const { fork } = shared;
  home = await mkdtemp(join(tmpdir(), 'c63-'));
  remote = join(home, 'remote.git');
  base = await fork.setPolicy();
  await fork.git('branch', '--force', 'master', base);
  gitIn(home, ['clone', '-q', '--bare', fork.dir, remote]);
  await fork.git('remote', 'add', 'origin', remote);
  await fork.git('fetch', '--quiet', 'origin');
  await fork.git('remote', 'set-head', 'origin', 'master');
});
afterAll(async () => {
  await rm(home, { recursive: true, force: true });
});

async function cli(...args: string[]): Promise<{ code: number; out: string; err: string }> {
  let out = '';
  let err = '';
  const code = await main(args, {
    out: (text) => (out += text),
    err: (text) => (err += text),
    path: (given) => join(given.startsWith('/') ? '/' : shared.fork.dir, given),
    paint: PLAIN,
    environment: { HOME: home },
  });
  return { code, out, err };
}

/** What somebody with the right to push makes the whole ledger to be, on top of `onto` or of nothing. */
async function push(files: readonly (readonly [string, string])[], onto?: string): Promise<void> {
  const parts = files.map(
    ([path, text]) => `M 100644 inline ${path}\ndata ${Buffer.byteLength(text)}\n${text}\n`,
  );
  const head = [
    'commit refs/heads/countersign/ledger',
    'committer mallory <mallory@example.org> 0 +0000',
    'data 0',
    ...(onto === undefined ? ['deleteall'] : [`from ${onto}`]),
    '',
  ].join('\n');
  if (onto === undefined) gitIn(remote, ['update-ref', '-d', 'refs/heads/countersign/ledger']);
  execFileSync('git', ['fast-import', '--quiet', '--force'], { cwd: remote, input: head + parts.join('') });
  await shared.fork.git('fetch', '--quiet', '--prune', 'origin');
}

function file(head: string, text: string): readonly [string, string] {
  return [`review/${head}/${ledgerName(Buffer.from(text))}`, text];
}

const change = async (name: string): Promise<string> =>
  shared.fork.commit({ files: { [`pkgs/${name}.nix`]: name }, as: 'alice', on: base });
const verify = (head: string, ...more: string[]): ReturnType<typeof cli> =>
  cli('verify', '--branch', 'master', '--base', base, '--head', head, ...more);
const forget = (): Promise<void> => rm(join(home, '.local'), { recursive: true, force: true });

describe('row 63: the ledger is flooded', () => {
  test('ten thousand entries of others about one head hide nothing', { timeout: 120_000 }, async () => {
    const { fork } = shared;
    const head = await change('flooded');
    const good = await fork.review({ as: 'bob', base, head });
    const elsewhere = await fork.review({ as: 'bob', base, head: await change('elsewhere') });
    // Each names bob, and carries a signature that bob made, of something else.
    const junk = Array.from({ length: 10_000 }, (_, index) =>
      file(
        head,
        elsewhere.replace(/^head: .*$/m, `head: ${head}`).replace('serial: 1', `serial: ${index + 1}`),
      ),
    );
    await push(junk);
    expect((await verify(head)).code).toBe(3);
    await push([file(head, good)], 'refs/heads/countersign/ledger^0');
    const found = await verify(head);
    expect(found.err).toBe('');
    expect(found.code).toBe(0);
  });

  test('what a stranger signed counts for nothing', async () => {
    const { fork } = shared;
    const head = await change('stranger');
    const signed = (edit: (text: string) => string): Promise<string> =>
      withStranger(fork, () => fork.review({ as: 'bob', key: 'mallory', base, head, edit }));
    const named = await signed((text) => text.replace('reviewer: bob', 'reviewer: mallory'));
    await push([file(head, named), file(head, await signed((text) => text))]);
    expect((await verify(head)).code).toBe(3);
  });

  test('more than the bound blocks, says so, and can be left out', async () => {
    const { fork } = shared;
    const head = await change('drowned');
    const review = join(home, 'review.txt');
    await writeFile(review, await fork.review({ as: 'bob', base, head }));
    // One file under as many names: what counts is how many there are to look at.
    const blob = gitIn(remote, ['hash-object', '-w', '--stdin'], 'junk').toString().trimEnd();
    const names = Array.from({ length: LEDGER_LIMITS.entries + 1 }, (_, index) =>
      ledgerName(Buffer.from(String(index))),
    );
    const tree = names.map((name) => `100644 blob ${blob}\t${name}\n`).join('');
    const inside = (entry: string): string => gitIn(remote, ['mktree'], entry).toString().trimEnd();
    const top = inside(`040000 tree ${inside(`040000 tree ${inside(tree)}\t${head}\n`)}\treview\n`);
    const flooded = gitIn(remote, ['commit-tree', '-m', 'flood', top]).toString().trimEnd();
    gitIn(remote, ['update-ref', 'refs/heads/countersign/ledger', flooded]);
    await fork.git('fetch', '--quiet', 'origin');
    const found = await verify(head, '--statements', review);
    expect(found.code).toBe(2);
    expect(found.out).toContain('--no-ledger');
    expect((await verify(head, '--statements', review, '--no-ledger')).code).toBe(0);
    const other = await change('dry');
    expect((await verify(other)).code).toBe(3);
  });

  test('a worthless signature first does not keep the good one out', async () => {
    const { fork } = shared;
    const head = await change('first');
    const good = await fork.review({ as: 'bob', base, head });
    const worthless = await fork.review({ as: 'bob', base, head, key: 'carol' });
    // Under its own name, and under the name of the good one.
    await push([file(head, worthless), [file(head, good)[0], worthless]]);
    expect((await verify(head)).code).toBe(3);
    await forget();
    const review = join(home, 'first.txt');
    await writeFile(review, good);
    expect((await cli('archive', '--statements', review)).code).toBe(0);
    expect((await verify(head)).code).toBe(0);
  });
});

describe('row 63: the ledger is rewritten or deleted', () => {
  test('what is gone is missing and never a pass; it is noticed, and can be put back', async () => {
    const { fork } = shared;
    const head = await change('rewritten');
    const review = join(home, 'rewritten.txt');
    await writeFile(review, await fork.review({ as: 'bob', base, head }));
    await push([]);
    await forget();
    await cli('archive', '--statements', review);
    expect((await verify(head)).code).toBe(0);

    await push([file(head, 'something else')]);
    const found = await verify(head);
    expect(found.code).toBe(3);
    expect(found.err).toContain('[ledger-rewritten]');
    const refused = await cli('archive', '--statements', review);
    expect(refused.code).toBe(1);
    expect(refused.out).toContain('[ledger-rewritten]');

    gitIn(remote, ['update-ref', '-d', 'refs/heads/countersign/ledger']);
    await fork.git('fetch', '--quiet', '--prune', 'origin');
    expect((await verify(head)).code).toBe(3);
    expect((await cli('archive', '--statements', review)).code).toBe(1);

    const empty = join(home, 'empty.txt');
    await writeFile(empty, '');
    expect(await cli('archive', '--statements', empty, '--accept-rewrite')).toMatchObject({ code: 0 });
    expect((await verify(head)).code).toBe(0);
  });

  test('a commit on top that takes a signed "no" out is noticed, and the "no" is put back', async () => {
    const { fork } = shared;
    const head = await change('deleted');
    const no = await fork.review({ as: 'carol', base, head, decision: 'reject' });
    const [path, text] = file(head, no);
    const yes = await fork.review({ as: 'bob', base, head });
    const more = join(home, 'more.txt');
    await writeFile(more, await fork.review({ as: 'bob', base, head, serial: 2 }));
    await push([file(head, yes), [path, text]]);
    await forget();
    await fork.git('update-ref', '-d', 'refs/countersign/ledger/origin');
    expect(await verify(head)).toMatchObject({ code: 1, err: '' });
    const parts = ['commit refs/heads/countersign/ledger', 'committer m <m@example.org> 0 +0000', 'data 0'];
    const input = [...parts, 'from refs/heads/countersign/ledger^0', `D ${path}`, ''].join('\n');
    execFileSync('git', ['fast-import', '--quiet'], { cwd: remote, input });
    await fork.git('fetch', '--quiet', '--prune', 'origin');
    expect((await verify(head)).err).toContain('[ledger-rewritten]');
    expect((await cli('archive', '--statements', more)).code).toBe(1);
    expect((await cli('archive', '--statements', more, '--accept-rewrite')).code).toBe(0);
    const names = gitIn(remote, ['ls-tree', '-r', '--name-only', 'countersign/ledger']).toString();
    expect(names).toContain(path);
    expect((await verify(head)).err).toBe('');
  });
});
