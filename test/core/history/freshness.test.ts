import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { findFreshHeads, type FreshHeads } from '../../../src/core/history/freshness.ts';
import { parsePin } from '../../../src/core/policy/pin.ts';
import type { PolicyFolder } from '../../../src/core/policy/folder.ts';
import type { Pin } from '../../../src/core/policy/policy.ts';
import { extractStatements, type SignedText } from '../../../src/core/statement/extract.ts';
import type { HeadStatement } from '../../../src/core/statement/head.ts';
import { encodeBatch, encodeStatement, type Statement } from '../../../src/core/statement/statement.ts';
import { openFork, type Fork } from '../../fork/fork.ts';
import { policyFiles, type PersonKey } from '../../fork/policy.ts';
import { oid } from '../../properties/statements.ts';

const NOW = Math.floor(Date.now() / 1000);
const DAY = 86_400;
const [HEAD, OTHER] = [oid('1'.repeat(40)), oid('2'.repeat(40))];
const ABOUT = { project: 'github.com/acme/nixpkgs', branch: 'master' };

let fork: Fork;
let folder: PolicyFolder;

beforeAll(async () => {
  fork = await openFork({ alice: 'ssh', bob: 'gpg', carol: 'ssh', mallory: 'ssh' });
  folder = folderOf(['alice', 'bob', 'carol']);
});
afterAll(() => fork.close());

function keyOf(name: string): PersonKey {
  return fork.people.get(name) ?? expect.fail(`nobody is called ${name}`);
}

function folderOf(names: readonly string[]): PolicyFolder {
  const people = new Map(names.map((name) => [name, keyOf(name)]));
  return {
    entries: Object.entries(policyFiles(people, { governance: '{ people: 2, from: admins }' })).map(
      ([path, text]) => ({
        path: Buffer.from(path),
        mode: '100644',
        id: HEAD,
        bytes: Buffer.from(text, 'latin1'),
      }),
    ),
  };
}

function pinOf(name: string): Pin {
  const key = keyOf(name);
  const parsed = parsePin(
    key.kind === 'ssh'
      ? { ssh: key.publicKey.split(' ').slice(0, 2).join(' ') }
      : { openpgp: key.fingerprint },
  );
  return parsed.ok ? parsed.pin : expect.fail(parsed.problem);
}

function pins(...names: readonly string[]): Map<string, readonly Pin[]> {
  return new Map(names.map((name) => [name, [pinOf(name)]]));
}

function said(name: string, parts: Partial<HeadStatement> = {}): HeadStatement {
  return { type: 'head', ...ABOUT, head: HEAD, time: NOW - DAY, attester: name, ...parts };
}

function cut(source: string): readonly SignedText[] {
  return extractStatements({ from: 'ledger', text: source }).signed;
}

/** As the person named signs it, or with another's key. */
async function say(statement: Statement, key?: string): Promise<readonly SignedText[]> {
  const name =
    statement.type === 'head' ? statement.attester : 'revoker' in statement ? statement.revoker : '';
  return cut(await fork.say(statement, key ?? name));
}

function ask(
  texts: readonly (readonly SignedText[])[],
  parts: Partial<Parameters<typeof findFreshHeads>[0]> = {},
): Promise<FreshHeads> {
  return findFreshHeads({
    texts: texts.flat(),
    heads: pins('alice', 'bob', 'carol'),
    folder,
    ...ABOUT,
    head: HEAD,
    days: 7,
    now: NOW,
    ...parts,
  });
}

