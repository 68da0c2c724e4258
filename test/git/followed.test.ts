import { chmodSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { objectId } from '../../src/core/object/hash.ts';
import { fetchFollowed, type BeforeDownload, type Followed } from '../../src/git/followed.ts';
import { parseFollowedUrl } from '../../src/git/followed-remote.ts';
import { openRepository } from '../../src/git/reader.ts';
import { forgeObject, gitIn, makeScratch, oid, type Scratch } from './scratch.ts';

const LEDGER = 'countersign/ledger';

let remote: Scratch;
let cache: string;
beforeEach(() => {
  remote = makeScratch();
  remote.write('a', '1\n');
  remote.commit('one');
  cache = mkdtempSync(join(tmpdir(), 'cs-followed-cache-'));
});
afterEach(() => {
  vi.unstubAllEnvs();
  remote.remove();
  rmSync(cache, { recursive: true, force: true });
});

function follow(more: Partial<Parameters<typeof fetchFollowed>[0]> = {}): Promise<Followed> {
  return fetchFollowed({ directory: cache, url: remote.dir, branches: ['master'], ...more });
}

/** Types of objects in it by their ids. */
function has({ gitDir }: Followed, id: string): string {
  return gitIn(gitDir, ['cat-file', '--batch-check'], `${id}\n`).toString().trim().split(' ')[1] ?? '';
}

describe('following a repository', () => {
  test('brings the branch and the ledger, and nothing else', async () => {
    const head = remote.id('HEAD');
    remote.git(['branch', LEDGER]);
    remote.git(['tag', '-a', 'v1', '-m', 'v1']);
    remote.git(['switch', '-q', '-c', 'other']);
    const other = remote.commit('other');
    const followed = await follow();
    expect(followed.heads).toEqual(
      new Map([
        ['master', head],
        [LEDGER, head],
      ]),
    );
    expect(followed.ledger).toBe(head);
    const refs = gitIn(followed.gitDir, ['for-each-ref', '--format=%(refname)'])
      .toString()
      .trim()
      .split('\n');
    expect(refs).toHaveLength(2);
    for (const ref of refs) expect(ref).toMatch(/^refs\/countersign\/followed\/[0-9a-f]{64}$/);
    expect(has(followed, head)).toBe('commit');
    expect(has(followed, other)).toBe('missing');
    const opened = await openRepository(followed.gitDir);
    expect(await opened.repository.isReachable(head, head)).toBe(true);
    await opened.dispose();
  });

  test('says before a download what is known, and asks for nothing that is here', async () => {
    const known: BeforeDownload[] = [];
    const announce = (one: BeforeDownload): void => void known.push(one);
    const first = await follow({ announce });
    await follow({ announce });
    const next = remote.commit('two');
    await follow({ announce });
    expect(
      known.map(({ isNew, before, heads }) => [isNew, before.get('master') ?? null, heads.get('master')]),
    ).toEqual([
      [true, null, first.heads.get('master')],
      [false, first.heads.get('master'), first.heads.get('master')],
      [true, first.heads.get('master'), next],
    ]);
    expect(known[0]?.bytesHere).toBe(0);
    expect(known[2]?.bytesHere).toBeGreaterThan(0);
  });

  test('tells how far a download is only to whoever asks', async () => {
    let said = '';
    await follow({ onProgress: (text) => (said += text) });
    expect(said).toContain('done');
  });

  test('keeps what the server took back', async () => {
    const old = remote.commit('two');
    await follow();
    remote.git(['reset', '-q', '--hard', 'HEAD~1']);
    const fork = remote.commit('another two');
    const followed = await follow();
    expect(followed.heads.get('master')).toBe(fork);
    expect(has(followed, old)).toBe('commit');
  });

  test('many small fetches end in few packs, with all that ever came', async () => {
    const ids = [];
    for (let number = 0; number < 44; number += 1) {
      ids.push(remote.git(['rev-parse', 'HEAD']));
      remote.git(['commit', '-q', '--amend', '--allow-empty', '-m', `${number}`]);
      await follow();
    }
    const followed = await follow();
    const packs = readdirSync(join(followed.gitDir, 'objects/pack')).filter((name) => name.endsWith('.pack'));
    expect(packs.length).toBeLessThan(10);
    expect(ids.slice(1).map((id) => has(followed, id))).toEqual(ids.slice(1).map(() => 'commit'));
  });

  test('names that stand in each other’s way on a disk', async () => {
    remote.git(['branch', 'a']);
    await follow({ branches: ['a'] });
    remote.git(['branch', '-D', 'a']);
    remote.git(['branch', 'a/b']);
    expect((await follow({ branches: ['a/b'] })).heads.has('a/b')).toBe(true);
  });

  test('several at once, each with the whole', async () => {
    const head = remote.id('HEAD');
    const all = await Promise.all([follow(), follow(), follow()]);
    expect(all.map(({ heads }) => heads.get('master'))).toEqual([head, head, head]);
  });

  test('a repository that was made anew with other hashes', async () => {
    await follow();
    const anew = makeScratch({ format: 'sha256' });
    anew.commit('one');
    rmSync(remote.dir, { recursive: true });
    gitIn(anew.root, ['clone', '-q', '--bare', anew.dir, remote.dir]);
    expect((await follow()).heads.get('master')).toBe(anew.id('HEAD'));
    anew.remove();
  });

  test('what a fetch left behind that was killed is in nobody’s way', async () => {
    const { gitDir } = await follow();
    const refs = join(gitDir, 'refs/countersign/followed');
    const name = gitIn(gitDir, ['for-each-ref', '--format=%(refname:lstrip=3)']).toString().trim();
    writeFileSync(join(refs, `${name}.lock`), '');
    writeFileSync(join(gitDir, 'packed-refs.lock'), '');
    writeFileSync(join(gitDir, 'objects/pack/tmp_pack_AbCdEf'), 'half');
    const next = remote.commit('two');
    expect((await follow()).heads.get('master')).toBe(next);
    expect(readdirSync(join(gitDir, 'objects/pack')).filter((one) => one.startsWith('tmp_'))).toEqual([]);
  });
});

describe('whom it does not listen to', () => {
  test('the configuration and hooks of the other repository, of the user, and of the folder around it: row 46', async () => {
    const witness = join(cache, 'witness');
    const run = `touch '${witness}'; exec cat`;
    for (const name of ['pre-receive', 'post-checkout', 'reference-transaction', 'post-update']) {
      const hook = join(remote.dir, '.git/hooks', name);
      mkdirSync(join(remote.dir, '.git/hooks'), { recursive: true });
      writeFileSync(hook, `#!/bin/sh\ntouch '${witness}'\n`);
      chmodSync(hook, 0o755);
    }
    remote.git(['config', 'uploadpack.packObjectsHook', `sh -c "${run}"`]);
    remote.git(['config', 'core.fsmonitor', `touch '${witness}'`]);
    remote.git(['config', 'core.sshCommand', `touch '${witness}'`]);
    remote.git(['config', 'core.alternateRefsCommand', `touch '${witness}'`]);
    const mine = join(cache, 'gitconfig');
    writeFileSync(
      mine,
      `[url "/nonexistent/elsewhere"]\n\tinsteadOf = ${remote.dir}\n[uploadpack]\n\tpackObjectsHook = touch '${witness}'\n[core]\n\thooksPath = ${join(remote.dir, '.git/hooks')}\n`,
    );
    vi.stubEnv('GIT_CONFIG_GLOBAL', mine);
    vi.stubEnv('GIT_CONFIG_COUNT', '1');
    vi.stubEnv('GIT_CONFIG_KEY_0', 'url./nonexistent/x.insteadOf');
    vi.stubEnv('GIT_CONFIG_VALUE_0', remote.dir);
    vi.stubEnv('GIT_DIR', '/nonexistent/dir');
    gitIn(cache, ['init', '-q', '.']);
    gitIn(cache, ['config', 'url./nonexistent/y.insteadOf', remote.dir]);
    expect((await follow()).heads.get('master')).toBe(remote.id('HEAD'));
    expect(readdirSync(cache)).not.toContain('witness');
  });

  test('transports that are commands, and those that anybody on the way can change', async () => {
    for (const url of [
      'ext::sh -c "touch x"',
      'http://example.org/acme/nixpkgs',
      'git://example.org/acme/nixpkgs',
      'fd::17',
      '-oProxyCommand=x',
      '--upload-pack=touch',
      'ssh://-oProxyCommand=x/y',
      'relative/path',
      'host:-x',
      '',
    ]) {
      await expect(follow({ url })).rejects.toMatchObject({ code: 'git-failed', passing: false });
    }
    expect(readdirSync(cache)).toEqual([]);
    expect(parseFollowedUrl('git@github.com:acme/nixpkgs').protocol).toBe('ssh');
    expect(parseFollowedUrl('ssh://git@github.com/acme/nixpkgs').protocol).toBe('ssh');
    expect(parseFollowedUrl('https://github.com/acme/nixpkgs').protocol).toBe('https');
    expect(parseFollowedUrl('file:///srv/nixpkgs').protocol).toBe('file');
  });

  test('objects that git refuses: nothing of the branch moves', async () => {
    const before = await follow();
    const inner = objectId('blob', Buffer.from('x'), 'sha1');
    forgeObject(remote, inner, 'blob', Buffer.from('x'));
    const raw = Buffer.concat([Buffer.from('100644 .git\0'), Buffer.from(inner, 'hex')]);
    const tree = objectId('tree', raw, 'sha1');
    forgeObject(remote, tree, 'tree', raw);
    const evil = oid(remote.git(['commit-tree', '-p', 'HEAD', '-m', 'evil', tree]));
    remote.git(['update-ref', 'refs/heads/master', evil]);
    await expect(follow()).rejects.toMatchObject({ code: 'object-forged' });
    expect(gitIn(before.gitDir, ['for-each-ref', '--format=%(objectname)']).toString().trim()).toBe(
      before.heads.get('master'),
    );
    expect(has(before, evil)).toBe('missing');
  });
});

describe('what cannot be had', () => {
  test('a server that was cut itself, and its shallow file: row 57', async () => {
    remote.commit('two');
    const cut = join(remote.root, 'cut');
    gitIn(remote.root, ['clone', '-q', '--depth', '1', `file://${remote.dir}`, cut]);
    await expect(follow({ url: cut })).rejects.toThrow('a clone that was cut');
    const whole = await follow();
    remote.commit('three');
    gitIn(remote.root, ['clone', '-q', '--depth', '1', `file://${remote.dir}`, 'again']);
    rmSync(remote.dir, { recursive: true });
    gitIn(remote.root, ['clone', '-q', '--no-local', 'again', remote.dir]);
    // Not the old head instead, as if that were what is there.
    await expect(follow()).rejects.toThrow('a clone that was cut');
    expect(has(whole, whole.heads.get('master') ?? '')).toBe('commit');
    const folder = join(cache, 'followed');
    const names = readdirSync(folder, { recursive: true, encoding: 'utf8' });
    expect(names.filter((name) => name.endsWith('/shallow'))).toEqual([]);
  });

  test('an object whose bytes are others than its id says: row 57', async () => {
    const blob = remote.id('HEAD:a');
    const path = join(remote.dir, '.git/objects', blob.slice(0, 2), blob.slice(2));
    chmodSync(path, 0o644);
    forgeObject(remote, blob, 'blob', Buffer.from('another'));
    await expect(follow()).rejects.toThrow('could not be read');
  });

  test('no such repository, no such branch, no branch at all, a name that is none', async () => {
    await expect(follow({ url: `${remote.dir}-gone` })).rejects.toMatchObject({ code: 'git-failed' });
    await expect(follow({ branches: ['gone'] })).rejects.toThrow('has no branch `gone`');
    await expect(follow({ branches: ['--upload-pack=x'] })).rejects.toMatchObject({ code: 'git-failed' });
    const some = await follow({ branches: ['master', 'gone'] });
    expect([...some.heads.keys()]).toEqual(['master']);
    expect(some.ledger).toBeNull();
  });

  test('a server that is not there, without any question', async () => {
    await expect(follow({ url: 'https://127.0.0.1:9/acme/nixpkgs' })).rejects.toThrow('could not be read');
  });

  test('a cache that others may change', async () => {
    const { gitDir } = await follow();
    chmodSync(join(gitDir, '..'), 0o777);
    await expect(follow()).rejects.toMatchObject({ code: 'repository-untrusted' });
  });
});

test('over ssh: the program of that name, with no terminal to ask on', async () => {
  const programs = join(cache, 'bin');
  mkdirSync(programs);
  // Stands in for a server: git hands it options, the host, and the command to run there.
  writeFileSync(
    join(programs, 'ssh'),
    `#!/bin/sh\necho "$@" >> '${join(cache, 'asked')}'\nwhile [ "$1" != git@example.org ]; do shift; done\nshift\nexec sh -c "$*"\n`,
  );
  chmodSync(join(programs, 'ssh'), 0o755);
  vi.stubEnv('PATH', `${programs}:${process.env['PATH'] ?? ''}`);
  const { heads } = await follow({ url: `ssh://git@example.org${remote.dir}` });
  expect(heads.get('master')).toBe(remote.id('HEAD'));
  expect(readFileSync(join(cache, 'asked'), 'utf8')).toContain('-o BatchMode=yes');
});
