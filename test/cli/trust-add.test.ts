import { chmod, mkdir, readdir, rename, stat, symlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { BOB, COMMIT, DIGEST, entryText, oid, trustText } from '../trust/texts.ts';
import { codeOf, given, OTHER, PROJECT, URL, useTrustStage } from './trust-stage.ts';

const stage = useTrustStage();

describe('trust add', () => {
  test('takes the one string that a project publishes', async () => {
    const { code, out, err } = await stage.run('add', given());
    expect(err).toBe('');
    expect(code).toBe(0);
    expect(out).toBe(
      [
        `trusted: branch \`master\` of \`${URL}\`, from \`${oid('c0ffee')}\` on`,
        `  project \`${PROJECT}\``,
        `  policy sha256:${DIGEST}`,
        `written to \`${stage.own}\``,
        '  → everything rests on the introduction: compare it with what the project says in another place',
        '',
      ].join('\n'),
    );
    expect(await stage.entries()).toEqual([[URL, PROJECT, 'master', oid('c0ffee'), DIGEST]]);
    expect((await stat(stage.own)).mode & 0o777).toBe(0o600);
    expect((await stat(dirname(stage.own))).mode & 0o777).toBe(0o700);
    expect(await readdir(dirname(stage.own))).toEqual(['trust.yaml']);
  });

  test('takes a URL with it, several branches, and a commit without it', async () => {
    expect((await stage.run('add', 'git@github.com:acme/nixpkgs', given(), given('stable'))).code).toBe(0);
    expect((await stage.run('add', '/srv/fork', '--introduction', COMMIT, '--branch', 'a', 'b')).code).toBe(
      0,
    );
    expect((await stage.run('add', 'github:acme/nixpkgs/next', '--introduction', COMMIT)).code).toBe(0);
    expect((await stage.run('add', '../fork', '--introduction', COMMIT, '--branch', 'a')).code).toBe(0);
    expect(await stage.entries()).toEqual([
      ['git@github.com:acme/nixpkgs', PROJECT, 'master', oid('c0ffee'), DIGEST],
      ['git@github.com:acme/nixpkgs', PROJECT, 'stable', oid('c0ffee'), DIGEST],
      ['/srv/fork', null, 'a', COMMIT, null],
      ['/srv/fork', null, 'b', COMMIT, null],
      [URL, null, 'next', COMMIT, null],
      [join(stage.home, 'fork'), null, 'a', COMMIT, null],
    ]);
  });

  test('keeps what people wrote, and the rights of the file', async () => {
    const text = `# mine\n${trustText()}# the end\n`;
    await stage.put(stage.own, text);
    await chmod(stage.own, 0o640);
    await stage.run('add', given('stable'));
    expect(await stage.read(stage.own)).toContain('# mine\n');
    expect(await stage.read(stage.own)).toContain('# the end\n');
    expect((await stat(stage.own)).mode & 0o777).toBe(0o640);
  });

  test('of what is there already changes nothing, or adds what was not known', async () => {
    await stage.put(stage.own, trustText({ introduction: oid('c0ffee') }));
    const first = JSON.parse((await stage.run('add', given(), '--json')).out) as unknown;
    expect(first).toMatchObject({ ok: true, file: stage.own, entries: [{ change: 'completed' }] });
    expect(await stage.entries()).toEqual([[URL, PROJECT, 'master', oid('c0ffee'), DIGEST]]);
    const before = await stat(stage.own);
    const again = await stage.run('add', 'git@github.com:acme/nixpkgs.git', given());
    expect(again).toMatchObject({ code: 0, err: '' });
    expect(again.out).toMatch(/^trusted already: /);
    expect((await stat(stage.own)).ino).toBe(before.ino);
  });

  test.each([
    ['introduction', given('master', OTHER)],
    ['policy', given('master', oid('c0ffee'), 'e'.repeat(64))],
  ])('refuses another %s', async (_what, other) => {
    await stage.run('add', given());
    const text = await stage.read(stage.own);
    const refused = await stage.run('add', other);
    expect(refused).toMatchObject({ code: 1, out: '' });
    expect(codeOf(refused.err)).toBe('trust-other-introduction');
    expect(await stage.read(stage.own)).toBe(text);
    expect((await stage.run('add', other, '--replace')).code).toBe(0);
    expect(await stage.read(stage.own)).not.toBe(text);
  });

  test('--replace forgets the pins that came from the old introduction, and keeps comments', async () => {
    const old = trustText({
      introduction: `${COMMIT} # by phone`,
      more: `heads: { bob: [{ ssh: ${BOB} }] }`,
    });
    await stage.put(stage.own, `# mine\n${old}`);
    const { out } = await stage.run('add', URL, '--introduction', OTHER, '--branch', 'master', '--replace');
    expect(out).toContain(`before: from \`${COMMIT}\` on`);
    expect(out).toContain('countersign trust pin');
    expect(await stage.read(stage.own)).toBe(`# mine\n${trustText({ introduction: `${OTHER} # by phone` })}`);
  });

  test('--lock writes for the project, at its root', async () => {
    await mkdir(join(stage.project, 'a'));
    expect((await stage.run('add', '--lock', given())).code).toBe(0);
    expect(await stage.entries(stage.lock)).toHaveLength(1);
    expect((await stat(stage.lock)).mode & 0o777).toBe(0o644);
    expect(await readdir(dirname(stage.own)).catch(() => null)).toBeNull();
  });

  test('--file writes into any file', async () => {
    expect((await stage.run('add', '--file', 'company.yaml', given())).code).toBe(0);
    expect(await stage.entries(join(stage.project, 'company.yaml'))).toHaveLength(1);
  });

  test('writes nothing that disagrees with the other file', async () => {
    await stage.put(stage.lock, trustText({ introduction: OTHER }));
    const refused = await stage.run('add', given());
    expect(refused.code).toBe(1);
    expect(codeOf(refused.err)).toBe('trust-disagrees');
    await expect(stage.read(stage.own)).rejects.toThrow();
    await stage.put(stage.own, trustText({ introduction: COMMIT, branch: 'stable' }));
    expect(codeOf((await stage.run('add', '--lock', given('stable'))).err)).toBe('trust-disagrees');
  });

  test('never stores or prints what is secret in a URL', async () => {
    const url = 'https://alice:hunter2@github.com/acme/nixpkgs?token=hunter2';
    const { code, out, err } = await stage.run('add', url, given());
    expect(code).toBe(0);
    expect(err).toContain('was left out');
    expect(out + err + (await stage.read(stage.own))).not.toContain('hunter2');
    for (const args of [
      ['add', 'https://alice:hunter2@github.com:x/acme', given()],
      ['add', 'https://alice:hunter2@github.com/acme/nixpkgs'],
      ['remove', 'https://alice:hunter2@github.com/acme/other'],
      ['forget', 'https://alice:hunter2@github.com/acme/other'],
    ]) {
      const refused = await stage.run(...args);
      expect(refused.code).not.toBe(0);
      expect(refused.out + refused.err).not.toContain('hunter2');
    }
  });

  test.each([
    ['nothing', []],
    ['a URL alone', [URL]],
    ['a short commit', [URL, '--branch', 'master', '--introduction', 'c0ffee']],
    ['no branch', [URL, '--introduction', COMMIT]],
    ['a strange branch', [URL, '--introduction', COMMIT, '--branch', 'a..b']],
    ['one branch twice', [URL, '--introduction', COMMIT, '--branch', 'a', 'a']],
    ['two URLs', [URL, '/srv/fork', given()]],
    ['half a string', [given().slice(0, -1)]],
    ['a string with a line end', [`${given()}\n`]],
    ['a string and a commit', [given(), '--introduction', COMMIT]],
    ['a string and a branch', [given(), '--branch', 'stable']],
    ['a string for another branch than the URL', ['github:acme/nixpkgs/stable', given()]],
    ['a command', ['ext::sh -c id', '--introduction', COMMIT, '--branch', 'a']],
    ['an escape', [`${URL}\u001b[31m`, '--introduction', COMMIT, '--branch', 'a']],
    ['two files', ['--lock', '--file', 'x', given()]],
  ])('with %s is a usage error', async (_what, args) => {
    const { code, out, err } = await stage.run('add', ...args);
    expect(code).toBe(64);
    expect(out).toBe('');
    expect(err).not.toMatch(/\u001b/);
    await expect(stage.read(stage.own)).rejects.toThrow();
  });

  test('needs a home', async () => {
    expect((await stage.runWith({}, 'add', given())).code).toBe(64);
    const config = join(stage.root, 'config');
    expect((await stage.runWith({ XDG_CONFIG_HOME: config }, 'add', given())).code).toBe(0);
    expect(await stage.entries(join(config, 'countersign', 'trust.yaml'))).toHaveLength(1);
  });

  test('does not write through a link, nor into a file with errors', async () => {
    const real = join(stage.home, 'dotfiles.yaml');
    await stage.put(real, trustText());
    await mkdir(dirname(stage.own), { recursive: true });
    await symlink(real, stage.own);
    const linked = await stage.run('add', given('stable'));
    expect(linked.code).toBe(2);
    expect(linked.err).toContain('symbolic link');
    await rename(real, stage.own);
    await writeFile(stage.own, trustText({ url: 'https://alice:hunter2@github.com/acme/nixpkgs' }));
    const broken = await stage.run('add', given('stable'));
    expect(broken.code).toBe(2);
    expect(broken.err).toContain('3:10: error: ');
    expect(broken.err).toContain('[trust-credentials]');
    expect(broken.err).toContain('^^^^');
    expect(broken.err).not.toContain('hunter2');
  });

  test('says so where it cannot change a file without losing something', async () => {
    const text = `version: 1\nrepositories:\n  - policy: sha256:${DIGEST}\n${entryText().replace('- url', '  url')}`;
    await stage.put(stage.own, text);
    const args = ['add', URL, '--introduction', OTHER, '--branch', 'master', '--replace'];
    const refused = await stage.run(...args);
    expect([refused.code, codeOf(refused.err)]).toEqual([1, 'trust-not-editable']);
    expect(refused.err).toContain('by hand');
    expect(await stage.read(stage.own)).toBe(text);
  });
});