describe('a head is fresh by the word of people whom the user pinned', () => {
  test('with SSH and OpenPGP keys, each of them once', async () => {
    const texts = [await say(said('carol')), await say(said('bob')), await say(said('carol', { time: NOW }))];
    const found = await ask([...texts, ...texts]);
    expect(found.people).toEqual(['bob', 'carol']);
    expect(found.said).toEqual([
      { person: 'bob', head: HEAD, time: NOW - DAY, state: 'fresh' },
      { person: 'carol', head: HEAD, time: NOW, state: 'fresh' },
    ]);
  });

  test('and in a batch with other statements', async () => {
    const alice = keyOf('alice');
    if (alice.kind !== 'ssh') throw new Error('alice signs with ssh');
    const text = encodeBatch([said('alice', { head: OTHER }), said('alice')]);
    const armor = Buffer.from(await fork.keys.sshSign(alice, Buffer.from(text), 'countersign@v1')).toString();
    expect((await ask([cut(text + armor)])).people).toEqual(['alice']);
  });

  test('row 38: the same statement in other dresses, and signed again, is one person', async () => {
    const text = await fork.say(said('bob'), 'bob');
    const dressed = [
      text,
      text.replaceAll('\n', '\r\n'),
      text.replaceAll(/^/gm, '> '),
      text.replace('-----BEGIN PGP SIGNATURE-----\n', '-----BEGIN PGP SIGNATURE-----\nComment: x\n'),
      await fork.say(said('bob'), 'bob'),
    ];
    expect((await ask(dressed.map(cut))).people).toEqual(['bob']);
  });
});

describe('time', () => {
  test.each([
    ['now', 0, 'fresh'],
    ['seven days ago', 7 * DAY, 'fresh'],
    ['a second more', 7 * DAY + 1, 'old'],
    ['ten minutes ahead', -600, 'fresh'],
    ['a second more', -601, 'early'],
  ] as const)('%s', async (_name, ago, state) => {
    const found = await ask([await say(said('alice', { time: NOW - ago }))]);
    expect(found.said).toMatchObject([{ person: 'alice', state }]);
    expect(found.people).toEqual(state === 'fresh' ? ['alice'] : []);
  });

  test('of several words of one person the fresh one is told', async () => {
    const times = [NOW - 30 * DAY, NOW - DAY, NOW + DAY];
    const texts = await Promise.all(times.map((time) => say(said('alice', { time }))));
    texts.push(await say(said('alice', { head: OTHER, time: NOW })));
    for (const all of [texts, texts.toReversed()]) {
      expect((await ask(all)).said).toEqual([
        { person: 'alice', head: HEAD, time: NOW - DAY, state: 'fresh' },
      ]);
    }
  });
});

