import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { changeDigest } from '../../src/core/facts/digest.ts';
import type { Facts, SignedSpan } from '../../src/core/facts/facts.ts';
import type { Target } from '../../src/core/facts/target.ts';
import { parseOid, type Oid } from '../../src/core/object/id.ts';
import { encodeStatement, type Review } from '../../src/core/statement/statement.ts';
import { gather } from '../../src/gather/gather.ts';
import { openRepository } from '../../src/git/reader.ts';
import { openFork, type Fork } from '../fork/fork.ts';

let fork: Fork;
beforeAll(async () => {
  fork = await openFork({ alice: 'ssh', bob: 'gpg', carol: 'ssh', dave: 'ssh' });
});
afterAll(async () => {
  await fork.close();
});

function oid(text: string): Oid {
  const id = parseOid(text);
  if (id === null) throw new Error(`no id: ${text}`);
  return id;
}

async function factsOf(
  target: Target,
  texts: readonly string[],
  earlier: readonly string[] = [],
): Promise<Facts> {
  const opened = await openRepository(fork.dir);
  try {
    const sources = texts.map((text, index) => ({ from: `text ${index + 1}`, text }));
    const statements = { about: () => Promise.resolve({ sources, earlier: earlier.map(oid) }) };
    const ports = { repository: opened.repository, statements };
    return await gather(target, ports, { now: 1_800_000_000, repository: null });
  } finally {
    await opened.dispose();
  }
}

function change(tip: string, head: string): Target {
  return { kind: 'change', branch: 'master', tip: oid(tip), head: oid(head) };
}

function spanOf(facts: Facts, head: string): SignedSpan {
  const [span, ...others] = facts.spans.filter((one) => one.head === head);
  if (!span || others.length > 0) throw new Error(`${others.length + 1} spans, or none, of ${head}`);
  return span;
}

function digestOf(facts: Facts, span: SignedSpan): string | null {
  return changeDigest(span.change.files, facts.contents);
}

/** The digest that a signed text names. */
function signedDigest(text: string): string | undefined {
  return /^change: sha256:(.*)$/m.exec(text)?.[1];
}

describe('a review of the judged head', () => {
  test('has its span: what it names, compared with the tip, and hashed', async () => {
    const base = await fork.setPolicy();
    const head = await fork.commit({ files: { 'pkgs/a': '1\n' }, as: 'alice', on: base });
    const tip = await fork.commit({ files: { other: '1\n' }, as: 'carol', on: base });
    const review = await fork.review({ as: 'bob', base, head });
    const facts = await factsOf(change(tip, head), [review]);
    const span = spanOf(facts, head);
    expect(span).toMatchObject({
      base,
      baseLanded: true,
      headLanded: false,
      mergeBases: [base],
      repeatedBy: null,
      commits: [],
      recreated: null,
    });
    expect(digestOf(facts, span)).toBe(signedDigest(review));
  });

  test('is spent once a step has landed the same change, and not by a later base', async () => {
    const base = await fork.setPolicy();
    const head = await fork.commit({ files: { 'pkgs/a': '1\n' }, as: 'alice', on: base });
    const review = await fork.review({ as: 'bob', base, head });
    const landed = await fork.commit({ files: { 'pkgs/a': '1\n' }, as: 'carol', on: base });
    const tip = await fork.commit({ files: { 'pkgs/a': null }, as: 'carol', on: landed });
    expect(spanOf(await factsOf(change(tip, head), [review]), head).repeatedBy).toBe(landed);
    const again = await fork.commit({ files: { 'pkgs/a': '1\n' }, as: 'alice', on: tip });
    const fresh = await fork.review({ as: 'bob', base: tip, head: again });
    expect(spanOf(await factsOf(change(tip, again), [fresh]), again).repeatedBy).toBeNull();
  });

  test('by nobody of the roster makes nothing necessary, nor does one for another branch or project', async () => {
    const base = await fork.setPolicy();
    const head = await fork.commit({ files: { 'pkgs/a': '1\n' }, as: 'alice', on: base });
    fork.people.set('mallory', await fork.keys.makeSshKey('mallory'));
    const texts = [
      await fork.review({ as: 'bob', base, head, key: 'mallory' }),
      await fork.review({
        as: 'bob',
        base,
        head,
        edit: (text) => text.replace('branch: master', 'branch: other'),
      }),
      await fork.review({ as: 'bob', base, head, edit: (text) => text.replace('acme', 'evil') }),
    ];
    fork.people.delete('mallory');
    const facts = await factsOf(change(base, head), texts);
    expect([facts.spans, facts.contents.size]).toEqual([[], 0]);
    expect(facts.statements).toHaveLength(3);
  });

  test('with a base that is not here has not landed, and takes nothing from the others', async () => {
    const base = await fork.setPolicy();
    const head = await fork.commit({ files: { 'pkgs/a': '1\n' }, as: 'alice', on: base });
    const good = await fork.review({ as: 'bob', base, head });
    const odd = await fork.review({
      as: 'carol',
      base,
      head,
      edit: (text) => text.replace(`base: ${base}`, `base: ${'d'.repeat(40)}`),
    });
    const facts = await factsOf(change(base, head), [good, odd]);
    expect(facts.spans.map((span) => span.baseLanded).sort()).toEqual([false, true]);
  });
});

