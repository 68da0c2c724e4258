import { existsSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, test } from 'vitest';
import { main } from '../../src/cli/main.ts';
import { PLAIN } from '../../src/core/report/paint.ts';
import { serveGit, type GitServer } from '../git/http-server.ts';
import { namesIn, usePullStage, type PullStage } from './pull-stage.ts';

const use = usePullStage();
let stage: PullStage;
beforeEach(async () => {
  ({ stage } = use);
  await stage.reset();
});

/** What our own bar begins with. */
const ERASE_LINE = '\u001b[K';
const TRACKED = 'refs/remotes/origin/master';

/** Everything in the git directory but objects. */
function besidesObjects(): readonly string[] {
  return namesIn(join(stage.clone, '.git')).filter((name) => !/^objects(?:\/|$)/.test(name));
}

describe('over HTTP', () => {
  async function served(act: (server: GitServer) => Promise<void>): Promise<void> {
    const server = await serveGit(join(stage.remote, '..'), null);
    try {
      const url = `${server.origin}/remote.git`;
      await stage.must(['remote', 'set-url', 'origin', url]);
      stage.trust([{ url }]);
      await act(server);
    } finally {
      await server.close();
    }
  }

  test('proves what a server serves', async () => {
    await stage.publish(4);
    await served(async () => {
      expect((await stage.cli('fetch')).code).toBe(0);
    });
    expect((await stage.refs()).get(TRACKED)).toBe(stage.built.at(2));
  });

  test('a download that breaks off leaves nothing but objects, and the next one is whole', async () => {
    await stage.publish(2);
    await served(async (server) => {
      const before = [await stage.refs(), besidesObjects()];
      server.before = (request, response) => {
        if (request.method !== 'POST' || server.requests.length < 4) return Promise.resolve('go on');
        response.destroy();
        return Promise.resolve('answered');
      };
      const { code, err } = await stage.cli('fetch');
      expect(code).toBe(2);
      expect(err).toContain('nothing was changed');
      expect([await stage.refs(), besidesObjects()]).toEqual(before);
      server.before = () => Promise.resolve('go on');
      expect((await stage.cli('fetch')).code).toBe(0);
      expect((await stage.refs()).get(TRACKED)).toBe(stage.built.at(2));
    });
  });

  test('a branch that is taken back between two requests is asked for anew', async () => {
    await stage.publish(2);
    await served(async (server) => {
      let lists = 0;
      server.before = async (request) => {
        if (request.method === 'GET') lists += 1;
        if (request.method === 'GET' && lists === 2) await stage.publish(1);
        return 'go on';
      };
      const { code, json } = await stage.json('fetch');
      expect(code).toBe(0);
      expect(json.branches[0]).toMatchObject({ head: stage.built.at(1), accepted: stage.built.at(1) });
      expect(lists).toBeGreaterThan(2);
    });
  });

  test('a branch that somebody else moves here meanwhile stays where they moved it', async () => {
    await stage.publish(2);
    await served(async (server) => {
      server.before = async (request) => {
        if (request.method === 'POST') await stage.must(['update-ref', TRACKED, stage.built.at(0)]);
        return 'go on';
      };
      const { code, err } = await stage.cli('fetch');
      expect(code).toBe(2);
      expect(err).toContain('meanwhile');
    });
    const refs = await stage.refs();
    expect(refs.get(TRACKED)).toBe(stage.built.at(0));
    expect(refs.get('refs/remotes/origin/countersign/ledger')).toBe(stage.built.ledger.tips[0]);
  });

  test('git tells on a terminal how far it is, with nothing that a terminal would obey', async () => {
    await stage.publish(2);
    let err = '';
    await served(async () => {
      const code = await main(['fetch'], {
        out: () => undefined,
        err: (said) => (err += said),
        path: (given) => join(stage.clone, given),
        paint: PLAIN,
        environment: process.env,
        terminal: { out: true, err: true },
      });
      expect(code).toBe(0);
    });
    expect(err).toMatch(/Enumerating objects|Unpacking objects|Receiving objects/);
    expect(err.replaceAll(ERASE_LINE, '')).not.toMatch(/[^\r\n\x20-\x7e]/);
  });
});

