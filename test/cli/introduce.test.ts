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
  readonly step?: { readonly state: string };
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
      step: { state: 'not-judged' },
    });
    // Nothing judged the first commit of all, which is said.
    expect(codes(found)).toEqual(['introduction-not-judged']);
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

  test('refuses a policy that only observes, unless it is only to be printed', async () => {
    const { stage } = it;
    const watched = await stage.fork.setPolicy(
      { project: stage.project, mode: 'observe', match: '[watched]' },
      { on: stage.base },
    );
    await stage.fork.git('push', '--quiet', '--force', stage.clone('alice'), `${watched}:refs/heads/watched`);
    const refused = await introduce('alice', '--branch', 'watched');
    expect([refused.code, refused.ok, codes(refused)]).toEqual([1, false, ['observe-mode']]);
    const said = await stage.as('alice', 'introduce', '--branch', 'watched');
    expect([said.code, said.out]).toEqual([1, '']);
    expect(said.err).toContain('nothing that follows can ever be proven');
    expect(said.err).not.toContain('publish');
    const signed = await introduce('alice', '--branch', 'watched', '--sign', '--yes');
    expect([signed.code, codes(signed)]).toEqual([1, ['observe-mode']]);
    const found = await introduce('alice', '--branch', 'watched', '--print');
    expect([found.code, found.mode]).toEqual([0, 'observe']);
    expect(codes(found)).toEqual(['observe-mode', 'introduction-not-judged']);
    const ran = await stage.as('alice', 'introduce', '--branch', 'watched', '--print');
    expect(parseIntroduction(ran.out.trim())).toMatchObject({ commit: watched });
    expect(ran.err).toContain('[observe-mode]');
    expect(ran.err).not.toMatch(/publish|a user then runs/);
  });

  test('what an observing policy judged was not checked', async () => {
    const { stage } = it;
    const policy = { project: stage.project, match: '[strict]' };
    const watched = await stage.fork.setPolicy({ ...policy, mode: 'observe' }, { on: stage.base });
    const enforced = await stage.fork.setPolicy(policy, { on: watched });
    await stage.fork.git('push', '--quiet', '--force', stage.clone('alice'), `${enforced}:refs/heads/strict`);
    const ran = await stage.as('alice', 'introduce', '--branch', 'strict');
    expect(ran.code).toBe(0);
    expect(ran.err).toContain('itself was reviewed was not checked');
    expect(ran.err).toContain('only observes `strict`: look at its whole tree');
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

  test('says where nothing was proven before, whatever is printed', async () => {
    for (const more of [[], ['--json']]) {
      const ran = await it.stage.as('alice', 'head', '--yes', '--print', ...more);
      expect(ran.code).toBe(0);
      expect(ran.err).toContain('nothing was proven of');
      expect(ran.err).toContain('[head-not-proven]');
    }
  });

  test('proves the branch first, from where the person trusts it, and signs nothing that fails', async () => {
    const { stage } = it;
    const begin = ['--introduction', stage.base];
    const { commit: first } = await introduce('alice', '--commit', stage.base);
    const good = await stage.as('alice', 'head', '--yes', '--print', '--commit', first, ...begin);
    expect([good.code, good.err.includes('head-not-proven')]).toEqual([0, false]);
    const before = await ledgerPaths();
    // Nobody approved what landed.
    await land('third');
    const refused = await stage.json('alice', 'head', '--yes', ...begin);
    expect([refused.code, refused.ok, codes(refused)]).toEqual([1, false, ['head-not-proven']]);
    const added = await stage.as(
      'alice',
      ...[
        'trust',
        'add',
        (await stage.fork.git('-C', stage.clone('alice'), 'remote', 'get-url', 'origin')).trim(),
      ],
      ...['--branch', 'master', ...begin],
    );
    expect(added).toMatchObject({ code: 0 });
    const again = await stage.json('alice', 'head', '--yes');
    expect([again.code, codes(again)]).toEqual([1, ['head-not-proven']]);
    expect(await ledgerPaths()).toEqual(before);
  });
});
