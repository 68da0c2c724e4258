import { copyFileSync, existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, test } from 'vitest';
import { parseBundleHeader } from '../../src/git/bundle.ts';
import { namesIn, usePullStage, type PullStage } from './pull-stage.ts';

describe.each(['sha1', 'sha256'] as const)('a repository of %s', (format) => {
  const use = usePullStage(format);
  let stage: PullStage;
  let file: string;
  beforeEach(async () => {
    ({ stage } = use);
    await stage.reset();
    file = join(stage.home, `b-${Math.random()}.bundle`);
  });

  test('carries a branch and its proof to a place without a network', async () => {
    await stage.publish(2);
    await stage.cli('fetch');
    const made = await stage.cli('bundle', 'create', file);
    expect(made.code).toBe(0);
    expect(made.out).toContain('with the ledger');
    const away = join(stage.home, `away-${Math.random()}`);
    const object = `--object-format=${format}`;
    await stage.must(['init', '--quiet', '--initial-branch=master', object, away], { cwd: stage.home });
    const verified = await stage.cli('bundle', 'verify', file, '--repository', away);
    expect(verified.out).toContain('pass: master at');
    expect(verified.code).toBe(0);
    expect(await stage.refs(away)).toEqual(new Map([['', '']]));
    expect(namesIn(join(away, '.git/objects'))).toEqual(['info', 'pack']);
    await stage.must(['remote', 'add', 'origin', 'https://example.org/acme/nixpkgs'], { cwd: away });
    stage.trust([{ url: 'https://example.org/acme/nixpkgs' }]);
    const pulled = await stage.cli('pull', '--bundle', file, '--repository', away);
    expect(pulled.err).toContain('the bundle has');
    expect(pulled.code).toBe(0);
    expect(await stage.id('HEAD', away)).toBe(stage.built.at(2));
  });

  test('with --since builds on what the receiver has', async () => {
    await stage.publish(2);
    await stage.cli('fetch');
    expect((await stage.cli('bundle', 'create', file, '--since', stage.built.at(1))).code).toBe(0);
    const old = join(stage.home, `old-${Math.random()}`);
    await stage.publish(1);
    await stage.must(['clone', '--quiet', stage.remote, old], { cwd: stage.home });
    const before = await stage.refs(old);
    expect((await stage.cli('bundle', 'verify', file, '--repository', old)).code).toBe(0);
    expect(await stage.refs(old)).toEqual(before);
    const alone = await stage.cli('bundle', 'verify', file, '--repository', stage.home);
    expect(alone.code).toBe(64);
    const empty = join(stage.home, `empty-${Math.random()}`);
    await stage.must(['init', '--quiet', `--object-format=${format}`, empty], { cwd: stage.home });
    const lacking = await stage.cli('bundle', 'verify', file, '--repository', empty);
    expect(lacking.code).toBe(2);
    expect(lacking.err).toContain('builds on commits that are not here');
    expect((await stage.cli('pull', '--bundle', file, '--repository', old)).code).toBe(0);
    expect(await stage.id('HEAD', old)).toBe(stage.built.at(2));
  });
});

interface Told {
  readonly findings: readonly { readonly code: string }[];
}

