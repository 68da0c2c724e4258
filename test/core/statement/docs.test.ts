import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { parsePossession } from '../../../src/core/statement/possession.ts';
import { encodeStatement, parseStatement } from '../../../src/core/statement/statement.ts';

const page = readFileSync(join(import.meta.dirname, '../../../docs/statements.md'), 'utf8');
const texts = [...page.matchAll(/^```\n(countersign: [^…]*?)^```$/gm)].map(([, text = '']) => text);

test('every text in docs/statements.md is a statement, and every type has one', () => {
  const read = texts.map((text) => {
    const parsed = parseStatement(Buffer.from(text));
    if (parsed.ok) {
      expect(encodeStatement(parsed.statement)).toBe(text);
      return parsed.statement.type;
    }
    expect(parsePossession(Buffer.from(text)).ok).toBe(true);
    return 'possession';
  });
  expect(read).toEqual(['review', 'adopt', 'ratify', 'revoke', 'overrule', 'possession']);
});
