import { afterAll, beforeAll, expect, test } from 'vitest';
import { findIntroducers } from '../../../src/core/history/introducers.ts';
import type { Introduction } from '../../../src/core/history/introduction.ts';
import { policyDigest } from '../../../src/core/policy/folder-digest.ts';
import type { PolicyFolder } from '../../../src/core/policy/folder.ts';
import { extractStatements } from '../../../src/core/statement/extract.ts';
import type { Statement } from '../../../src/core/statement/statement.ts';
import { openFork, type Fork } from '../../fork/fork.ts';
import { policyFiles } from '../../fork/policy.ts';
import { oid } from '../../properties/statements.ts';

const COMMIT = oid('1'.repeat(40));
const NOW = Math.floor(Date.now() / 1000);
let fork: Fork;
let folder: PolicyFolder;
let meant: Introduction;

beforeAll(async () => {
  fork = await openFork({ alice: 'ssh', bob: 'gpg', carol: 'ssh', dave: 'ssh' });
  const everybody = ['alice', 'bob', 'carol', 'dave'];
  const groups = { maintainers: everybody, core: everybody, admins: everybody.slice(0, 3) };
  folder = {
    entries: Object.entries(policyFiles(fork.people, { groups })).map(([path, text]) => ({
      path: Buffer.from(path),
      mode: '100644',
      id: COMMIT,
      bytes: Buffer.from(text, 'latin1'),
    })),
  };
  meant = {
    project: 'github.com/acme/nixpkgs',
    branch: 'master',
    commit: COMMIT,
    policy: policyDigest(folder),
  };
});
afterAll(() => fork.close());

async function signed(...names: readonly string[]): Promise<string[]> {
  return Promise.all(names.map((name) => fork.say(by(name), name)));
}

function by(introducer: string, parts: Partial<Introduction> = {}): Statement {
  return { type: 'introduction', ...meant, ...parts, introducer };
}

async function ask(texts: readonly string[]) {
  const cut = texts.flatMap((text) => extractStatements({ from: 'ledger', text }).signed);
  const found = await findIntroducers(cut, folder, meant, NOW);
  return [found?.signed, found?.missing];
}

test('who of governance has signed an introduction, each once', async () => {
  const texts = await signed('bob', 'alice');
  expect(await ask([...texts, ...texts])).toEqual([['alice', 'bob'], ['carol']]);
  expect(await ask([])).toEqual([[], ['alice', 'bob', 'carol']]);
});

test('nobody else counts, nor what says something else, nor a signature of another', async () => {
  const texts = [
    ...(await signed('dave')),
    await fork.say(by('alice'), 'dave'),
    await fork.say(by('alice', { branch: 'staging' }), 'alice'),
    await fork.say(by('alice', { project: 'github.com/acme/other' }), 'alice'),
    await fork.say(by('alice', { commit: oid('2'.repeat(40)) }), 'alice'),
    await fork.say(by('alice', { policy: 'f'.repeat(64) }), 'alice'),
    await fork.say(
      {
        type: 'head',
        project: meant.project,
        branch: meant.branch,
        head: COMMIT,
        time: NOW,
        attester: 'alice',
      },
      'alice',
    ),
  ];
  expect(await ask(texts)).toEqual([[], ['alice', 'bob', 'carol']]);
});

test('where no policy can be read there is nobody to ask', async () => {
  expect(await findIntroducers([], { entries: [] }, meant, NOW)).toBeNull();
});