describe('a world that is not as it should be', () => {
  test('without a network nothing changes', async () => {
    renameSync(stage.remote, `${stage.remote}.away`);
    const before = await stage.refs();
    const { code, err } = await stage.cli('fetch');
    renameSync(`${stage.remote}.away`, stage.remote);
    expect(code).toBe(2);
    expect(err).toContain('`origin` could not be read, and nothing was changed');
    expect(await stage.refs()).toEqual(before);
  });

  test('a clone that was cut proves nothing until it is completed', async () => {
    await stage.publish(2);
    const cut = join(stage.home, `cut-${Date.now()}`);
    await stage.must(['clone', '--quiet', '--depth=1', `file://${stage.remote}`, cut], { cwd: stage.home });
    const before = await stage.refs(cut);
    const ran = await stage.cli('fetch', '--repository', cut);
    expect(ran.code).toBe(2);
    expect(ran.out).toContain('countersign fetch --complete');
    expect(await stage.refs(cut)).toEqual(before);
    expect((await stage.cli('fetch', '--repository', cut, '--complete')).code).toBe(0);
    expect(existsSync(join(cut, '.git/shallow'))).toBe(false);
    // In a whole repository there is nothing to complete.
    expect((await stage.cli('fetch', '--complete')).code).toBe(0);
  });

  test('a clone without contents proves nothing until it is completed', async () => {
    await stage.publish(2);
    await stage.must(['config', 'uploadpack.allowFilter', 'true'], { cwd: stage.remote });
    const partial = join(stage.home, `partial-${Date.now()}`);
    const how = ['--quiet', '--filter=blob:none', '--no-checkout'];
    await stage.must(['clone', ...how, `file://${stage.remote}`, partial], { cwd: stage.home });
    const ran = await stage.cli('fetch', '--repository', partial);
    expect(ran.code).toBe(2);
    expect(ran.out).toContain('countersign fetch --complete');
    expect((await stage.cli('fetch', '--repository', partial, '--complete')).code).toBe(0);
    expect((await stage.cli('fetch', '--repository', partial)).code).toBe(0);
  });

  test('a server that was cut itself does not make a cut history pass', async () => {
    await stage.publish(2);
    const cut = join(stage.home, `served-${Date.now()}.git`);
    await stage.must(
      ['clone', '--quiet', '--bare', '--depth=1', '--no-single-branch', `file://${stage.remote}`, cut],
      {
        cwd: stage.home,
      },
    );
    const empty = join(stage.home, `empty-${Date.now()}`);
    await stage.must(['init', '--quiet', empty], { cwd: stage.home });
    await stage.must(['remote', 'add', 'origin', `file://${cut}`], { cwd: empty });
    stage.trust([{ url: cut }]);
    const { code } = await stage.cli('fetch', '--repository', empty);
    expect(code).toBe(2);
    expect(existsSync(join(empty, '.git/shallow'))).toBe(false);
    expect(await stage.refs(empty)).toEqual(new Map([['', '']]));
  });

  test('there are no remotes, or none of that name', async () => {
    expect((await stage.cli('fetch', 'upstream')).err).toContain('there is no remote `upstream`');
    await stage.must(['remote', 'remove', 'origin']);
    const { code, err } = await stage.cli('fetch');
    expect(code).toBe(64);
    expect(err).toContain('no remote');
  });

  test('a remote whose name looks like an option is refused', async () => {
    await stage.must(['config', 'remote.--upload-pack=touch x.url', stage.remote]);
    const { code } = await stage.cli('fetch', '--', '--upload-pack=touch x');
    expect(code).toBe(2);
    expect(existsSync(join(stage.clone, 'x'))).toBe(false);
    await stage.must(['config', 'remote.fork/of a.url', stage.remote]);
    expect((await stage.cli('fetch', 'fork/of a')).code).toBe(2);
  });

  test('a remote with a slash in its name, and a branch with odd characters', async () => {
    const branch = 'rel;$(id>x)/é"\'&-24.11';
    await stage.must(['push', '--quiet', stage.remote, `${stage.built.at(0)}:refs/heads/${branch}`], {
      cwd: stage.built.dir,
    });
    await stage.must(['remote', 'rename', 'origin', 'up/stream']);
    stage.trust([{ branch }]);
    const { code, json } = await stage.json('fetch', 'up/stream');
    expect(json.branches[0]?.branch).toBe(branch);
    expect(code).toBe(0);
    expect((await stage.refs()).get(`refs/remotes/up/stream/${branch}`)).toBe(stage.built.at(0));
    expect(existsSync(join(stage.clone, 'x'))).toBe(false);
  });

  test("the person's settings for pruning, tags, submodules and maintenance have no say in it", async () => {
    await stage.must(['update-ref', 'refs/remotes/origin/gone', stage.built.at(0)]);
    await stage.must(['update-ref', 'refs/tags/own', stage.built.at(0)]);
    await stage.must(['tag', 'v2', stage.built.at(2)], { cwd: stage.built.dir });
    await stage.must(['push', '--quiet', stage.remote, 'v2'], { cwd: stage.built.dir });
    for (const [name, value] of [
      ['fetch.prune', 'true'],
      ['fetch.pruneTags', 'true'],
      ['remote.origin.tagOpt', '--tags'],
      ['remote.origin.prune', 'true'],
      ['fetch.recurseSubmodules', 'true'],
      ['fetch.writeCommitGraph', 'true'],
      ['gc.auto', '1'],
    ]) {
      await stage.must(['config', name ?? '', value ?? '']);
    }
    await stage.publish(2);
    const before = await stage.refs();
    expect((await stage.cli('fetch')).code).toBe(0);
    expect([...(await stage.refs()).keys()]).toEqual([...before.keys()]);
    await stage.must(['tag', '-d', 'v2'], { cwd: stage.built.dir });
  });
});

