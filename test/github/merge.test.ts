import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { createMessage, readKey, readSignature, verify } from 'openpgp';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { git, gitEnvironment } from './git/run.ts';
import { octokitFor, openScene, statusOf } from './scene.ts';
import type { Scene } from './scene.ts';

const where = { owner: 'acme', repo: 'nixpkgs' };

let scene: Scene;
let counter = 0;
beforeAll(async () => {
  scene = await openScene();
});
afterAll(() => scene.end());
afterEach(() => {
  scene.github.assertClean();
});

async function openChange(files: Record<string, string>, commits = 1, base = scene.base) {
  const { repository, tree } = scene;
  const name = `change-${++counter}`;
  await tree.git('checkout', '--quiet', '-B', name, base);
  for (let i = 1; i <= commits; i++)
    await tree.commit(`${name}: part ${i}`, { ...files, [`${name}.${i}`]: 'x\n' });
  await repository.push({ from: tree.directory, branch: name, as: 'alice' });
  return await repository.openPullRequest({
    head: name,
    base: 'master',
    title: `Title ${counter}`,
    as: 'alice',
  });
}

async function raw(sha: string): Promise<string> {
  return await git(scene.repository.gitDir, ['cat-file', 'commit', sha]);
}

/** What git and gpg say of a commit. */
async function verifyWithGpg(certificate: string, sha: string): Promise<string> {
  const home = await mkdtemp(join(tmpdir(), 'gpg-'));
  const env = { ...gitEnvironment, GNUPGHOME: home };
  const run = promisify(execFile);
  try {
    await writeFile(join(home, 'key.asc'), certificate);
    await run('gpg', ['--batch', '--quiet', '--import', join(home, 'key.asc')], { env });
    const args = ['--git-dir', scene.repository.gitDir, 'verify-commit', '--raw', sha];
    return (await run('git', args, { env })).stderr;
  } finally {
    await run('gpgconf', ['--kill', 'all'], { env });
    await rm(home, { recursive: true });
  }
}

