import { expect, test } from 'vitest';
import { verifyFrom } from './ask.ts';
import type { Built } from './build.ts';
import { honest } from './honest.ts';
import { useUser } from './user.ts';
import { idFrom } from './build.ts';
import type { Oid } from '../../src/core/object/id.ts';

const user = useUser();
const LINEAR = honest('linear');

interface TagOptions {
  readonly as?: string;
  /** The name inside the object; left out: that of the ref. */
  readonly inside?: string;
  readonly type?: 'commit' | 'tag';
  /** Changes the object after it was signed. */
  readonly edit?: (raw: string) => string;
  readonly namespace?: 'git' | 'countersign@v1';
}

function same(raw: string): string {
  return raw;
}

/** An annotated tag, made byte by byte. */
function tag(built: Built, name: string, object: Oid, options: TagOptions = {}): Oid {
  const { as, inside = name, type = 'commit', edit = same, namespace = 'git' } = options;
  const who = 'Somebody <somebody@example.org> 1700000000 +0000';
  const payload = `object ${object}\ntype ${type}\ntag ${inside}\ntagger ${who}\n\nrelease\n`;
  const signer = as === undefined ? null : built.scene.signers.get(as);
  if (signer === undefined) throw new Error(`nobody is called ${as ?? ''}`);
  const raw = edit(`${payload}${signer === null ? '' : signer.sign(Buffer.from(payload), namespace)}`);
  const id = idFrom(built.git(['hash-object', '-t', 'tag', '-w', '--literally', '--stdin'], raw));
  built.git(['update-ref', `refs/tags/${name}`, id]);
  return id;
}

test.each([
  ['an SSH key', 'alice'],
  ['an OpenPGP key', 'bob'],
])('a tag signed with %s of the roster', async (_, as) => {
  const built = user.build(LINEAR);
  tag(built, 'v1', built.at(2), { as });
  const told = await verifyFrom(user.home, built, 'v1');
  expect(told).toMatchObject({ code: 0, json: { outcome: 'pass', to: built.at(2), steps: 2 } });
  expect(told.codes).toEqual(['tag-signed']);
  expect(told.json?.findings[0]?.data).toMatchObject({ person: as, name: 'v1' });
});

test('an unsigned tag is a note, a light one is not even that', async () => {
  const built = user.build(LINEAR);
  tag(built, 'v1', built.at(3));
  const told = await verifyFrom(user.home, built, 'v1');
  expect([told.code, told.codes]).toEqual([0, ['tag-unsigned']]);
  built.git(['update-ref', 'refs/tags/light', built.at(3)]);
  expect(await verifyFrom(user.home, built, 'light')).toMatchObject({ code: 0, codes: [] });
});

test.each<[string, TagOptions, string]>([
  ['a stranger', { as: 'mallory' }, 'tag-signer-unknown'],
  [
    "alice's signature of something else",
    { as: 'alice', edit: (raw) => raw.replace('release', 'Release') },
    'tag-signature-refused',
  ],
  [
    "bob's signature of something else",
    { as: 'bob', edit: (raw) => raw.replace('release', 'Release') },
    'tag-signature-refused',
  ],
  ['a signature made for statements', { as: 'alice', namespace: 'countersign@v1' }, 'tag-signature-refused'],
  ['a signature cut short', { as: 'alice', edit: (raw) => raw.slice(0, -60) }, 'tag-signature-refused'],
])('a tag with the signature of %s is refused, although its commit is proven', async (_, options, code) => {
  const built = user.build(LINEAR);
  tag(built, 'v1', built.at(3), options);
  const told = await verifyFrom(user.home, built, 'v1');
  expect(told.code).toBe(1);
  expect(told.json?.outcome).toBe('fail');
  expect(told.codes).toContain(code);
  // Nothing was accepted by it, so nothing older is refused now.
  expect((await verifyFrom(user.home, built, built.at(2))).code).toBe(0);
});

test('a tag around a tag: each has to be good', async () => {
  const built = user.build(LINEAR);
  const inner = tag(built, 'inner', built.at(3), { as: 'mallory' });
  tag(built, 'outer', inner, { as: 'alice', type: 'tag' });
  const told = await verifyFrom(user.home, built, 'outer');
  expect(told.code).toBe(1);
  expect(told.codes).toEqual(expect.arrayContaining(['tag-signed', 'tag-signer-unknown']));
});

test('a signed tag proves nothing about a commit that is not proven', async () => {
  const built = user.build({ ...LINEAR, steps: [...LINEAR.steps, { by: null }] });
  tag(built, 'v1', built.at(4), { as: 'alice' });
  const told = await verifyFrom(user.home, built, 'v1');
  expect(told.code).toBe(3);
  expect(told.codes).toContain('commit-unsigned');
});

test('whose key it is says the newest policy that is proven, not one that nobody agreed to', async () => {
  const built = user.build(LINEAR);
  const { scene } = built;
  const mallory = scene.signers.get('mallory');
  const alice = scene.signers.get('alice');
  if (mallory === undefined || alice === undefined) throw new Error('no keys');
  // In mallory's policy her key is alice's.
  scene.signers.set('alice', mallory);
  const files = scene.policyFiles();
  scene.signers.set('alice', alice);
  const evil = scene.commit({ on: built.at(3), files, as: 'mallory' });
  tag(built, 'v1', evil, { as: 'mallory' });
  const told = await verifyFrom(user.home, built, 'v1');
  expect(told.code).not.toBe(0);
  expect(told.codes).not.toContain('tag-signed');
});

test('a tag that is not written as git writes tags is no pass', async () => {
  const built = user.build(LINEAR);
  for (const edit of [
    (raw: string) => raw.replace('\n\n', '\nstrange x\n\n'),
    (raw: string) => raw.replace('release', 're\0lease'),
    (raw: string) => raw.replace(/^tagger.*\n/m, (line) => line + line),
  ]) {
    tag(built, 'v1', built.at(3), { as: 'mallory', edit });
    expect((await verifyFrom(user.home, built, 'v1')).code).not.toBe(0);
  }
});

test('the signed tag of another release under this name is not this release', async () => {
  const built = user.build(LINEAR);
  tag(built, 'v2', built.at(2), { as: 'alice', inside: 'v1' });
  const told = await verifyFrom(user.home, built, 'v2');
  expect(told.code).not.toBe(0);
});
