import { randomBytes } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { redacting, type Fields } from '../../src/app/log.ts';
import { cleanPatch, type Shown } from '../../src/cli/review/patch-text.ts';
import { isBranchName } from '../../src/core/statement/names.ts';
import { isBranchName as isUsableRef } from '../../src/git/refs.ts';
import { useReview } from '../cli/review-stage.ts';
import { must, run } from '../keys/keys.ts';

const SHOWN = { NO_COLOR: '1', GIT_PAGER: 'cat' };

describe('what a reviewer is shown', () => {
  const it = useReview();

  /** Reviews on a terminal, decides and signs; gives all that was shown. */
  async function sit(name: string, number: number, decision: string): Promise<string> {
    const terminal = it.stage.terminal(name, ['review', String(number)], SHOWN);
    await terminal.shows('and a note: ');
    terminal.type(`${decision}\r`);
    await terminal.shows('[y/N] ');
    terminal.type('y\r');
    await terminal.ended;
    return terminal.screen();
  }

  test('is all of a change that starts before what they saw: what was taken back there comes in again', async () => {
    const { stage } = it;
    const { fork, base } = stage;
    const files = { 'lib/crypto.nix': 'vulnerable = true;\n' };
    const landed = await fork.commit({ files, as: 'alice', on: base });
    await stage.push(landed, 'master');
    const { number, head } = await stage.propose('topic', { on: landed });
    await stage.as('bob', 'review', String(number), '--reject', '--note', 'typo in the message', '--yes');
    const reverted = await fork.commit({ files: { 'lib/crypto.nix': null }, as: 'alice', on: landed });
    await stage.push(reverted, 'master');
    const both = { ...files, 'pkgs/topic.nix': '{ name = "topic"; }\n' };
    const next = await fork.commit({ files: both, as: 'alice', on: base });
    const treeOf = (commit: string): Promise<string> => fork.git('rev-parse', `${commit}^{tree}`);
    expect(await treeOf(next)).toBe(await treeOf(head));
    await stage.push(next, 'topic');
    expect(await sit('bob', number, 'a')).toContain('vulnerable');
    await stage.push(base, 'master');
  }, 90_000);

  test('is all of a change of which they adopted a part', async () => {
    const { stage } = it;
    const { fork, base } = stage;
    const first = await fork.commit({ files: { 'pkgs/evil.nix': 'evil = true;\n' }, on: base });
    const second = await fork.commit({ files: { 'pkgs/fine.nix': 'fine\n' }, on: first });
    await stage.push(second, 'part');
    const opened = { head: 'part', base: 'master', title: 'part', as: 'alice' };
    const { number } = await stage.repository.openPullRequest(opened);
    expect((await stage.as('bob', 'adopt', String(number), '--base', first, '--yes')).code).toBe(0);
    await stage.push(
      await fork.commit({ files: { 'pkgs/fine.nix': 'finer\n' }, on: second, message: 'finer' }),
      'part',
    );
    expect(await sit('bob', number, 'o')).toContain('evil = true');
  }, 90_000);

  test('has the "no" to an earlier state in it, whatever strangers posted', async () => {
    const { stage } = it;
    const { fork, base } = stage;
    const { number } = await stage.propose('flooded');
    const fake = (): string =>
      [
        'countersign: review/v1',
        `project: ${stage.project}`,
        'branch: master',
        `base: ${'1'.repeat(40)}`,
        `head: ${randomBytes(20).toString('hex')}`,
        `change: sha256:${'0'.repeat(64)}`,
        'decision: approve',
        'reviewer: alice',
        'serial: 1',
        '-----BEGIN SSH SIGNATURE-----',
        '-----END SSH SIGNATURE-----',
      ].join('\n');
    stage.repository.comment(number, Array.from({ length: 100 }, fake).join('\n'), { as: 'mallory' });
    const said = ['--reject', '--note', 'this has a backdoor', '--yes'];
    expect((await stage.as('carol', 'review', String(number), ...said)).code).toBe(0);
    const files = { 'pkgs/flooded.nix': 'amended\n' };
    await stage.push(await fork.commit({ files, as: 'alice', on: base }), 'flooded');
    const looked = await stage.as('bob', 'review', String(number), '--approve', '--yes', '--print');
    expect(looked.err).toContain('this has a backdoor');
    const overruling = ['carol', String(number), '--reason', 'x', '--yes', '--print'];
    const overruled = await stage.as('dave', 'overrule', ...overruling);
    expect([overruled.code, overruled.out]).toEqual([0, expect.stringContaining('objector: carol')]);
    const withdrawn = await stage.as('carol', 'withdraw', String(number), '--yes', '--print');
    expect([withdrawn.code, withdrawn.out]).toEqual([0, expect.stringContaining('decision: withdraw')]);
  }, 90_000);

  test('leaves the branches of their clone where they are, and takes none that is called HEAD', async () => {
    const { stage } = it;
    const { fork, base } = stage;
    const require = ['{ name: nobody, people: 1, from: maintainers }'];
    const weak = await fork.setPolicy({ project: stage.project, require }, { as: 'alice' });
    await stage.push(
      await fork.commit({ files: { 'pkgs/later.nix': '1\n' }, as: 'alice', on: base }),
      'later',
    );
    for (const branch of ['HEAD', 'head']) {
      await stage.repository.push({ from: fork.dir, ref: weak, branch, as: 'alice' });
    }
    await stage.push(await fork.commit({ files: { x: '1\n' }, as: 'alice', on: weak }), 'evil-topic');
    const refs = async (): Promise<string> => {
      const args = ['for-each-ref', '--format=%(refname) %(objectname) %(symref)', 'refs/remotes'];
      return must('git', await run('git', ['-C', stage.clone('bob'), ...args])).toString();
    };
    const before = await refs();
    const review = async (branch: string) => {
      const opened = { head: 'evil-topic', base: branch, title: 'x', as: 'alice' };
      const { number } = await stage.repository.openPullRequest(opened);
      return stage.as('bob', 'review', String(number), '--approve', '--yes', '--print');
    };
    const refused = await review('HEAD');
    expect([refused.code, refused.out, refused.err]).toEqual([
      1,
      '',
      expect.stringContaining('branch-unusable'),
    ]);
    await review('head');
    expect(await refs()).toBe(before);
  }, 90_000);

  test('is of the repository whose address they gave, or nothing', async () => {
    const { stage } = it;
    const { number } = await stage.propose('mine');
    const host = new URL(stage.github.url).host;
    const approve = (address: string) =>
      stage.as('bob', 'review', `${address}/pull/${number}`, '--approve', '--yes', '--print');
    for (const elsewhere of [
      'https://evil.example/acme/nixpkgs',
      `http://${host}/acme/other`,
      `http://${host}/mallory/nixpkgs`,
    ]) {
      const { code, err, out } = await approve(elsewhere);
      expect([code, out, err]).toEqual([64, '', expect.stringContaining('pull-elsewhere')]);
    }
    expect((await approve(`http://${host}/Acme/NixPkgs`)).code).toBe(0);
    expect(stage.comments(number)).toEqual([]);
  }, 60_000);
});