describe('a review of another head', () => {
  test('has our merge of that head onto the base of what is judged: a rebase without change', async () => {
    const base = await fork.setPolicy();
    const first = await fork.commit({ files: { 'pkgs/a': '1\n' }, as: 'alice', on: base });
    const review = await fork.review({ as: 'bob', base, head: first });
    const tip = await fork.commit({ files: { other: '1\n' }, as: 'carol', on: base });
    const rebased = await fork.commit({ files: { 'pkgs/a': '1\n' }, as: 'alice', on: tip });
    const facts = await factsOf(change(tip, rebased), [review], [first]);
    const span = spanOf(facts, first);
    expect(span.recreated).toEqual({ clean: true, tree: await fork.git('rev-parse', `${rebased}^{tree}`) });
    expect(span.commits.map(({ id }) => id)).toEqual([first]);
    expect(digestOf(facts, span)).toBe(signedDigest(review));
    expect(facts.earlier).toEqual([first]);
  });

  test('that is one of the commits judged, as after an update by merging the tip', async () => {
    const base = await fork.setPolicy();
    const first = await fork.commit({ files: { 'pkgs/a': '1\n' }, as: 'alice', on: base });
    const review = await fork.review({ as: 'bob', base, head: first });
    const tip = await fork.commit({ files: { other: '1\n' }, as: 'carol', on: base });
    const updated = await fork.merge(first, tip, { as: 'alice' });
    const span = spanOf(await factsOf(change(tip, updated), [review]), first);
    expect(span.recreated).toEqual({ clean: true, tree: await fork.git('rev-parse', `${updated}^{tree}`) });
    expect(span.commits).toEqual([]);
  });

  test('that has landed, that nobody has, or that is no commit, is left without an answer', async () => {
    const base = await fork.setPolicy();
    const head = await fork.commit({ files: { 'pkgs/a': '1\n' }, as: 'alice', on: base });
    const about = async (id: string): Promise<string> =>
      fork.review({ as: 'bob', base, head, edit: (text) => text.replace(`head: ${head}`, `head: ${id}`) });
    const blob = await fork.git('rev-parse', `${head}:pkgs/a`);
    const gone = 'e'.repeat(40);
    const facts = await factsOf(change(base, head), [
      await about(base),
      await about(blob),
      await about(gone),
      await fork.review({ as: 'carol', base, head }),
    ]);
    expect(spanOf(facts, base)).toMatchObject({ headLanded: true, recreated: null, commits: [] });
    expect(spanOf(facts, blob).mergeBases).toBeNull();
    expect(spanOf(facts, gone).mergeBases).toBeNull();
    expect(spanOf(facts, head).mergeBases).toEqual([base]);
  });

  test('is looked at for 64 heads, earlier ones of the proposal first, and each person gets their turn', async () => {
    const base = await fork.setPolicy();
    const head = await fork.commit({ files: { 'pkgs/a': '1\n' }, as: 'alice', on: base });
    const text = await fork.review({ as: 'bob', base, head });
    const project = /^project: (.*)$/m.exec(text)?.[1] ?? '';
    const approval = (reviewer: string, id: string): Review => ({
      type: 'review',
      project,
      branch: 'master',
      base: oid(base),
      head: oid(id),
      change: '0'.repeat(64),
      decision: 'approve',
      reviewer,
      serial: 1,
      notes: [],
    });
    const id = (number: number): string => number.toString(16).padStart(40, 'a');
    const crowd = (reviewer: string, from: number): Review[] =>
      Array.from({ length: 64 }, (_, index) => approval(reviewer, id(from + index)));
    const texts = [await sign(crowd('carol', 0)), await sign(crowd('dave', 1_000))];
    const heads = async (earlier: readonly string[]): Promise<Set<string>> => {
      const { spans } = await factsOf(change(base, head), texts, earlier);
      return new Set(spans.map((span) => span.head));
    };
    const alone = await heads([]);
    expect([alone.size, alone.has(id(31)), alone.has(id(1_031)), alone.has(id(63))]).toEqual([
      64,
      true,
      true,
      false,
    ]);
    const first = await heads([id(63)]);
    expect([first.size, first.has(id(63))]).toEqual([64, true]);
  });
});