describe('bundles', () => {
  const use = usePullStage();
  let stage: PullStage;
  let file: string;
  beforeEach(async () => {
    ({ stage } = use);
    await stage.reset();
    file = join(stage.home, `b-${Math.random()}.bundle`);
  });

  test('says the introduction, where the maker trusts the branch by a whole one', async () => {
    const made = await stage.cli('bundle', 'create', file);
    expect(made.out).toContain('countersign introduce');
    const introduced = await stage.cli('introduce', '--commit', stage.built.at(0));
    const [introduction = ''] = /countersign:\S+,sha256:[0-9a-f]{64}/.exec(introduced.out) ?? [];
    expect(introduction).toContain(`#master@${stage.built.at(0)}`);
    expect((await stage.cli('trust', 'add', stage.remote, introduction, '--replace')).code).toBe(0);
    const again = await stage.cli('bundle', 'create', file, '--force');
    expect(again.code).toBe(0);
    expect(again.out).toContain(introduction);
  });

  test('what is not proven is refused by verify, and left out by fetch', async () => {
    await stage.publish(4);
    await stage.must(['fetch', '--quiet']);
    expect((await stage.cli('bundle', 'create', file)).code).toBe(0);
    const { code, out } = await stage.cli('bundle', 'verify', file);
    expect(code).toBe(3);
    expect(out).toContain('2 steps ahead of what is proven');
    await stage.must(['update-ref', 'refs/remotes/origin/master', stage.built.at(1)]);
    const fetched = await stage.json('fetch', '--bundle', file);
    expect(fetched.json.branches[0]?.accepted).toBe(stage.built.at(2));
    expect((await stage.refs()).get('refs/remotes/origin/master')).toBe(stage.built.at(2));
  });

  test('an old bundle does not take anything back', async () => {
    expect((await stage.cli('bundle', 'create', file)).code).toBe(0);
    await stage.publish(2);
    await stage.cli('fetch');
    const before = await stage.refs();
    const { code, json } = await stage.json('fetch', '--bundle', file);
    expect(code).toBe(1);
    expect(json.branches[0]?.findings.map((found) => found.code)).toContain('history-downgrade');
    expect(json.notes).toEqual([]);
    expect(await stage.refs()).toEqual(before);
    const verified = await stage.cli('bundle', 'verify', file);
    expect(verified.code).toBe(1);
    expect(verified.out).toContain('`countersign bundle verify FILE --allow-downgrade`');
    const told = JSON.parse((await stage.cli('bundle', 'verify', file, '--json')).out) as Told;
    expect(told.findings.find((found) => found.code === 'history-downgrade')).toMatchObject({
      outcome: 'fail',
      message: expect.stringContaining('is older than') as unknown,
      remedy: [expect.stringContaining('--allow-downgrade')],
    });
  });

  test('a bundle without the ledger is judged by what is here', async () => {
    await stage.publish(2);
    await stage.cli('fetch');
    await stage.must(['bundle', 'create', '--quiet', file, 'master', 'origin/master']);
    const bare = join(stage.home, `bare-${Math.random()}`);
    await stage.must(['bundle', 'create', '--quiet', bare, 'refs/heads/master'], { cwd: stage.remote });
    expect((await stage.cli('bundle', 'verify', bare)).code).toBe(0);
    expect((await stage.cli('fetch', '--bundle', bare)).code).toBe(0);
  });

  test('is written whole or not at all, and takes the place of nothing', async () => {
    writeFileSync(file, 'mine');
    const { code, err } = await stage.cli('bundle', 'create', file);
    expect(code).toBe(64);
    expect(err).toContain('--force');
    expect(readFileSync(file, 'utf8')).toBe('mine');
    const away = join(stage.home, 'nowhere', 'x.bundle');
    expect((await stage.cli('bundle', 'create', away)).code).toBe(2);
    expect(
      (await stage.cli('bundle', 'create', join(stage.home, 'y'), '--since', 'origin/master')).code,
    ).toBe(0);
    expect((await stage.cli('bundle', 'create', join(stage.home, 'z'), '--branch', 'gone')).code).toBe(64);
    expect(existsSync(join(stage.home, 'z'))).toBe(false);
  });

  test('damaged bytes are refused, and change nothing', async () => {
    await stage.publish(2);
    await stage.cli('fetch');
    await stage.cli('bundle', 'create', file);
    await stage.must(['update-ref', 'refs/remotes/origin/master', stage.built.at(1)]);
    const before = await stage.refs();
    const whole = readFileSync(file);
    const start = whole.indexOf('\n\n') + 2;
    for (const at of [start + 40, Math.floor((start + whole.length) / 2), whole.length - 5]) {
      const damaged = `${file}.${at}`;
      copyFileSync(file, damaged);
      const bytes = Buffer.from(whole);
      bytes[at] = (bytes[at] ?? 0) ^ 0x55;
      writeFileSync(damaged, bytes);
      const { code } = await stage.cli('bundle', 'verify', damaged);
      expect(code).toBe(2);
    }
    writeFileSync(`${file}.cut`, whole.subarray(0, whole.length - 100));
    expect((await stage.cli('bundle', 'verify', `${file}.cut`)).code).toBe(2);
    expect(await stage.refs()).toEqual(before);
  });

  test('a bundle that claims another commit than it has is refused', async () => {
    await stage.publish(2);
    await stage.cli('fetch');
    await stage.cli('bundle', 'create', file);
    const text = readFileSync(file, 'latin1').replace(
      `${stage.built.at(2)} refs/heads/master`,
      `${'1'.repeat(40)} refs/heads/master`,
    );
    writeFileSync(file, text, 'latin1');
    expect((await stage.cli('bundle', 'verify', file)).code).toBe(2);
    expect((await stage.cli('fetch', '--bundle', file)).code).toBe(2);
  });

  test('files that are no bundles, and trust files that say nothing of it', async () => {
    expect((await stage.cli('bundle', 'verify', stage.home)).code).toBe(2);
    expect((await stage.cli('bundle', 'verify', join(stage.home, 'nothing'))).err).toContain(
      'cannot be opened',
    );
    writeFileSync(file, 'PK');
    expect((await stage.cli('bundle', 'verify', file)).err).toContain('no bundle that git makes');
    await stage.cli('bundle', 'create', file, '--force');
    stage.trust([{ branch: 'stable' }]);
    const { code, err } = await stage.cli('bundle', 'verify', file);
    expect(code).toBe(64);
    expect(err).toContain('says nothing of what is in the bundle (`refs/heads/master`)');
    stage.trust([{}, { url: 'https://example.org/a/b' }]);
    expect((await stage.cli('bundle', 'verify', file)).code).toBe(0);
    const many = await stage.cli(
      'bundle',
      'verify',
      file,
      '--branch',
      'master',
      '--url',
      'https://example.org/a/c',
    );
    expect(many.code).toBe(64);
    expect(statSync(file).size).toBeGreaterThan(100);
  });
});

describe('the header of a bundle', () => {
  const parse = (text: string) => parseBundleHeader(Buffer.from(text), 'x');
  const id = 'a'.repeat(40);

  test('names refs and what the bundle builds on', () => {
    const { format, needs, refs } = parse(
      `# v2 git bundle\n-${id} a subject\n${id} refs/heads/master\n\nPACK`,
    );
    expect([format, needs, [...refs]]).toEqual(['sha1', [id], [['refs/heads/master', id]]]);
    expect(parse(`# v3 git bundle\n@object-format=sha256\n${'b'.repeat(64)} HEAD\n\n`).format).toBe('sha256');
  });

  test.each([
    '',
    '# v2 git bundle\n',
    '# v4 git bundle\n\n',
    '# v3 git bundle\n@filter=blob:none\n\n',
    `# v2 git bundle\n${id}\n\n`,
    `# v2 git bundle\n${'b'.repeat(64)} refs/heads/master\n\n`,
    `# v2 git bundle\n${id} refs/heads/a..b\n\n`,
    `# v2 git bundle\n${id} --output=x\n\n`,
    `# v2 git bundle\n${id} HEAD\n${id} HEAD\n\n`,
    `# v2 git bundle\n-nonsense\n\n`,
  ])('%j is refused', (text) => {
    expect(() => parse(text)).toThrow(/cannot be used as a bundle/);
  });
});
