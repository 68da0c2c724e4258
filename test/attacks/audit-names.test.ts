import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { deflateSync, inflateSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Unreadable } from '../../src/gather/ports.ts';
import { openRepository } from '../../src/git/reader.ts';
import { verifyCommit } from '../../src/cli/log/commits.ts';
import { parseLines } from '../cli/log-history.ts';
import { openFork } from '../fork/fork.ts';
import type { Fork } from '../fork/fork.ts';

/** Found by an audit: names and lists that somebody else decides, by refs that they push or files in the object store. */
describe('audit: whose policy a name leads to', () => {
  let fork: Fork;
  /** The true base, a policy of mallory's on top of it, and a change of mallory's on top of that. */
  let good: string;
  let evil: string;
  let head: string;

  beforeAll(async () => {
    fork = await openFork({ alice: 'ssh', bob: 'ssh', carol: 'ssh', mallory: 'ssh' });
    const everybody = new Map(fork.people);
    const only = (...names: string[]): void => {
      for (const name of [...fork.people.keys()]) fork.people.delete(name);
      for (const name of names) {
        const person = everybody.get(name);
        if (person !== undefined) fork.people.set(name, person);
      }
    };
    only('alice', 'bob', 'carol');
    good = await fork.setPolicy();
    only('mallory');
    const alone = '{ name: everything, people: 1, from: maintainers }';
    evil = await fork.setPolicy(
      { require: [alone], governance: '{ people: 1, from: admins }' },
      { on: good, as: 'mallory' },
    );
    head = await fork.commit({ files: { 'evil.nix': 'evil' }, as: 'mallory', on: evil });
    await fork.git('branch', '-f', 'master', good);
    await fork.git('update-ref', 'refs/remotes/origin/master', good);
    await fork.git('symbolic-ref', 'refs/remotes/origin/HEAD', 'refs/remotes/origin/master');
    for (const name of ['release@2', 'feat{x}']) await fork.git('update-ref', `refs/heads/${name}`, good);
  });
  afterAll(() => fork.close());

  const verify = async (base: string): Promise<{ code: number; err: string }> =>
    fork.cli('verify', '--branch', 'master', '--base', base, '--head', head);

  test.each([
    ['origin', () => 'origin'],
    ['a short id', () => good.slice(0, 10)],
    ['what git describe prints', () => `v1-3-g${good.slice(0, 10)}`],
    ['a name with @', () => 'release@2'],
    ['a name with braces', () => 'feat{x}'],
    ['a name with steps', () => 'release@2~0'],
  ])('a pushed tag does not decide what %s is', async (_what, name) => {
    const base = name();
    const tag = base.replace('~0', '');
    await fork.git('update-ref', `refs/tags/${tag}`, evil);
    const { code, err } = await verify(base);
    const listed = await fork.cli('log', '-n', '1', '--policy', base);
    await fork.git('update-ref', '-d', `refs/tags/${tag}`);
    expect([code, listed.code, listed.out]).toEqual([64, 64, '']);
    expect(err).toContain(`refs/tags/${tag}`);
  });

  test('steps back from a name are taken along hashed commits, whatever a commit-graph says', async () => {
    const path = (id: string): string => join(fork.dir, '.git/objects', id.slice(0, 2), id.slice(2));
    const middle = await fork.commit({ files: { a: 'a' }, as: 'mallory', on: evil });
    const tip = await fork.commit({ files: { b: 'b' }, as: 'mallory', on: middle });
    await fork.git('branch', '-f', 'side', tip);
    // While the graph is written, the store holds the middle commit with one more commit between it and its parent.
    const more = await fork.git('commit-tree', `${evil}^{tree}`, '-p', evil, '-m', 'x');
    const honest = readFileSync(path(middle));
    const forged = inflateSync(honest).toString('latin1').replace(`parent ${evil}`, `parent ${more}`);
    chmodSync(path(middle), 0o644);
    writeFileSync(path(middle), deflateSync(Buffer.from(forged, 'latin1')));
    await fork.git('commit-graph', 'write', '--reachable');
    writeFileSync(path(middle), honest);
    expect(await fork.git('rev-parse', 'side~3')).toBe(evil);
    const opened = await openRepository(fork.dir);
    try {
      expect(await opened.resolve('side~3')).toBe(good);
      expect(await opened.resolve('side^^^')).toBe(good);
      expect(await opened.resolve('side~2^{commit}')).toBe(evil);
      expect(await opened.resolve('side~99')).toBe(null);
      expect(await opened.resolve(':/policy')).toBe(null);
    } finally {
      await opened.dispose();
      rmSync(join(fork.dir, '.git/objects/info/commit-graph'), { force: true });
    }
  });

  test('a list that went on by other parents than the bytes name is refused', async () => {
    const opened = await openRepository(fork.dir);
    try {
      for await (const stored of opened.stream({ revisions: [head], maxCount: 1 })) {
        for (const commit of stored) {
          const keys = { find: () => [] };
          expect(commit.listedParents).toBe(evil);
          expect((await verifyCommit(commit, keys, false)).ok).toBe(true);
          const elsewhere = verifyCommit({ ...commit, listedParents: good }, keys, false);
          await expect(elsewhere).rejects.toThrow(Unreadable);
          const nowhere = verifyCommit({ ...commit, listedParents: '' }, keys, false);
          await expect(nowhere).rejects.toMatchObject({ code: 'object-forged' });
          // Where a clone was cut, a commit's parents are not listed.
          expect((await verifyCommit({ ...commit, listedParents: '' }, keys, true)).ok).toBe(true);
        }
      }
    } finally {
      await opened.dispose();
    }
  });

  test('where HEAD says who the people are, that is said, beside JSON too', async () => {
    await fork.git('symbolic-ref', '--delete', 'refs/remotes/origin/HEAD');
    await fork.git('update-ref', '--no-deref', 'HEAD', head);
    const { out, err } = await fork.cli('log', '--json', '-n', '1');
    expect(parseLines(out)).toMatchObject([{ person: 'mallory' }]);
    expect(err).toContain('HEAD says who the people are');
  });

  test('a pipe where a store lists what it borrows is refused, not waited for', async () => {
    const info = join(fork.dir, '.git/objects/info');
    mkdirSync(info, { recursive: true });
    execFileSync('mkfifo', [join(info, 'alternates')]);
    const opening = openRepository(fork.dir);
    await expect(opening).rejects.toMatchObject({ code: 'repository-untrusted' });
    rmSync(join(info, 'alternates'));
  });
});
