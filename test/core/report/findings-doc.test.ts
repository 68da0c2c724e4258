import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { expect, test } from 'vitest';
import { catalogue, describe as inWords, type FindingCode } from '../../../src/core/verdict/finding.ts';
import { documentUrl } from '../../../src/core/report/project.ts';
import { findingsDocument } from '../../../tools/findings-doc.ts';
import { exampleFindings } from '../../../tools/findings/page.ts';

const root = resolve(import.meta.dirname, '..', '..', '..');
const document = readFileSync(join(root, 'docs', 'findings.md'), 'utf8');
const codes = Object.keys(catalogue) as FindingCode[];

test('docs/findings.md is what tools/findings-doc.ts makes of the catalogue', async () => {
  expect(document).toBe(await findingsDocument());
});

test('every code has a heading, whose anchor is the code', () => {
  const headings = [...document.matchAll(/^### (.+)$/gm)].map(([, heading = '']) => heading);
  expect(headings.toSorted()).toEqual(codes.toSorted());
  // GitHub makes an anchor of a heading by lower case and hyphens for blanks: a code is its own.
  for (const code of codes) expect(code).toMatch(/^[a-z]+(?:-[a-z]+)*$/);
  expect(documentUrl('docs/findings.md', 'people-missing')).toMatch(/\/docs\/findings\.md#people-missing$/);
});

test('every cause and remedy is a sentence of plain words: lower case first, no final period', () => {
  for (const found of exampleFindings()) {
    const { cause, remedy } = inWords(found);
    for (const sentence of [cause, ...remedy]) {
      expect(sentence, found.code).toMatch(/^(?:[a-z`"0-9.]|[A-Z]{2}|SHA256:)/);
      expect(sentence, found.code).not.toMatch(/[.]$|undefined|null|NaN|\[object/);
    }
  }
});

test('whatever blocks says what to do', () => {
  const silent = exampleFindings()
    .filter(({ outcome }) => outcome !== 'pass')
    .filter((found) => inWords(found).remedy.length === 0);
  expect(silent.map(({ code }) => code)).toEqual([]);
});

test('whoever signed something that did not count is told a command', () => {
  const notes = exampleFindings().filter(({ data }) => 'signer' in data);
  expect(notes.length).toBeGreaterThan(20);
  const without = notes
    .filter((found) => !/`(?:countersign|git|gpg|ssh-keygen) /.test(inWords(found).remedy.join('\n')))
    .map(({ code }) => code);
  // Of these nothing is wanted any more: they counted, or they are about what has landed.
  expect([...new Set(without)].toSorted()).toEqual([
    'approval-carried',
    'objection-noted',
    'objection-overruled',
    'revocation-noted',
  ]);
});
