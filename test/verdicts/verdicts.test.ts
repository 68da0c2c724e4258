import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { parseFacts } from '../../src/core/facts/json.ts';
import { describe as describeFinding } from '../../src/core/verdict/finding.ts';
import { decide } from '../../src/judge.ts';
import { expectedOf, summaryOf } from './make/case.ts';
import { cases } from './make/cases.ts';
import { reportOf } from './make/report.ts';

const read = (name: string, file: string): string =>
  readFileSync(new URL(`./${name}/${file}`, import.meta.url), 'utf8');

describe('facts, and what follows from them', () => {
  test.each(cases)('$name: $about', async (one) => {
    const verdict = await decide(parseFacts(read(one.name, 'facts.json')));
    expect(summaryOf(verdict)).toEqual(expectedOf(one));
    expect(JSON.parse(read(one.name, 'expected.json'))).toEqual(expectedOf(one));
    // Its wording is compared as a whole: `node test/verdicts/make/main.ts --update` writes it anew.
    expect(reportOf(one, verdict)).toBe(read(one.name, 'report.txt'));
  });
});

test('every folder is a case, each once, and there are at least 60', () => {
  const folders = readdirSync(new URL('.', import.meta.url), { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && entry.name !== 'make')
    .map(({ name }) => name);
  const names = cases.map(({ name }) => name);
  expect(folders.sort()).toEqual([...names].sort());
  expect(new Set(names).size).toBe(names.length);
  expect(names.length).toBeGreaterThanOrEqual(60);
});

/** What has come to its end, and leaves nobody anything to do. */
const SETTLED: readonly string[] = ['objection-noted', 'revocation-noted'];

test('wherever a statement did not count, its finding says whose, what, and which command mends it', async () => {
  for (const { name } of cases) {
    const { rulings } = await decide(parseFacts(read(name, 'facts.json')));
    const notes = rulings.find(({ rule }) => rule === 'statements')?.findings ?? [];
    for (const found of notes) {
      if (found.code === 'statement-broken' || found.code === 'statement-malformed') continue;
      expect(found.data, `${name}: ${found.code}`).toMatchObject({
        from: expect.any(String) as string,
        signer: expect.any(String) as string,
        type: expect.any(String) as string,
      });
      const { cause, remedy } = describeFinding(found);
      expect(cause, `${name}: ${found.code}`).toContain('signer' in found.data ? found.data.signer : '');
      if (!SETTLED.includes(found.code)) {
        expect(remedy.join('\n'), `${name}: ${found.code}`).toMatch(/`(?:countersign|git) \S/);
      }
    }
  }
});

test('every quorum that is not met names who could meet it, and every commit that could be adopted who could do that', async () => {
  const seen = new Set<string>();
  for (const { name } of cases) {
    const { rulings } = await decide(parseFacts(read(name, 'facts.json')));
    for (const found of rulings.flatMap(({ findings }) => findings)) {
      const { code, data } = found;
      if ('need' in data && 'have' in data) {
        const left = 'candidates' in data ? data.candidates : 'overrulers' in data ? data.overrulers : [];
        expect(left, `${name}: ${code}`).not.toEqual([]);
        for (const person of left) expect(data.have).not.toContain(person);
      } else if ('adopters' in data && data.adoptable) {
        expect(data.adopters, `${name}: ${code}`).not.toEqual([]);
      } else continue;
      seen.add(code);
    }
  }
  const quorums = [
    'people-missing',
    'approvals-missing',
    'governance-missing',
    'ratification-missing',
    'objection',
  ];
  expect([...seen]).toEqual(expect.arrayContaining([...quorums, 'commit-unsigned', 'commit-key-standing']));
});