test.each([isBranchName, isUsableRef])('a branch is called HEAD for neither of those who ask', (isName) => {
  expect(['HEAD', 'head', 'HEADS', 'a/HEAD'].filter((name) => !isName(name))).toEqual(['HEAD']);
});

test('a line of a difference that is too long to hold does not go on as another line', async () => {
  const hidden = Buffer.from('\nnext = 1;\n');
  async function* patch(): AsyncGenerator<Buffer, { cut: boolean }> {
    await Promise.resolve();
    yield Buffer.from(`+${'x'.repeat(600_000)}`);
    yield Buffer.from('x'.repeat(600_000));
    yield Buffer.from('-looks = "removed";');
    yield Buffer.concat([Buffer.from(' diff --git a/x b/x'), hidden]);
    return { cut: false };
  }
  const shown: Shown = { cut: false, binary: 0 };
  let text = '';
  for await (const part of cleanPatch(patch(), false, shown)) text += part;
  expect(text).toMatch(/^\+x{9999}… \(1190001 or more characters left out\)\nnext = 1;\n/);
  expect(text).not.toContain('removed');
  expect(shown.cut).toBe(true);
});

test('a secret that lies across the end of a log line shows no half of itself', () => {
  const secret = 'ihr-koennt-nach-hause-gehen-0123456789';
  const token = `ghs_${'a'.repeat(36)}`;
  let logged = '';
  const take = (fields: Fields, message: string): void => {
    logged += `${message} ${String(fields['reason'])}`;
  };
  const log = redacting({ debug: take, info: take, warn: take, error: take }, [secret]);
  for (const known of [secret, token]) {
    for (const length of [3_990, 63_990]) {
      const filler = 'some words '.repeat(length).slice(0, length - 1);
      log.error({ reason: `${filler} ${known}` }, 'failed');
    }
    // What was redacted before makes room for what comes after the place where the text is cut.
    log.error({ reason: `${`${secret} `.repeat(1_700)}${known}` }, 'failed');
  }
  expect(logged).not.toContain(secret.slice(0, 6));
  expect(logged).not.toContain(token.slice(0, 6));
  expect(logged).toContain('[redacted]');
});
