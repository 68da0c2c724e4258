import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { ledgerFile, ledgerPaths } from '../../src/core/statement/ledger.ts';
import { extractStatements } from '../../src/core/statement/extract.ts';
import { parseStatements } from '../../src/core/statement/statement.ts';
import { fenced, openStage, type Stage } from './stage.ts';

/** What the app remembers and where it looks: earlier heads, revocations, the ledger, landed pull requests. */
describe('evidence', () => {
  let stage: Stage;
  let tip = '';
  let count = 0;
  beforeAll(async () => {
    stage = await openStage();
    tip = stage.base;
  });
  afterAll(async () => {
    await stage.close();
  });
  afterEach(() => {
    stage.github.assertClean();
  });

  async function proposed(
    content = '1\n',
  ): Promise<{ head: string; number: number; branch: string; path: string }> {
    count += 1;
    const branch = `evidence-${count}`;
    const path = `pkgs/${branch}.nix`;
    const head = await stage.fork.commit({ on: tip, files: { [path]: content }, as: 'alice' });
    const number = await stage.propose(head, branch);
    await stage.settled();
    return { head, number, branch, path };
  }
  async function say(number: number, statement: string): Promise<number> {
    const { id } = stage.repository.comment(number, fenced(statement), { as: 'bob' });
    await stage.settled();
    return id;
  }
  async function push(commit: string, branch: string): Promise<void> {
    await stage.repository.push({ from: stage.fork.dir, ref: commit, branch, as: 'alice', force: true });
    await stage.settled();
  }

  test('a signed no to an earlier head stands after a force-push, although its comment is gone', async () => {
    const { head, number, branch, path } = await proposed();
    const no = await stage.fork.review({ as: 'carol', base: tip, head, decision: 'reject' });
    const id = await say(number, no);
    stage.repository.deleteComment(id, { as: 'alice' });
    const next = await stage.fork.commit({ on: tip, files: { [path]: 'other\n' }, as: 'alice' });
    await push(next, branch);
    await say(number, await stage.fork.review({ as: 'bob', base: tip, head: next }));
    expect(stage.check(next)?.conclusion).toBe('failure');
    // What another pull request was told is not its business.
    const other = await proposed('2\n');
    await say(other.number, await stage.fork.review({ as: 'bob', base: tip, head: other.head }));
    expect(stage.check(other.head)?.conclusion).toBe('success');
    await say(number, await stage.fork.review({ as: 'carol', base: tip, head: next, serial: 2 }));
    expect(stage.check(next)?.conclusion).toBe('success');
  });

  test('an approval of an earlier head holds after a rebase without change, its comment gone or not', async () => {
    const { head, number, branch, path } = await proposed();
    const id = await say(number, await stage.fork.review({ as: 'bob', base: tip, head }));
    expect(stage.check(head)?.conclusion).toBe('success');
    stage.repository.deleteComment(id, { as: 'alice' });
    const same = await stage.fork.commit({
      on: tip,
      files: { [path]: '1\n' },
      message: 'reworded',
      as: 'alice',
    });
    await push(same, branch);
    expect(same).not.toBe(head);
    expect(stage.check(same)?.conclusion).toBe('success');
    const other = await stage.fork.commit({ on: tip, files: { [path]: '2\n' }, as: 'alice' });
    await push(other, branch);
    expect(stage.check(other)?.conclusion).toBe('action_required');
  });

  test('an approval of a head that nobody has any more breaks nothing', async () => {
    const { head, number } = await proposed();
    const edit = (text: string): string => text.replaceAll(head, 'e'.repeat(40));
    await say(number, await stage.fork.review({ as: 'bob', base: tip, head, edit }));
    expect(stage.check(head)?.conclusion).toBe('action_required');
    await say(number, await stage.fork.review({ as: 'bob', base: tip, head, serial: 2 }));
    expect(stage.check(head)?.conclusion).toBe('success');
  });

  test('a statement about another pull request, posted here, reaches that one', async () => {
    const [here, there] = [await proposed(), await proposed('3\n')];
    expect(stage.check(there.head)?.conclusion).toBe('action_required');
    await say(here.number, await stage.fork.review({ as: 'bob', base: tip, head: there.head }));
    expect(stage.check(there.head)?.conclusion).toBe('success');
    expect(stage.check(here.head)?.conclusion).toBe('action_required');
  });

  test('statements in the ledger count as soon as they are pushed', async () => {
    const { head } = await proposed('4\n');
    const text = await stage.fork.review({ as: 'bob', base: tip, head });
    const [signed] = extractStatements({ from: 'here', text }).signed;
    if (!signed) throw new Error('no statement');
    const parsed = parseStatements(signed.text);
    const file = ledgerFile(signed);
    const [path = ''] = ledgerPaths(file, parsed.ok ? parsed.statements : []);
    await stage.fork.git('checkout', '--quiet', '--force', '--orphan', 'ledger');
    await stage.fork.git('rm', '-r', '--force', '--quiet', '.');
    const ledger = await stage.fork.commit({ files: { [path]: Buffer.from(file).toString() } });
    await push(ledger, 'countersign/ledger');
    expect(stage.check(head)?.conclusion).toBe('success');
  });

  test('a step that landed without its review is completed by one that is posted afterwards', async () => {
    const { head, number } = await proposed('5\n');
    const merge = await stage.fork.merge(tip, head, { as: 'carol' });
    const before = tip;
    await push(merge, 'master');
    tip = merge;
    expect(stage.check(merge)?.conclusion).toBe('failure');
    await say(number, await stage.fork.review({ as: 'bob', base: before, head }));
    expect(stage.check(merge)?.conclusion).toBe('success');
  });

  test('a revoked key counts on no open pull request any more', async () => {
    const first = await proposed('6\n');
    await say(first.number, await stage.fork.review({ as: 'bob', base: tip, head: first.head }));
    expect(stage.check(first.head)?.conclusion).toBe('success');
    const second = await proposed('7\n');
    const key = stage.fork.people.get('bob');
    if (key?.kind !== 'ssh') throw new Error('bob signs with SSH');
    const fingerprint = await fingerprintOf(key.publicKey);
    const revocation = await stage.fork.say(
      {
        type: 'revoke',
        project: stage.project,
        person: 'bob',
        key: `ssh:${fingerprint}`,
        revoker: 'bob',
        reason: 'stolen',
      },
      'bob',
    );
    const id = await say(second.number, revocation);
    expect(stage.check(first.head)?.conclusion).not.toBe('success');
    stage.repository.deleteComment(id, { as: 'alice' });
    await stage.settled();
    const third = await proposed('8\n');
    await say(third.number, await stage.fork.review({ as: 'bob', base: tip, head: third.head }));
    expect(stage.check(third.head)?.conclusion).not.toBe('success');
  });
});

async function fingerprintOf(publicKey: string): Promise<string> {
  const blob = Buffer.from(publicKey.split(' ')[1] ?? '', 'base64');
  const digest = await crypto.subtle.digest('SHA-256', blob);
  return `SHA256:${Buffer.from(digest).toString('base64').replace(/=+$/, '')}`;
}