describe('tags', () => {
  test('come only when asked for, and only those of proven commits', async () => {
    const { built } = stage;
    const at = { cwd: built.dir };
    const tags = [
      ['v1', built.at(1)],
      ['v4', built.at(4)],
      ['taken', built.at(2)],
    ] as const;
    for (const [name, id] of tags) await stage.must(['tag', '--force', name, id], at);
    await stage.must(['tag', '--force', '--annotate', '--message=two', 'v2', built.at(2)], at);
    await stage.must(['tag', '--force', '--annotate', '--message=three', 'v3', built.at(3)], at);
    await stage.must(['tag', '--force', '--annotate', '--message=two', 'nested', 'v2'], at);
    await stage.must(['push', '--quiet', '--tags', stage.remote], at);
    await stage.publish(4);
    await stage.must(['update-ref', 'refs/tags/taken', built.at(0)]);
    await stage.cli('fetch');
    expect([...(await stage.refs()).keys()].filter((ref) => ref.startsWith('refs/tags/'))).toEqual([
      'refs/tags/taken',
    ]);
    const { code, json } = await stage.json('fetch', '--tags');
    expect(code).toBe(0);
    expect(json.tags).toEqual({
      added: ['refs/tags/nested', 'refs/tags/v1', 'refs/tags/v2'],
      differing: ['refs/tags/taken'],
      leftOut: ['refs/tags/v3', 'refs/tags/v4'],
      mistakable: [],
    });
    const refs = await stage.refs();
    expect(refs.get('refs/tags/taken')).toBe(built.at(0));
    expect(await stage.id('refs/tags/v2^{commit}')).toBe(built.at(2));
    expect(refs.has('refs/tags/v3')).toBe(false);
    expect((await stage.cli('fetch', '--tags')).out).toContain('left out: `v3` and `v4`');
    for (const name of ['v1', 'v2', 'v3', 'v4', 'taken', 'nested']) await stage.must(['tag', '-d', name], at);
  });
});
