import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { LEDGER_LIMITS } from '../../src/core/statement/ledger.ts';
import { openLedger, readLedger } from '../../src/git/ledger.ts';
import { readSeen, updateSeen } from '../../src/git/ledger-seen.ts';
import { entry, makeStage, named, readFrom, usePerson, withOpen, type LedgerStage } from './ledger-stage.ts';
import { forgeObject, gitIn, oid, scratchAt, type Scratch } from './scratch.ts';

usePerson();

const H1 = oid('a'.repeat(40));
const H2 = oid('b'.repeat(40));

let stage: LedgerStage;
let alice: Scratch;
beforeEach(() => {
  stage = makeStage();
  alice = stage.clone('alice');
});
afterEach(() => {
  stage.remove();
});

const texts = (sources: readonly { text: string }[]): string[] => sources.map(({ text }) => text).sort();

describe('appending', () => {
  test('makes the branch, then adds to it; what is there stays', async () => {
    const first = await stage.append(alice, new Map([entry(H1, 'one')]));
    expect(first).toMatchObject({ kind: 'appended', restored: [], attempts: 1 });
    const second = await stage.append(alice, new Map([entry(H1, 'two'), entry(H2, 'three', 'adopt')]));
    expect(second.kind).toBe('appended');
    expect([...stage.contents()].sort()).toEqual(
      [entry(H1, 'one'), entry(H1, 'two'), entry(H2, 'three', 'adopt')].sort(),
    );
    expect(gitIn(stage.remote, ['rev-list', '--count', 'countersign/ledger']).toString().trim()).toBe('2');
    expect(gitIn(stage.remote, ['fsck', '--strict', '--no-dangling']).toString()).toBe('');
    expect(texts(await readFrom(alice, [H1]))).toEqual(['one', 'two']);
    expect(texts(await readFrom(alice, [H1, H2]))).toEqual(['one', 'three', 'two']);
  });

  test('says so where everything is there already, and makes no commit', async () => {
    const first = await stage.append(alice, new Map([entry(H1, 'one')]));
    const again = await stage.append(alice, new Map([entry(H1, 'one')]));
    expect(again).toMatchObject({ kind: 'nothing-new', tip: first.tip });
  });

  test('a dry run writes nothing, here or there', async () => {
    const before = gitIn(alice.dir, ['count-objects', '-v']).toString();
    const files = new Map([entry(H1, 'one')]);
    const would = await stage.append(alice, files, { dryRun: true });
    expect(would).toMatchObject({ kind: 'would-append', tip: null, added: [...files.keys()] });
    expect(gitIn(alice.dir, ['count-objects', '-v']).toString()).toBe(before);
    expect(gitIn(stage.remote, ['for-each-ref']).toString()).toBe('');
  });

  test('leaves work tree, index, HEAD and FETCH_HEAD alone', async () => {
    alice.write('a', 'changed');
    alice.write('new', 'untracked');
    alice.git(['add', 'new']);
    const look = (): unknown => [
      alice.git(['status', '--porcelain']),
      alice.git(['rev-parse', 'HEAD']),
      readFileSync(join(alice.dir, '.git/index')).toString('base64'),
      readdirSync(join(alice.dir, '.git')).filter((name) => name === 'FETCH_HEAD'),
      alice.git(['branch', '--list']),
    ];
    const before = look();
    await stage.append(alice, new Map([entry(H1, 'one')]));
    await stage.append(alice, new Map([entry(H1, 'two')]));
    expect(look()).toEqual(before);
  });

  test('a writer whose clone is behind adds to what others wrote', async () => {
    const bob = stage.clone('bob');
    await stage.append(alice, new Map([entry(H1, 'one')]));
    await stage.append(bob, new Map([entry(H1, 'two')]));
    await stage.append(alice, new Map([entry(H1, 'three')]));
    expect([...stage.contents().values()].sort()).toEqual(['one', 'three', 'two']);
  });

  test('a worthless file under the name of a good one gives way to it', async () => {
    const [path, text] = entry(H1, 'one');
    stage.rewrite(
      new Map([
        [path, 'worthless'],
        [`review/${H2}`, 'a file where a folder belongs'],
        ['README', 'by hand'],
      ]),
    );
    await stage.append(alice, new Map([[path, text], entry(H2, 'two')]));
    expect(stage.contents()).toEqual(new Map([['README', 'by hand'], [path, text], entry(H2, 'two')]));
  });

  test('a server that refuses is not asked forever', async () => {
    writeFileSync(join(stage.remote, 'hooks/pre-receive'), '#!/bin/sh\necho no such luck >&2\nexit 1\n', {
      mode: 0o755,
    });
    await expect(stage.append(alice, new Map([entry(H1, 'one')]))).rejects.toThrow(/could not be pushed/);
  });

  test('no such remote, no such server', async () => {
    const files = new Map([entry(H1, 'one')]);
    await expect(stage.append(alice, files, { remote: 'nowhere' })).rejects.toThrow('no remote `nowhere`');
    await expect(stage.append(alice, files, { remote: '--all' })).rejects.toThrow('cannot be the name');
    alice.git(['remote', 'set-url', 'origin', join(stage.root, 'gone.git')]);
    await expect(stage.append(alice, files)).rejects.toThrow('could not be fetched');
  });

  test('works on a repository of SHA-256', async () => {
    const other = makeStage('sha256');
    try {
      const clone = other.clone('alice');
      const head = oid('c'.repeat(64));
      await other.append(clone, new Map([entry(head, 'one')]));
      expect(texts(await readFrom(clone, [head]))).toEqual(['one']);
    } finally {
      other.remove();
    }
  });

  test('works in a clone of one commit, as a workflow has it', async () => {
    await stage.append(alice, new Map([entry(H1, 'one')]));
    alice.commit('second');
    alice.git(['push', '-q', 'origin', 'HEAD:refs/heads/master']);
    const dir = join(stage.root, 'shallow');
    gitIn(stage.root, ['clone', '-q', '--depth=1', '--branch=master', `file://${stage.remote}`, dir]);
    const shallow = scratchAt(stage.root, dir);
    expect(shallow.git(['rev-parse', '--is-shallow-repository'])).toBe('true');
    await stage.append(shallow, new Map([entry(H1, 'two')]));
    await stage.append(shallow, new Map([entry(H2, 'three')]));
    expect([...stage.contents().values()].sort()).toEqual(['one', 'three', 'two']);
  });

  test('signs its commits only where the person signs commits', async () => {
    await stage.append(alice, new Map([entry(H1, 'one')]));
    expect(gitIn(stage.remote, ['cat-file', 'commit', 'countersign/ledger']).toString()).not.toContain(
      'gpgsig',
    );
    alice.git(['config', 'commit.gpgSign', 'true']);
    alice.git(['config', 'gpg.format', 'ssh']);
    alice.git(['config', 'user.signingKey', join(stage.root, 'no-such-key')]);
    await expect(stage.append(alice, new Map([entry(H1, 'two')]))).rejects.toThrow('commit-tree failed');
  });
});

