import { expect, describe, test } from 'vitest';
import { parseIntroduction } from '../../src/core/history/introduction.ts';
import { policyDigest } from '../../src/core/policy/folder-digest.ts';
import { openRepository } from '../../src/git/reader.ts';
import { oid } from '../git/scratch.ts';
import { useReview, type Printed } from './review-stage.ts';

const it = useReview({ extra: '    freshness: { days: 7, people: 2 }' });

interface Introduced extends Printed {
  readonly code: number;
  readonly introduction: string;
  readonly commit: string;
  readonly policy: string;
  readonly mode: string;
  readonly freshness: unknown;
  /** `introduce --json` without `--sign`. */
  readonly missing: readonly string[] | null;
}

async function introduce(name: string, ...args: readonly string[]): Promise<Introduced> {
  const { code, out, err } = await it.stage.as(name, 'introduce', '--json', ...args);
  if (out === '') throw new Error(err);
  return { code, ...(JSON.parse(out) as Omit<Introduced, 'code'>) };
}

function codes({ findings = [] }: Printed): readonly string[] {
  return findings.map(({ code }) => code);
}

async function digestAt(commit: string): Promise<string> {
  const opened = await openRepository(it.stage.fork.dir);
  try {
    const tree = oid(await it.stage.fork.git('rev-parse', `${commit}^{tree}`));
    return policyDigest(await opened.repository.readPolicyFolder(tree));
  } finally {
    await opened.dispose();
  }
}

async function ledgerPaths(): Promise<readonly string[]> {
  const { stage } = it;
  await stage.fork.git('fetch', '--quiet', stage.repository.gitDir, 'countersign/ledger');
  const listed = await stage.fork.git('ls-tree', '-r', '--name-only', 'FETCH_HEAD');
  return listed.split('\n').map((path) => path.split('/').slice(0, 2).join('/'));
}

/** A step on master that everybody sees. */
async function land(message: string): Promise<string> {
  const { stage } = it;
  const parent = (await stage.repository.branch('master')) ?? '';
  const { head } = await stage.propose(message, { on: parent });
  const merge = await stage.fork.merge(parent, head, { as: 'alice' });
  await stage.push(merge, 'master');
  return merge;
}

describe('introduce', () => {
  test('prints one string with project, branch, commit and policy, and what to do with it beside it', async () => {
    const { stage } = it;
    const ran = await stage.as('alice', 'introduce');
    expect(ran.code).toBe(0);
    expect(ran.out).toBe(
      `countersign:${stage.project}#master@${stage.base},sha256:${await digestAt(stage.base)}\n`,
    );
    expect(ran.err).toContain(`countersign trust add ${ran.out.includes('#') ? `'${ran.out.trim()}'` : ''}`);
    expect(ran.err).toContain('nobody has signed it yet');
    expect(parseIntroduction(ran.out.trim())).toMatchObject({ branch: 'master', commit: stage.base });
  });

  test('in JSON says whether anything can be proven from there', async () => {
    const found = await introduce('bob');
    expect(found).toMatchObject({
      ok: true,
      mode: 'enforce',
      freshness: { days: 7, people: 2 },
      signed: [],
      missing: ['alice', 'bob', 'carol', 'dave'],
      findings: [],
    });
    expect(found.policy).toBe(`sha256:${await digestAt(found.commit)}`);
  });

  test('is signed by members of governance with ssh-keygen and gpg, into the ledger', async () => {
    const { stage } = it;
    for (const name of ['alice', 'bob']) {
      const done = await introduce(name, '--sign', '--yes');
      expect([done.code, done.ok, done.delivered?.length]).toEqual([0, true, 1]);
      expect(done.signed?.[0]?.statements).toEqual([
        {
          type: 'introduction',
          project: stage.project,
          branch: 'master',
          commit: stage.base,
          policy: await digestAt(stage.base),
          introducer: name,
        },
      ]);
    }
    expect(await ledgerPaths()).toEqual(Array.from({ length: 2 }, () => `introduction/${stage.base}`));
    const seen = await introduce('bob');
    expect([seen.signed, seen.missing]).toEqual([
      ['alice', 'bob'],
      ['carol', 'dave'],
    ]);
  });

  test('signed and printed goes nowhere', async () => {
    const before = await ledgerPaths();
    const done = await it.stage.as('carol', 'introduce', '--sign', '--print', '--yes');
    expect(done.code).toBe(0);
    expect(done.out).toMatch(
      /^countersign: introduction\/v1\n[\s\S]*introducer: carol\n-----BEGIN SSH SIGNATURE/,
    );
    expect(await ledgerPaths()).toEqual(before);
  });

  test('without a question nothing is signed', async () => {
    const refused = await introduce('carol', '--sign');
    expect([refused.code, codes(refused)]).toEqual([64, ['confirmation-missing']]);
  });

  test('names no commit from which nothing could be proven', async () => {
    const { stage } = it;
    const aside = await stage.propose('aside');
    await stage.fork.git(
      'push',
      '--quiet',
      '--force',
      stage.clone('alice'),
      `${aside.head}:refs/heads/aside`,
    );
    const bare = await stage.fork.commit({ files: { '.countersign/policy.yaml': null }, on: stage.base });
    await stage.fork.git('push', '--quiet', '--force', stage.clone('alice'), `${bare}:refs/heads/bare`);
    for (const [args, code, exit] of [
      [['--commit', aside.head], 'commit-not-on-branch', 1],
      [['--branch', 'bare'], 'policy-invalid', 1],
      [['--branch', 'aside'], 'branch-not-enrolled', 1],
      [['--branch', 'nowhere'], 'branch-missing', 2],
      [['--branch', 'a..b'], 'usage', 64],
      [['--commit', 'f'.repeat(40)], 'object-missing', 2],
    ] as const) {
      const refused = await introduce('alice', ...args);
      expect([refused.code, codes(refused)]).toEqual([exit, [code]]);
    }
  });

  test('warns of a policy that only observes', async () => {
    const { stage } = it;
    const watched = await stage.fork.setPolicy(
      { project: stage.project, mode: 'observe', match: '[watched]' },
      { on: stage.base },
    );
    await stage.fork.git('push', '--quiet', '--force', stage.clone('alice'), `${watched}:refs/heads/watched`);
    const found = await introduce('alice', '--branch', 'watched');
    expect([found.code, found.mode, codes(found)]).toEqual([0, 'observe', ['observe-mode']]);
    const ran = await stage.as('alice', 'introduce', '--branch', 'watched');
    expect(ran.err).toContain('[observe-mode]');
  });
});

