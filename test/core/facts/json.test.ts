import type { About } from '../../../src/gather/ports.ts';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Facts } from '../../../src/core/facts/facts.ts';
import { encodeFacts, FactsError, parseFacts } from '../../../src/core/facts/json.ts';
import { parseOid, type Oid } from '../../../src/core/object/id.ts';
import { gather } from '../../../src/gather/gather.ts';
import { openRepository } from '../../../src/git/reader.ts';
import { decide } from '../../../src/judge.ts';
import { openFork, type Fork } from '../../fork/fork.ts';

function oid(text: string): Oid {
  const id = parseOid(text);
  if (id === null) throw new Error('not an id');
  return id;
}

let fork: Fork;
let facts: Facts;
beforeAll(async () => {
  fork = await openFork({ alice: 'ssh', bob: 'gpg', carol: 'ssh', dave: 'gpg' });
  const base = await fork.setPolicy();
  const head = await fork.commit({ files: { 'pkgs/a.nix': '1\n', '.countersign/note': 'x\n' }, as: 'alice' });
  const tip = await fork.commit({ files: { 'pkgs/b.nix': '1\n' }, as: 'carol', on: base });
  const review = await fork.review({ as: 'bob', base, head });
  const opened = await openRepository(fork.dir);
  const sources = [{ from: 'a comment', text: `${review}\ncountersign: cut off\n` }];
  const about = (): Promise<About> => Promise.resolve({ sources, earlier: [] });
  try {
    const target = { kind: 'change', branch: 'master', tip: oid(tip), head: oid(head) } as const;
    const ports = { repository: opened.repository, statements: { about } };
    facts = await gather(target, ports, { now: 1_800_000_000, repository: 'github.com/acme/nixpkgs' });
  } finally {
    await opened.dispose();
  }
});
afterAll(async () => {
  await fork.close();
});

describe('facts as JSON', () => {
  test('are the same facts when read again, and lead to the same verdict', async () => {
    const again = parseFacts(encodeFacts(facts));
    expect(encodeFacts(again)).toBe(encodeFacts(facts));
    expect(await decide(again)).toEqual(await decide(facts));
    expect((await decide(again)).people.approvers).toEqual(['bob']);
  });

  test('say what the verdict rests on: with a byte of a commit changed, it is another', async () => {
    const text = encodeFacts(facts);
    const raw = Buffer.from(facts.commits[0]?.raw ?? []);
    const forged = Buffer.from(raw.toString('latin1').replace('change', 'chance'), 'latin1');
    const verdict = await decide(parseFacts(text.replace(raw.toString('base64'), forged.toString('base64'))));
    expect(verdict.outcome).not.toBe((await decide(facts)).outcome);
    expect(verdict.rulings.flatMap(({ findings }) => findings.map(({ code }) => code))).toContain(
      'commit-forged',
    );
  });

  test.each([
    ['no JSON', () => '{'],
    ['another version', () => encodeFacts(facts).replace('"v3"', '"v2"')],
    ['an unknown field', () => encodeFacts(facts).replace('{', '{"x":1,')],
    ['a short id', () => encodeFacts(facts).replace(/"tip":"[0-9a-f]{40}"/, '"tip":"abc"')],
    ['bytes that are no base64', () => encodeFacts(facts).replace(/"raw":"/, '"raw":"*')],
  ])('are not half read: %s', (_what, text) => {
    expect(() => parseFacts(text())).toThrow(FactsError);
  });
});
