import { chmod, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { openMemory } from '../../src/trust/memory.ts';
import { BOB, COMMIT, DIGEST, entryText, keepIn, oid, trustText } from '../trust/texts.ts';
import { codeOf, given, KEY, OTHER, PROJECT, REMEMBERED, URL, useTrustStage } from './trust-stage.ts';

const stage = useTrustStage();

describe('trust list', () => {
  test('shows nothing where nothing is trusted', async () => {
    const { code, out } = await stage.run('list');
    expect(code).toBe(0);
    expect(out).toMatch(/^no repository is trusted\n/);
  });

  test('shows who says so, and how far it was proven', async () => {
    await stage.run('add', given());
    await stage.put(stage.lock, trustText({ url: '/srv/fork', more: `heads: { bob: [{ ssh: ${BOB} }] }` }));
    await keepIn(openMemory(stage.state, KEY), REMEMBERED);
    const { code, out, err } = await stage.run('list');
    expect(code).toBe(0);
    expect(err).toBe('');
    expect(out.replace(/on \d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ/, 'on DATE')).toBe(
      [
        `\`${URL}\`, branch \`master\``,
        `  from \`${oid('c0ffee')}\` on`,
        `  project \`${PROJECT}\``,
        `  policy sha256:${DIGEST}`,
        `  proven up to \`${OTHER}\`, 3 steps, 1 of them ratified, on DATE`,
        `  in \`${stage.own}\``,
        '',
        '`/srv/fork`, branch `master`',
        `  from \`${COMMIT}\` on`,
        '  newest commit said by bob (1 key)',
        '  nothing was proven yet',
        `  in \`${stage.lock}\``,
        '',
      ].join('\n'),
    );
    const listed = JSON.parse((await stage.run('list', '--json')).out) as unknown;
    expect(listed).toMatchObject({
      files: [{ kind: 'own' }, { kind: 'lock' }],
      warnings: [],
      entries: [
        { memory: 'known', proven: { commit: OTHER, steps: 3, verifier: '0.1.0' } },
        { memory: 'none', proven: null, heads: [{ name: 'bob', keys: [{ ssh: BOB }] }] },
      ],
    });
  });

  test('says what is ignored, and what cannot be read', async () => {
    await stage.run('add', given());
    const memory = openMemory(stage.state, KEY);
    await keepIn(memory, REMEMBERED);
    await chmod(memory.path, 0o644);
    const ignored = await stage.run('list');
    expect(ignored.code).toBe(0);
    expect(ignored.out).toContain('what was proven is ignored: ');
    await chmod(memory.path, 0o600);
    await writeFile(memory.path, 'nonsense');
    const broken = await stage.run('list');
    expect(broken.code).toBe(2);
    expect(broken.out).toContain('cannot be read');
    expect(broken.out).toContain(`→ countersign trust forget ${URL}\n`);
  });

  test('reads one file alone where that is named', async () => {
    await stage.run('add', given());
    await stage.put(join(stage.project, 'company.yaml'), trustText({ url: '/srv/fork' }));
    const { out } = await stage.run('list', '--trust', 'company.yaml');
    expect(out).toContain('/srv/fork');
    expect(out).not.toContain(URL);
    expect((await stage.run('list', '--trust', 'missing.yaml')).code).toBe(2);
  });

  test('shows warnings on standard error, and disagreements instead of a list', async () => {
    await stage.put(stage.lock, trustText());
    await chmod(stage.lock, 0o666);
    expect((await stage.run('list')).err).toContain('[trust-file-writable]');
    await stage.run('add', '--file', stage.own, given());
    const { code, err } = await stage.run('list');
    expect(code).toBe(2);
    expect(err).toContain('disagree about branch');
  });
});

describe('trust remove', () => {
  test('takes out all branches, or one', async () => {
    await stage.put(
      stage.own,
      trustText() + entryText({ branch: 'stable' }) + entryText({ url: '/srv/fork' }),
    );
    expect((await stage.run('remove', 'github:acme/nixpkgs', '--branch', 'stable')).code).toBe(0);
    expect(await stage.read(stage.own)).toBe(trustText() + entryText({ url: '/srv/fork' }));
    await stage.put(
      stage.own,
      trustText() + entryText({ url: '/srv/fork' }) + entryText({ branch: 'stable' }),
    );
    const removed = JSON.parse((await stage.run('remove', URL, '--json')).out) as unknown;
    expect(removed).toMatchObject({ removed: [{ branch: 'master' }, { branch: 'stable' }] });
    expect(await stage.read(stage.own)).toBe(`version: 1\nrepositories:\n${entryText({ url: '/srv/fork' })}`);
  });

  test('of what that file does not have is refused', async () => {
    await stage.put(stage.lock, trustText());
    const refused = await stage.run('remove', URL);
    expect(refused.code).toBe(1);
    expect(codeOf(refused.err)).toBe('trust-not-there');
    expect((await stage.run('remove', URL, '--lock', '--branch', 'other')).code).toBe(1);
    expect((await stage.run('remove', URL, '--lock')).code).toBe(0);
    expect(await stage.entries(stage.lock)).toEqual([]);
    expect((await stage.run('remove', 'nonsense')).code).toBe(64);
  });
});

describe('help', () => {
  test.each(['add', 'list', 'remove', 'forget', 'pin'])(
    'of trust %s has examples and exit codes',
    async (name) => {
      const { code, out } = await stage.run(name, '--help');
      expect(code).toBe(0);
      expect(out).toMatch(/Examples?:\n {2}countersign trust /);
      expect(out).toContain('Exit codes: 0');
    },
  );
});
