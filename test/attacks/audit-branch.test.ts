import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, test } from 'vitest';
import { gitIn } from '../git/scratch.ts';
import { runCli, verifyAs, type CommandReport, type Ran } from '../histories/ask.ts';
import type { Built } from '../histories/build.ts';
import { useUser } from '../histories/user.ts';

const user = useUser();
const WEAK = [
  '  - name: weak',
  '    match: [staging]',
  '    mode: enforce',
  '    commits: { signed-by: maintainers, unsigned: refuse }',
  '    require:',
  '      - { name: everything, people: 2, approvals: 1, from: maintainers }',
  '',
].join('\n');
const STRICT = {
  merges: '{ github-button: clean, signer-counts-as: person }',
  require: ['{ name: everything, people: 3, approvals: 2, from: maintainers }'],
};

describe('whoever serves a repository does not choose by which rule its commits are judged', () => {
  let built: Built;
  let clone = '';

  beforeEach(() => {
    built = user.build({ about: 'two branches', policy: { ...STRICT, extra: WEAK }, steps: [] });
    const evil = built.extend(built.at(0), { by: 'alice', files: { 'pkgs/evil.nix': 'evil\n' } });
    const about = { as: 'bob', base: built.at(0), head: evil.commit, branch: 'staging' };
    built.ledger.append([{ kind: 'other', step: 0, by: 'bob', text: built.scene.review(about) }]);
    for (const name of ['master', 'staging']) built.git(['update-ref', `refs/heads/${name}`, evil.commit]);
    // Enough for staging, where one has approved it; not for master.
    built.git(['symbolic-ref', 'HEAD', 'refs/heads/staging']);
    clone = join(user.home, 'clone');
    gitIn(user.home, ['clone', '-q', built.dir, clone]);
  });

  const verify = (...args: string[]): Promise<CommandReport> => verifyAs(user.home, { dir: clone }, args);
  const text = (...args: string[]): Promise<Ran> =>
    runCli(user.home, ['verify', '--repository', clone, ...args]);
  const trusting = (...branches: readonly string[]): void => {
    const folder = join(user.home, '.config/countersign');
    mkdirSync(folder, { recursive: true });
    const entries = branches.flatMap((branch) => [
      `  - url: ${built.dir}`,
      `    branch: ${branch}`,
      `    introduction: ${built.at(0)}`,
    ]);
    const lines = ['version: 1', 'repositories:', ...entries, ''];
    writeFileSync(join(folder, 'trust.yaml'), lines.join('\n'), { mode: 0o600 });
  };

  test('where trust begins at a bare commit, by what it calls its default or lets a clone check out', async () => {
    expect(gitIn(clone, ['symbolic-ref', 'refs/remotes/origin/HEAD']).toString()).toContain('/staging');
    for (const revision of ['HEAD', 'origin/master']) {
      const { code, out, err } = await text(revision, '--introduction', built.at(0));
      expect([code, out]).toEqual([64, '']);
      expect(err).toContain('the policy at that commit has `master` and `staging`');
      expect(err).toContain('--branch master');
    }
    gitIn(clone, ['symbolic-ref', '--delete', 'refs/remotes/origin/HEAD']);
    expect((await text('origin/master', '--introduction', built.at(0))).code).toBe(64);
    const from = ['origin/master', '--introduction', built.at(0)];
    expect((await verify(...from, '--branch', 'master')).code).toBe(3);
    expect((await verify(...from, '--branch', 'staging')).code).toBe(0);
  });

  test('where a trust file knows several of its branches, by what a clone checks out', async () => {
    trusting('master', 'staging');
    for (const args of [[], ['HEAD'], [built.git(['rev-parse', 'master'])]]) {
      const { code, out, err } = await text(...args);
      expect([code, out]).toEqual([64, '']);
      expect(err).toContain('--branch NAME; your trust file knows `master`, `staging`');
    }
    for (const name of ['origin/master', 'refs/remotes/origin/master', 'origin/master~0']) {
      expect((await verify(name)).code).toBe(3);
    }
    expect((await verify('origin/staging')).code).toBe(0);
    expect((await verify('HEAD', '--branch', 'staging')).code).toBe(0);
    expect((await verify('HEAD', '--branch', 'master')).code).toBe(3);
  });

  test('a trust file that knows one branch judges by that', async () => {
    trusting('master');
    expect((await verify('HEAD')).code).toBe(3);
    expect((await verify('origin/staging')).code).toBe(3);
    // What is checked out is none that the trust file knows: the question is then what it would bring to itself.
    expect((await text()).code).toBe(2);
  });
});

describe('a bare commit needs no --branch', () => {
  test('where the policy there has one branch, whatever the forge calls its default', async () => {
    const built = user.build({ about: 'one branch', steps: [{ by: 'alice', approved: ['bob'] }] });
    built.git(['update-ref', 'refs/remotes/origin/evil', built.at(-1)]);
    built.git(['symbolic-ref', 'refs/remotes/origin/HEAD', 'refs/remotes/origin/evil']);
    built.git(['symbolic-ref', 'HEAD', 'refs/heads/other']);
    const ran = await verifyAs(user.home, built, ['master', '--introduction', built.at(0)]);
    expect([ran.code, ran.json?.accepted]).toEqual([0, built.at(-1)]);
  });

  test('where the policy that was given has one branch; one that has several is asked about', async () => {
    const built = user.build({
      about: 'by a given policy',
      policy: { extra: WEAK },
      steps: [{ by: 'alice' }],
    });
    const given = (options: Parameters<typeof built.scene.policyFiles>[0]): readonly string[] => {
      for (const [path, content] of Object.entries(built.scene.policyFiles(options))) {
        mkdirSync(join(user.home, path, '..'), { recursive: true });
        writeFileSync(join(user.home, path), content);
      }
      return ['--policy', join(user.home, '.countersign/policy.yaml'), '--introduction', built.at(0)];
    };
    const alone = { require: ['{ name: alone, people: 1, from: maintainers }'] };
    const ran = await verifyAs(user.home, built, ['master', ...given(alone)]);
    expect([ran.code, ran.err]).toEqual([0, '']);
    const several = await verifyAs(user.home, built, ['master', ...given({ extra: WEAK })]);
    expect([several.code, several.out]).toEqual([64, '']);
    expect(several.err).toContain('the policy that you gave has `master` and `staging`');
  });

  test('where there is no policy to say it, that is said', async () => {
    const built = user.build({ about: 'no policy', steps: [] });
    const bare = built.scene.commit({ files: { README: 'x' }, as: 'alice' });
    built.git(['update-ref', 'refs/heads/master', bare]);
    const { code, err } = await verifyAs(user.home, built, ['master', '--introduction', bare]);
    expect(code).toBe(64);
    expect(err).toContain(`--branch NAME; there is no policy at \`${bare}\``);
  });
});