describe('the merge buttons', () => {
  it('merge: a commit signed by web-flow, whose signature holds', async () => {
    const { repository, github } = scene;
    const pull = await openChange({});
    const before = await repository.branch('master');
    const sha = await repository.mergePullRequest(pull.number, 'merge', { as: 'alice' });
    const text = await raw(sha);
    expect(text).toMatch(`parent ${before ?? ''}\nparent ${pull.head.sha}\nauthor alice <`);
    expect(text).toContain('\ncommitter GitHub <noreply@github.com> ');
    expect(text).toMatch(/\n\nMerge pull request #\d+ from acme\/change-\d+\n\nTitle \d+$/);
    expect(pull).toMatchObject({ state: 'closed', mergeCommitSha: sha });

    const { certificate, fingerprint } = await github.webFlow();
    const [, signature = '', tail = ''] = /\ngpgsig ((?:.*\n )*.*)(\n\n)/.exec(text) ?? [];
    expect(tail).toBe('\n\n');
    const key = (await readKey({ armoredKey: certificate })).toPublic();
    expect(key.getFingerprint().toUpperCase()).toBe(fingerprint);
    const signed = text.replace(/\ngpgsig (?:.*\n )*.*(?=\n\n)/, '');
    const result = await verify({
      message: await createMessage({ binary: Buffer.from(signed) }),
      signature: await readSignature({ armoredSignature: signature.replaceAll('\n ', '\n') }),
      verificationKeys: key,
    });
    await expect(result.signatures[0]?.verified).resolves.toBe(true);
    expect(await verifyWithGpg(certificate, sha)).toContain(`[GNUPG:] VALIDSIG ${fingerprint} `);
  });

  it('squash: one signed commit in the author’s name', async () => {
    const { repository } = scene;
    const pull = await openChange({}, 2);
    const tip = await repository.branch('master');
    const sha = await repository.mergePullRequest(pull.number, 'squash', { as: 'alice' });
    const text = await raw(sha);
    expect(text).toContain(`parent ${tip ?? ''}\nauthor alice <`);
    expect(text.match(/^parent /gm)).toHaveLength(1);
    expect(text).toContain('\ngpgsig ');
    expect(text).toContain(
      `\n\n${pull.title} (#${pull.number})\n\n* ${pull.head.ref}: part 1\n\n* ${pull.head.ref}: part 2`,
    );
  });

  it('rebase: new commits without signatures', async () => {
    const { repository } = scene;
    const pull = await openChange({}, 2);
    const tip = await repository.branch('master');
    const sha = await repository.mergePullRequest(pull.number, 'rebase', { as: 'alice' });
    const log = await git(repository.gitDir, ['log', '--format=%s %cn %G?', `${tip ?? ''}..${sha}`]);
    expect(log.split('\n')).toEqual([2, 1].map((part) => `${pull.head.ref}: part ${part} alice N`));
    expect(await raw(sha)).not.toContain('gpgsig');
    expect(sha).not.toBe(pull.head.sha);
  });

  it('refuse a conflict, over the API with 405', async () => {
    const { repository, github } = scene;
    const one = await openChange({ 'README.md': 'one\n' });
    const two = await openChange({ 'README.md': 'two\n' });
    await repository.mergePullRequest(one.number);
    expect(repository.mergeable(two.number)).toEqual({
      mergeable: false,
      blockedBy: ['conflicts with the base branch'],
    });
    const alice = octokitFor(github, github.user('alice').token);
    const target = { ...where, pull_number: two.number };
    expect(await statusOf(alice.pulls.merge(target))).toBe(405);
    expect((await alice.pulls.get(target)).data).toMatchObject({
      mergeable: false,
      mergeable_state: 'dirty',
    });
    expect(await statusOf(alice.pulls.merge({ ...target, sha: scene.base }))).toBe(409);
  });

  it('mark a pull request as merged when its head is pushed to the base', async () => {
    const { repository, tree } = scene;
    const tip = await repository.branch('master');
    await tree.git('fetch', '--quiet', repository.gitDir, 'master');
    const pull = await openChange({}, 1, tip);
    await repository.push({ from: tree.directory, ref: pull.head.sha, branch: 'master', as: 'alice' });
    expect(pull).toMatchObject({ state: 'closed', mergeCommitSha: pull.head.sha });
    expect(pull.mergedAt).toBeDefined();
  });
});

describe('required checks', () => {
  const name = 'countersign / master';
  beforeEach(() => {
    scene.repository.unrequireCheck('master', name);
  });

  it.each([
    ['success', true],
    ['neutral', true],
    ['skipped', true],
    ['failure', false],
    ['action_required', false],
    ['cancelled', false],
    ['timed_out', false],
  ])('with the conclusion %s: mergeable is %s', async (conclusion, expected) => {
    const { repository } = scene;
    repository.requireCheck('master', name);
    const pull = await openChange({});
    expect(repository.mergeable(pull.number).blockedBy).toEqual([
      `required status check "${name}" is expected`,
    ]);
    await repository.postCheck('countersign', { name, head_sha: pull.head.sha, conclusion });
    expect(repository.mergeable(pull.number).mergeable).toBe(expected);
  });

  it('pinned to an app take no other app’s word; not pinned, anyone’s', async () => {
    const { repository, github } = scene;
    github.createApp({ slug: 'forger', permissions: { checks: 'write' } });
    github.install('forger', 'acme/nixpkgs');
    const pull = await openChange({});
    await repository.postCheck('forger', { name, head_sha: pull.head.sha, conclusion: 'success' });
    repository.requireCheck('master', name);
    expect(repository.mergeable(pull.number).mergeable).toBe(true);
    repository.unrequireCheck('master', name);
    repository.requireCheck('master', name, { app: 'countersign' });
    expect(repository.mergeable(pull.number).blockedBy).toEqual([
      `required status check "${name}" by countersign is expected`,
    ]);
    const alice = octokitFor(github, github.user('alice').token);
    expect(await statusOf(alice.pulls.merge({ ...where, pull_number: pull.number }))).toBe(405);
    await repository.postCheck('countersign', { name, head_sha: pull.head.sha, conclusion: 'success' });
    expect((await alice.pulls.merge({ ...where, pull_number: pull.number })).data.merged).toBe(true);
  });

  it('ask again after a push', async () => {
    const { repository, tree } = scene;
    repository.requireCheck('master', name);
    const pull = await openChange({});
    await repository.postCheck('countersign', { name, head_sha: pull.head.sha, conclusion: 'success' });
    await tree.commit('one more', { more: `${pull.number}\n` });
    await repository.push({ from: tree.directory, branch: pull.head.ref, as: 'alice' });
    expect(repository.mergeable(pull.number).mergeable).toBe(false);
  });
});