describe('row 62: what does not make a head fresh', () => {
  test('another commit, another branch, another project', async () => {
    const texts = [
      await say(said('alice', { head: OTHER })),
      await say(said('bob', { branch: 'staging' })),
      await say(said('carol', { project: 'github.com/acme/other' })),
    ];
    const found = await ask(texts);
    expect(found.people).toEqual([]);
    expect(found.said).toEqual([{ person: 'alice', head: OTHER, time: NOW - DAY, state: 'other-head' }]);
    expect((await ask(texts, { branch: 'staging' })).people).toEqual(['bob']);
  });

  test('another statement of the same people about the same commit', async () => {
    const about = { ...ABOUT, commit: HEAD, policy: 'a'.repeat(64), introducer: 'alice' };
    const text = await fork.say({ type: 'introduction', ...about }, 'alice');
    expect((await ask([cut(text)])).said).toEqual([]);
  });

  test('a name that another signed, an edited time, a commit’s namespace', async () => {
    const alice = keyOf('alice');
    if (alice.kind !== 'ssh') throw new Error('alice signs with ssh');
    const text = encodeStatement(said('alice'));
    const old = await fork.say(said('alice', { time: NOW - 30 * DAY }), 'alice');
    const fresh = /^time: .*$/m.exec(text)?.[0] ?? '';
    const texts = [
      await say(said('alice'), 'mallory'),
      await say(said('bob'), 'alice'),
      cut(old.replace(/^time: .*$/m, fresh)),
      cut(text + Buffer.from(await fork.keys.sshSign(alice, Buffer.from(text), 'git')).toString()),
    ];
    expect((await ask(texts)).said).toEqual([]);
  });

  test('people whom the repository lists and the user did not pin, and a key that took a pinned name', async () => {
    const texts = [await say(said('alice')), await say(said('mallory')), await say(said('carol'), 'mallory')];
    const swapped = new Map([
      ['alice', keyOf('alice')],
      ['carol', keyOf('mallory')],
      ['mallory', keyOf('mallory')],
    ]);
    const entries = Object.entries(policyFiles(swapped)).map(([path, text]) => ({
      path: Buffer.from(path),
      mode: '100644',
      id: HEAD,
      bytes: Buffer.from(text),
    }));
    expect((await ask(texts, { folder: { entries } })).people).toEqual(['alice']);
    expect((await ask(texts, { heads: pins('carol') })).people).toEqual([]);
    expect((await ask(texts, { heads: new Map() })).said).toEqual([]);
  });

  test('one key that the user pinned for two people counts for neither', async () => {
    const heads = new Map([
      ...pins('carol'),
      ['alice', [pinOf('alice')]],
      ['bob', [pinOf('alice')]],
    ] as const);
    const texts = [await say(said('alice')), await say(said('bob'), 'alice'), await say(said('carol'))];
    expect((await ask(texts, { heads })).people).toEqual(['carol']);
  });

  test('an OpenPGP key whose certificate is not there, has expired, or is there under another pin', async () => {
    const text = await say(said('bob'));
    expect((await ask([text], { folder: folderOf(['alice', 'carol']) })).said).toEqual([]);
    expect((await ask([text], { folder: { entries: [] } })).said).toEqual([]);
    const heads = new Map([['bob', [{ kind: 'openpgp', fingerprint: 'A'.repeat(40) } as const]]]);
    expect((await ask([text], { heads })).said).toEqual([]);
    const soon = await fork.keys.makeGpgKey('dave', { expires: '2d' });
    fork.people.set('dave', soon);
    const dave = { heads: pins('dave'), folder: folderOf(['alice', 'dave']) };
    const word = await say(said('dave', { time: NOW }));
    expect((await ask([word], dave)).people).toEqual(['dave']);
    expect((await ask([word], { ...dave, now: NOW + 3 * DAY })).people).toEqual([]);
  });

  test('a key that its owner or governance has revoked, and nobody else can', async () => {
    const key = (name: string): string => {
      const pin = pinOf(name);
      return `${pin.kind}:${pin.fingerprint}`;
    };
    const revoke = (person: string, revoker: string): Statement => ({
      type: 'revoke',
      project: ABOUT.project,
      person,
      key: key(person),
      revoker,
      reason: 'lost',
    });
    const words = [await say(said('alice')), await say(said('bob')), await say(said('carol'))];
    const all = ['alice', 'bob', 'carol'];
    const left = async (text: readonly SignedText[]) => (await ask([...words, text])).people;
    expect(await left(await say(revoke('alice', 'alice')))).toEqual(['bob', 'carol']);
    expect(await left(await say(revoke('bob', 'carol')))).toEqual(['alice', 'carol']);
    expect(await left(await say(revoke('bob', 'mallory')))).toEqual(all);
    expect(await left(await say(revoke('bob', 'carol'), 'mallory'))).toEqual(all);
    const elsewhere = { ...revoke('alice', 'alice'), project: 'github.com/acme/other' } as Statement;
    expect(await left(await say(elsewhere))).toEqual(all);
  });
});

test('hostile texts are passed over', async () => {
  const armor = '-----BEGIN SSH SIGNATURE-----\nAAAA\n-----END SSH SIGNATURE-----\n';
  const texts = [
    cut(`countersign: head/v1\n${armor}`),
    cut(encodeStatement(said('alice')) + armor),
    cut(`${encodeStatement(said('alice'))}note: x\n${armor}`),
    [{ from: '', text: Uint8Array.of(0xff), armor: Uint8Array.of(0), form: 'cleartext' } as const],
  ];
  expect(await ask(texts)).toEqual({ people: [], said: [] });
});