describe('a rewritten ledger', () => {
  async function seenThenRewritten(): Promise<void> {
    await stage.append(alice, new Map([entry(H1, 'one'), entry(H2, 'two')]));
    stage.rewrite(new Map([entry(H2, 'two')]));
  }

  test('is refused, and nothing is written', async () => {
    await seenThenRewritten();
    const refused = await stage.append(alice, new Map([entry(H1, 'three')]));
    expect(refused).toMatchObject({ kind: 'rewritten', lost: 1 });
    expect([...stage.contents().values()]).toEqual(['two']);
    expect((await stage.append(alice, new Map([entry(H1, 'three')]))).kind).toBe('rewritten');
  });

  test('is gone on from where the person accepts it, with what was lost put back', async () => {
    await seenThenRewritten();
    const files = new Map([entry(H1, 'three')]);
    const accepted = await stage.append(alice, files, { acceptRewrite: true });
    expect(accepted).toMatchObject({ kind: 'appended', restored: [entry(H1, 'one')[0]] });
    expect([...stage.contents().values()].sort()).toEqual(['one', 'three', 'two']);
    expect((await stage.append(alice, files)).kind).toBe('nothing-new');
  });

  test('what nobody vouches for is not put back', async () => {
    await seenThenRewritten();
    const accepted = await stage.append(alice, new Map([entry(H1, 'three')]), {
      acceptRewrite: true,
      keep: () => Promise.resolve([]),
    });
    expect(accepted).toMatchObject({ kind: 'appended', restored: [] });
    expect([...stage.contents().values()].sort()).toEqual(['three', 'two']);
  });

  test('a deleted branch is a rewrite as well', async () => {
    await stage.append(alice, new Map([entry(H1, 'one')]));
    gitIn(stage.remote, ['update-ref', '-d', 'refs/heads/countersign/ledger']);
    const files = new Map([entry(H1, 'two')]);
    expect(await stage.append(alice, files)).toMatchObject({ kind: 'rewritten', tip: null, lost: 1 });
    await stage.append(alice, files, { acceptRewrite: true });
    expect([...stage.contents().values()].sort()).toEqual(['one', 'two']);
  });

  test('is seen from another clone of the same person, which never held the old state', async () => {
    await seenThenRewritten();
    const other = stage.clone('other');
    expect(await stage.append(other, new Map([entry(H1, 'three')]))).toMatchObject({
      kind: 'rewritten',
      lost: null,
    });
  });

  test('a branch put back to an older state of its own is a rewrite as well', async () => {
    const first = await stage.append(alice, new Map([entry(H1, 'one')]));
    await stage.append(alice, new Map([entry(H1, 'two')]));
    gitIn(stage.remote, ['update-ref', 'refs/heads/countersign/ledger', first.tip ?? '']);
    expect(await stage.append(alice, new Map([entry(H1, 'three')]))).toMatchObject({
      kind: 'rewritten',
      lost: 1,
    });
  });

  test('what another process has seen meanwhile is not put back', async () => {
    await stage.append(alice, new Map([entry(H1, 'one')]));
    const folder = join(stage.state, 'ledgers');
    const [name = ''] = readdirSync(folder);
    const seen = readFileSync(join(folder, name), 'utf8');
    // Another clone of this person goes on from here, and has just pushed it.
    const newest = 'c'.repeat(40);
    const aside = join(stage.root, 'meanwhile');
    writeFileSync(aside, seen.replace(/"tip":"[0-9a-f]{40}"/, `"tip":"${newest}"`));
    // Git runs it once what is to be remembered was chosen, and before it is written.
    const hook = `#!/bin/sh\ngrep -q ' refs/countersign/ledger/origin$' && cp '${aside}' '${join(folder, name)}'\nexit 0\n`;
    writeFileSync(join(alice.dir, '.git/hooks/reference-transaction'), hook, { mode: 0o755 });
    expect((await stage.append(alice, new Map([entry(H2, 'two')]))).kind).toBe('appended');
    expect(readFileSync(join(folder, name), 'utf8')).toBe(readFileSync(aside, 'utf8'));
    expect(readdirSync(folder)).toEqual([name]);
  });

  test('what was seen is remembered for the person alone, without the token in a URL', async () => {
    const memory = {
      directory: join(stage.root, 'other'),
      url: 'https://x:secret@example.org/a/b',
      project: 'p',
    };
    await updateSeen(memory, 'sha1', () => Promise.resolve(H1));
    expect(await readSeen({ ...memory, url: 'https://y:later@example.org/a/b' }, 'sha1')).toBe(H1);
    expect(await readSeen({ ...memory, project: 'q' }, 'sha1')).toBeNull();
    const [kept = ''] = readdirSync(join(memory.directory, 'ledgers'));
    expect(readFileSync(join(memory.directory, 'ledgers', kept), 'utf8')).not.toContain('secret');

    await stage.append(alice, new Map([entry(H1, 'one')]));
    const [file = ''] = readdirSync(join(stage.state, 'ledgers'));
    const path = join(stage.state, 'ledgers', file);
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(statSync(join(stage.state, 'ledgers')).mode & 0o777).toBe(0o700);
    writeFileSync(path, '{"tip": "nonsense"}');
    await expect(stage.append(alice, new Map([entry(H1, 'two')]))).rejects.toThrow('memory of the ledger');
  });
});