/** A batch of one person's statements under one signature. */
async function sign(reviews: readonly Review[]): Promise<string> {
  const text = reviews.map(encodeStatement).join('');
  const key = fork.people.get(reviews[0]?.reviewer ?? '');
  if (key?.kind !== 'ssh') throw new Error('no such person with an SSH key');
  const armor = await fork.keys.sshSign(key, Buffer.from(text), 'countersign@v1');
  return text + Buffer.from(armor).toString();
}

describe('an adoption', () => {
  test('of later commits is compared with the commit of the change that it starts from', async () => {
    const base = await fork.setPolicy({ unsigned: 'adopt' });
    const first = await fork.commit({ files: { a: '1\n' }, as: 'alice', on: base });
    const stray = await fork.commit({ files: { b: '1\n' }, on: first });
    const head = await fork.commit({ files: { c: '1\n' }, as: 'alice', on: stray });
    const adoption = await fork.adopt({ as: 'alice', base: first, head: stray });
    const facts = await factsOf(change(base, head), [adoption]);
    const span = spanOf(facts, stray);
    expect(span).toMatchObject({ base: first, baseLanded: false, mergeBases: [first], recreated: null });
    expect(span.change.files.map(({ path }) => Buffer.from(path).toString())).toEqual(['b']);
    expect(digestOf(facts, span)).toBe(signedDigest(adoption));
  });

  test('of a merge step is compared with what landed', async () => {
    const base = await fork.setPolicy({ unsigned: 'adopt' });
    const head = await fork.commit({ files: { a: '1\n' }, as: 'alice', on: base });
    const tip = await fork.commit({ files: { b: '1\n' }, as: 'carol', on: base });
    const merge = await fork.merge(tip, head, {});
    const target = { kind: 'step', branch: 'master', parent: oid(tip), commit: oid(merge) } as const;
    const adoption = await fork.adopt({ as: 'alice', base: tip, head: merge });
    const facts = await factsOf(target, [adoption]);
    expect(spanOf(facts, merge)).toMatchObject({ mergeBases: [tip], baseLanded: true, headLanded: false });
    expect(spanOf(facts, merge).change).toEqual(facts.landing);
  });
});
