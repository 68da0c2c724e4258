import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { expect, test } from 'vitest';
import { parseTrust } from '../../src/trust/parse.ts';

const root = resolve(import.meta.dirname, '..', '..');
const page = readFileSync(join(root, 'docs', 'trust-files.md'), 'utf8');

test('the example of docs/trust-files.md is a trust file, with every key explained', () => {
  const [, yaml = ''] = /```yaml\n([^]*?)```/.exec(page) ?? [];
  const parsed = parseTrust(Buffer.from(yaml), 'trust.yaml');
  expect(parsed).toMatchObject({ ok: true, entries: [{ branch: 'master' }] });
  const [entry] = parsed.ok ? parsed.entries : [];
  expect(entry?.heads.size).toBe(2);
  const explained = [...page.matchAll(/^\| `([a-z]+)` +\|/gm)].map(([, key]) => key);
  const keys = [...yaml.matchAll(/^(?: {2}- | {4})([a-z]+):/gm)].map(([, key]) => key);
  expect(explained.sort()).toEqual(keys.sort());
});

test('docs/trust-files.md has every refusal of `countersign trust`', () => {
  const folder = join(root, 'src', 'cli', 'trust');
  const source = readdirSync(folder)
    .map((name) => readFileSync(join(folder, name), 'utf8'))
    .join('\n');
  const thrown = [...source.matchAll(/new TrustRefusal\(\s*'([a-z-]+)'/g)].map(([, code]) => code);
  const explained = [...page.matchAll(/^\| `(trust-[a-z-]+)` +\|/gm)].map(([, code]) => code);
  expect(explained.sort()).toEqual([...new Set(thrown)].sort());
  expect(thrown.length).toBeGreaterThan(5);
});
