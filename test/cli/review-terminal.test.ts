import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { useReview } from './review-stage.ts';

const noTerminal = !/util-linux/.test(String(spawnSync('script', ['--version']).stdout));
if (noTerminal) console.warn('skipped: tests on a pseudo-terminal need `script` of util-linux');

const it = useReview();
const PROMPT = 'and a note: ';

describe.skipIf(noTerminal)('on a terminal', () => {
  test('what is typed is signed and posted, after one more question', async () => {
    const { stage } = it;
    const { number } = await stage.propose('one');
    const terminal = stage.terminal('bob', ['review', String(number)]);
    const shown = await terminal.shows(PROMPT);
    expect(shown).toContain('{ name = "one"; }');
    terminal.type('a built it here\r');
    await terminal.shows('[y/N] ');
    expect(stage.comments(number)).toEqual([]);
    terminal.type('y\r');
    expect(await terminal.ended).toBe(0);
    expect(stage.comments(number)[0]).toContain('note: built it here\n');
    expect((await stage.verify(number)).outcome).toBe('pass');
  });

  test.each([
    ['at the first question', []],
    ['at the last question', ['a\r']],
  ])('Ctrl-C %s leaves nothing behind', async (what, typed) => {
    const { stage } = it;
    const { number } = await stage.propose(`stop-${what.replaceAll(' ', '-')}`);
    const terminal = stage.terminal('bob', ['review', String(number)]);
    await terminal.shows(PROMPT);
    for (const text of typed) {
      terminal.type(text);
      await terminal.shows('[y/N] ');
    }
    terminal.type('\u0003');
    expect(await terminal.ended).toBe(130);
    expect(stage.comments(number)).toEqual([]);
  });

  test('"no" to the last question signs nothing, and so does skipping everything', async () => {
    const { stage } = it;
    const { number } = await stage.propose('two');
    const before = stage.touches();
    const declined = stage.terminal('dave', ['review', String(number)]);
    await declined.shows(PROMPT);
    declined.type('approve\r');
    await declined.shows('[y/N] ');
    declined.type('\r');
    const skipped = stage.terminal('dave', ['review', String(number)]);
    await skipped.shows(PROMPT);
    skipped.type('s\r');
    expect([await declined.ended, await skipped.ended]).toEqual([0, 0]);
    expect([stage.comments(number), stage.touches()]).toEqual([[], before]);
  });

  test('a push while somebody looks is noticed before anything is signed', async () => {
    const { stage } = it;
    const { number, head } = await stage.propose('three');
    const other = await stage.propose('four');
    const terminal = stage.terminal('bob', ['review', String(number), String(other.number)]);
    for (let change = 0; change < 2; change += 1) {
      await terminal.shows(PROMPT);
      terminal.type('a\r');
    }
    await terminal.shows('[y/N] ');
    const next = await stage.fork.commit({ files: { 'pkgs/three.nix': 'evil' }, as: 'alice', on: head });
    await stage.push(next, 'three');
    terminal.type('y\r');
    expect(await terminal.ended).toBe(1);
    expect(terminal.screen()).toContain('[head-moved]');
    expect(stage.comments(number)).toEqual([]);
    expect(stage.comments(other.number)[0]).toContain(`head: ${other.head}`);
    expect(stage.comments(other.number)[0]).not.toContain(head);
  });

  test('after a push only what changed since is shown, after a rebase nothing', async () => {
    const { stage } = it;
    const { number, head } = await stage.propose('five', {
      files: { 'pkgs/five.nix': 'seen before\n', 'pkgs/more.nix': 'as it was\n' },
    });
    const other = await stage.propose('another');
    await stage.as('bob', 'review', String(other.number), String(number), '--approve', '--yes');
    const next = await stage.fork.commit({ files: { 'pkgs/more.nix': 'all new\n' }, as: 'alice', on: head });
    await stage.push(next, 'five');
    const terminal = stage.terminal('bob', ['review', String(number)]);
    const shown = await terminal.shows(PROMPT);
    expect(shown).toContain('all new');
    expect(shown).not.toContain('seen before');
    terminal.type('f\r');
    expect(await terminal.shows(PROMPT)).toContain('seen before');
    terminal.type('a\r');
    await terminal.shows('[y/N] ');
    terminal.type('y\r');
    expect(await terminal.ended).toBe(0);

    const moved = await stage.fork.commit({
      files: { 'pkgs/elsewhere.nix': '1' },
      as: 'alice',
      on: stage.base,
    });
    await stage.push(moved, 'master');
    await stage.fork.git('checkout', '--quiet', '--force', '--detach', next);
    await stage.fork.git('rebase', '--quiet', moved);
    const rebased = await stage.fork.git('rev-parse', 'HEAD');
    await stage.push(rebased, 'five');
    const again = stage.terminal('bob', ['review', String(number)]);
    const unchanged = await again.shows(PROMPT);
    expect(unchanged).not.toContain('diff --git');
    again.type('q\r');
    expect(await again.ended).toBe(0);
  });

  test('nothing in the difference speaks to the terminal', async () => {
    const { stage } = it;
    const hostile = 'x\u001b]0;gone\u0007\u001b[2K\u202eltr\u0000\n';
    const { number } = await stage.propose('six', {
      files: {
        'pkgs/six.nix': hostile.replace('\u0000', ''),
        'pkgs/evil.bin': hostile,
        '.gitattributes': '*.nix diff=evil -diff binary\n',
      },
      message: 'six\u001b[31m: \u202einit',
    });
    const terminal = stage.terminal('bob', ['review', String(number)], { NO_COLOR: '1', GIT_PAGER: 'cat' });
    const shown = await terminal.shows(PROMPT);
    terminal.type('q\r');
    await terminal.ended;
    expect(shown).toContain('x\\u{1b}]0;gone\\u{7}\\u{1b}[2K\\u{202e}ltr');
    expect(shown).not.toMatch(/\u001b\]|\u0007|\u202e|\u001b\[31m|\u001b\[2K/);
    expect(shown).toContain('1 file of no text was not shown');
  });

  test("the pager is the person's own, without a shell and never the repository's", async () => {
    const { stage } = it;
    const { number } = await stage.propose('seven');
    const home = join(stage.clone('bob'), '..');
    const pager = join(home, 'pager');
    await writeFile(pager, '#!/bin/sh\necho "paged by $1"\ncat\n', { mode: 0o755 });
    const never = join(home, 'never');
    spawnSync('git', ['config', 'core.pager', `touch ${never}`], { cwd: stage.clone('bob') });
    const shownWith = async (settings: Record<string, string>): Promise<string> => {
      const terminal = stage.terminal('bob', ['review', String(number)], settings);
      const shown = await terminal.shows(PROMPT);
      terminal.type('q\r');
      await terminal.ended;
      return shown;
    };
    expect(await shownWith({ GIT_PAGER: `${pager} 'two words'` })).toContain('paged by two words');
    const shell = await shownWith({ GIT_PAGER: `${pager} $(touch ${never})` });
    expect(shell).not.toContain('paged by');
    expect(shell).toContain('{ name = "seven"; }');
    expect(await shownWith({})).toContain('{ name = "seven"; }');
    expect(existsSync(never)).toBe(false);
    spawnSync('git', ['config', '--unset', 'core.pager'], { cwd: stage.clone('bob') });
  });
});
