import { createHash } from 'node:crypto';
import { expect, describe, test } from 'vitest';
import { useReview, type Printed } from './review-stage.ts';

const it = useReview();

function codes({ findings = [] }: Printed): readonly string[] {
  return findings.map(({ code }) => code);
}

/** A step of master that nobody but alice stands behind, pushed past the check. */
async function land(
  branch: string,
): Promise<{ number: number; head: string; merge: string; parent: string }> {
  const { stage } = it;
  const parent = (await stage.repository.branch('master')) ?? '';
  const { number, head } = await stage.propose(branch, { on: parent });
  const merge = await stage.fork.merge(parent, head, { as: 'alice' });
  await stage.push(merge, 'master');
  return { number, head, merge, parent };
}

async function outcome(parent: string, merge: string, number: number): Promise<string> {
  const { stage } = it;
  return stage.judgeStep(parent, merge, stage.comments(number));
}

describe('a landed step', () => {
  test('is repaired by the approval that it lacks, posted where it landed from', async () => {
    const { stage } = it;
    const { number, head, merge, parent } = await land('late');
    const asked = await stage.as('bob', 'repair', merge);
    expect([asked.code, stage.comments(number)]).toEqual([3, []]);
    expect(asked.err).toContain('[approvals-missing]');
    const done = await stage.json('bob', 'repair', merge, '--approve', '--yes');
    expect(done.signed?.[0]?.statements).toMatchObject([{ decision: 'approve', head, base: parent }]);
    expect(await outcome(parent, merge, number)).toBe('pass');
    const again = await stage.as('carol', 'repair', merge, '--approve', '--yes');
    expect([again.code, stage.comments(number).length]).toEqual([0, 1]);
  });

  test('is repaired by adoption and approval where nobody signed it', async () => {
    const { stage } = it;
    const parent = (await stage.repository.branch('master')) ?? '';
    const bare = await stage.fork.commit({ files: { 'pkgs/bare': '1' }, on: parent });
    await stage.push(bare, 'master');
    const printed: string[] = [];
    for (const [name, flag] of [
      ['alice', '--adopt'],
      ['bob', '--approve'],
    ] as const) {
      const done = await stage.as(name, 'repair', bare, flag, '--yes');
      expect(done.code).toBe(0);
      printed.push(done.out);
    }
    expect(await stage.judgeStep(parent, bare, printed)).toBe('pass');
  });

  test('is ratified by governance', async () => {
    const { stage } = it;
    const { number, merge, parent } = await land('rushed');
    for (const name of ['alice', 'bob', 'carol']) {
      const done = await stage.json(name, 'ratify', merge, '--reason', 'outage of the forge', '--yes');
      expect(done.signed?.[0]?.statements).toMatchObject([
        { type: 'ratify', commit: merge, parent, ratifier: name },
      ]);
    }
    expect(await outcome(parent, merge, number)).toBe('pass');
  });

  test('that lacks nothing is not ratified, and a root commit is no step', async () => {
    const { stage } = it;
    const { merge, parent, number } = await land('fine');
    await stage.as('bob', 'repair', merge, '--approve', '--yes');
    expect(await outcome(parent, merge, number)).toBe('pass');
    const idle = await stage.json('carol', 'ratify', merge, '--reason', 'x', '--yes');
    expect([idle.code, codes(idle)]).toEqual([1, ['nothing-lacks']]);
    const root = await stage.json('carol', 'ratify', stage.base, '--reason', 'x', '--yes');
    expect([root.code, codes(root)]).toEqual([1, ['no-parent']]);
  });
});

describe('a key', () => {
  test('is revoked into the ledger of the remote', async () => {
    const { stage } = it;
    const carol = stage.fork.people.get('carol');
    const pin = carol?.kind === 'ssh' ? fingerprint(carol.publicKey) : '';
    const done = await stage.json('carol', 'revoke', pin, '--reason', 'laptop stolen', '--yes');
    expect(done.delivered).toHaveLength(1);
    expect(done.signed?.[0]?.statements).toMatchObject([
      { type: 'revoke', person: 'carol', key: `ssh:${pin}` },
    ]);
    const tip = await stage.repository.branch('countersign/ledger');
    expect(tip).toMatch(/^[0-9a-f]{40}$/);
    await stage.fork.git('fetch', '--quiet', stage.repository.gitDir, 'countersign/ledger');
    expect(await stage.fork.git('ls-tree', '-r', '--name-only', 'FETCH_HEAD')).toMatch(
      /^revoke\/keys\/[0-9a-f]{64}$/,
    );
  });

  test('of nobody, and without a reason, is not', async () => {
    const { stage } = it;
    const unknown = await stage.json('alice', 'revoke', 'F'.repeat(40), '--reason', 'x', '--yes');
    expect(codes(unknown)).toEqual(['key-unknown']);
    const missing = await stage.json('alice', 'revoke', 'F'.repeat(40), '--yes');
    expect([missing.code, codes(missing)]).toEqual([64, ['reason-missing']]);
  });
});

function fingerprint(publicKey: string): string {
  const blob = Buffer.from(publicKey.split(' ')[1] ?? '', 'base64');
  return `SHA256:${createHash('sha256').update(blob).digest('base64').replace(/=+$/, '')}`;
}
