import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { markdownReport } from '../../../src/core/report/markdown.ts';
import { textReport } from '../../../src/core/report/text.ts';
import { situations } from './situations.ts';

/** What people read, whole. `npx vitest run test/core/report/transcripts.test.ts --update` writes it anew: read the diff. */
const FOLDER = join(import.meta.dirname, 'transcripts');
const all = await situations();

describe.each([...all])('%s', (name, { verdict, context }) => {
  test('on a terminal', async () => {
    await expect(textReport(verdict, context)).toMatchFileSnapshot(join(FOLDER, `${name}.txt`));
  });

  test('in the check', async () => {
    await expect(`${markdownReport(verdict, context)}\n`).toMatchFileSnapshot(join(FOLDER, `${name}.md`));
  });
});

test('no transcript is left of a situation that is gone', () => {
  const names = readdirSync(FOLDER).map((file) => file.replace(/\.(?:txt|md)$/, ''));
  expect([...new Set(names)].filter((name) => !all.has(name))).toEqual([]);
});