describe('head', () => {
  test('signs what the newest commit is, after fetching it, into the ledger', async () => {
    const { stage } = it;
    const merge = await land('first');
    const before = Math.floor(Date.now() / 1000);
    for (const name of ['alice', 'bob', 'dave']) {
      const done = await stage.json(name, 'head', '--yes');
      expect([done.code, codes(done), done.delivered?.length]).toEqual([0, [], 1]);
      const [statement] = done.signed?.[0]?.statements ?? [];
      expect(statement).toMatchObject({ type: 'head', branch: 'master', head: merge, attester: name });
      expect(statement?.['time']).toBeGreaterThanOrEqual(before);
      expect(done.signed?.[0]?.text).toMatch(/^time: \d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/m);
    }
    expect((await ledgerPaths()).filter((path) => path === `head/${merge}`)).toHaveLength(3);
  });

  test('refuses a head that does not contain what was seen before, again and again', async () => {
    const { stage } = it;
    const newest = await land('second');
    expect((await stage.json('alice', 'head', '--yes')).signed?.[0]?.statements).toMatchObject([
      { head: newest },
    ]);
    await stage.push(stage.base, 'master');
    const refused = [await stage.json('alice', 'head', '--yes'), await stage.json('alice', 'head', '--yes')];
    expect(refused.map((one) => [one.code, codes(one)])).toEqual([
      [1, ['head-went-back']],
      [1, ['head-went-back']],
    ]);
    const meant = await stage.json('alice', 'head', '--yes', '--print', '--commit', stage.base);
    expect(meant.signed?.[0]?.statements).toMatchObject([{ head: stage.base }]);
    await stage.push(newest, 'master');
    expect((await stage.json('alice', 'head', '--yes', '--print')).code).toBe(0);
  });

  test('says where it will help nobody', async () => {
    const { stage } = it;
    const older = await stage.as('alice', 'head', '--yes', '--print', '--commit', stage.base);
    expect(older.err).toContain('[head-not-newest]');
    expect(older.out).toContain(`\nhead: ${stage.base}\n`);
    const groups = { maintainers: ['alice', 'bob'], core: ['alice', 'bob'], admins: ['alice', 'bob'] };
    const plain = await stage.fork.setPolicy(
      { project: stage.project, match: '[plain]', groups, governance: '{ people: 1, from: admins }' },
      { on: stage.base },
    );
    await stage.push(plain, 'plain');
    const ran = await stage.as('carol', 'head', '--yes', '--print', '--branch', 'plain');
    expect([ran.code, ran.out.includes('attester: carol')]).toEqual([0, true]);
    expect(ran.err).toContain('[not-governance]');
    expect(ran.err).toContain('[freshness-not-asked]');
  });

  test('is signed by people of the policy alone', async () => {
    const refused = await it.stage.json('alice', 'head', '--yes', '--as', 'mallory');
    expect([refused.code, codes(refused)]).toEqual([64, ['usage']]);
    const other = await it.stage.json('alice', 'head', '--yes', '--as', 'bob');
    expect([other.code, codes(other)]).toEqual([1, ['key-not-theirs']]);
  });
});