describe('reading', () => {
  test('a missing branch is empty', async () => {
    expect(await readFrom(alice, [H1])).toEqual([]);
  });

  test('takes only regular files under the name that their bytes have', async () => {
    const good = entry(H1, 'good');
    stage.rewrite(
      new Map([
        good,
        [`review/${H1}/${named('other')}`, 'bad name'],
        [`review/${H1}/notes.txt`, 'not named so'],
        [`review/${H2}/${named('elsewhere')}`, 'elsewhere'],
        [`strange/${H1}/${named('strange')}`, 'strange'],
        [`revoke/keys/${named('revoked')}`, 'revoked'],
        [`revoke/others/${named('not read')}`, 'not read'],
        [`review/${H1}/${named('x'.repeat(LEDGER_LIMITS.file + 1))}`, 'x'.repeat(LEDGER_LIMITS.file + 1)],
        ['adopt', 'no folder'],
      ]),
    );
    alice.git(['fetch', '-q', 'origin']);
    expect(texts(await readFrom(alice, [H1]))).toEqual(['good', 'revoked']);
  });

  test('gives a file once, in whatever folders it lies', async () => {
    stage.rewrite(new Map([entry(H1, 'one'), entry(H2, 'one'), entry(H1, 'one', 'adopt')]));
    alice.git(['fetch', '-q', 'origin']);
    expect(texts(await readFrom(alice, [H1, H2]))).toEqual(['one']);
  });

  test('its state is the same while nothing about the heads changes', async () => {
    const one = stage.rewrite(new Map([entry(H1, 'one')]));
    const two = stage.rewrite(new Map([entry(H1, 'one'), entry(H2, 'two')]), one);
    alice.git(['fetch', '-q', 'origin']);
    await withOpen(alice.dir, async (opened) => {
      const [old, young] = [await openLedger(opened, one), await openLedger(opened, two)];
      expect(young.stateOf([H1])).toBe(old.stateOf([H1]));
      expect(young.stateOf([H2])).not.toBe(old.stateOf([H2]));
    });
  });

  test.each(['blob', 'tree', 'commit'] as const)('a forged %s is refused', async (type) => {
    const tip = stage.rewrite(new Map([entry(H1, 'one')]));
    alice.git(['fetch', '-q', 'origin']);
    const read = (): Promise<unknown> => withOpen(alice.dir, (opened) => readLedger(opened, tip, [H1]));
    await expect(read()).resolves.toHaveLength(1);
    const folder = alice.id(`${tip}:review/${H1}`);
    const forged = { commit: tip, tree: folder, blob: alice.id(`${tip}:review/${H1}/${named('one')}`) };
    forgeObject(
      alice,
      forged[type],
      type,
      type === 'blob'
        ? 'two'
        : alice.gitBytes(['cat-file', type, type === 'tree' ? `${tip}:review` : 'HEAD']),
    );
    await expect(read()).rejects.toMatchObject({ code: 'object-forged' });
  });

  test('a crowd in one folder is gone through, and only what is wanted of it is kept', async () => {
    const flood = Array.from({ length: 600 }, (_, index) => entry(H1, `junk ${index}`));
    const tip = stage.rewrite(new Map([...flood, entry(H1, 'wanted')]));
    alice.git(['fetch', '-q', 'origin']);
    await withOpen(alice.dir, async (opened) => {
      const asked: number[] = [];
      const found = await readLedger(opened, tip, [H1], (sources) => {
        asked.push(sources.length);
        return Promise.resolve(sources.filter(({ text }) => text === 'wanted'));
      });
      expect(texts(found)).toEqual(['wanted']);
      expect(asked.reduce((sum, one) => sum + one, 0)).toBe(601);
      expect(await readLedger(opened, tip, [H2], () => Promise.resolve([]))).toEqual([]);
    });
  });

  test('more entries than the bound are an error, never a selection', async () => {
    const blob = alice.git(['hash-object', '-w', '--stdin'], 'x');
    const names = Array.from({ length: LEDGER_LIMITS.entries + 1 }, (_, index) => named(String(index)));
    const folder = alice.git(['mktree'], names.map((name) => `100644 blob ${blob}\t${name}\n`).join(''));
    const heads = alice.git(['mktree'], `040000 tree ${folder}\t${H1}\n`);
    const top = alice.git(['mktree'], `040000 tree ${heads}\treview\n`);
    const tip = oid(alice.git(['commit-tree', '-m', 'flood', top]));
    await withOpen(alice.dir, async (opened) => {
      await expect(readLedger(opened, tip, [H1])).rejects.toMatchObject({ code: 'list-cut' });
      await expect(readLedger(opened, tip, [H2])).resolves.toEqual([]);
    });
  });
});
