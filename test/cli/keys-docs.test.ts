import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';

const root = join(import.meta.dirname, '../..');
const read = (path: string): string => readFileSync(join(root, path), 'utf8');

test('docs/keys.md explains every code by which a command refuses', () => {
  const sources = readdirSync(join(root, 'src/cli/keys'));
  const codes = new Set(
    sources.flatMap((name) =>
      [
        ...read(`src/cli/keys/${name}`).matchAll(
          /(?:new KeysRefusal\(\s*|code: |\? |: )'([a-z]+(?:-[a-z]+)+)'/g,
        ),
      ].map(([, code = '']) => code),
    ),
  );
  const docs = read('docs/keys.md');
  const unexplained = [...codes].filter((code) => !docs.includes(`\`${code}\``));
  expect(codes.size).toBeGreaterThan(15);
  expect(unexplained).toEqual([]);
});

test('the statement in docs/keys.md and docs/statements.md is one', () => {
  const statement = /^countersign: possession\/v1\n(?:[a-z]+: .*\n){3}/m;
  const [inKeys] = statement.exec(read('docs/keys.md')) ?? [];
  expect(inKeys).toBeDefined();
  expect(statement.exec(read('docs/statements.md'))?.[0]).toBe(inKeys);
});
