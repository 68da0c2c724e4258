import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { encodeIntroduction, parseIntroduction } from '../../../src/core/history/introduction.ts';
import { policyDigest } from '../../../src/core/policy/folder-digest.ts';
import { parsePossession } from '../../../src/core/statement/possession.ts';
import { encodeStatement, parseStatement } from '../../../src/core/statement/statement.ts';

const page = readFileSync(join(import.meta.dirname, '../../../docs/statements.md'), 'utf8');
const texts = [...page.matchAll(/^```\n(countersign: [^…]*?)^```$/gm)].map(([, text = '']) => text);

test('the example of an introduction is one, of the policy whose digest is worked out there', () => {
  const [text = ''] = /^countersign:\S+#\S+$/m.exec(page) ?? [];
  const parsed = parseIntroduction(text) ?? expect.fail('no introduction');
  expect(encodeIntroduction(parsed)).toBe(text);
  const entry = (path: string, content: string) => ({
    path: Buffer.from(path),
    mode: '100644',
    id: parsed.commit,
    bytes: Buffer.from(content),
  });
  const entries = [
    entry('.countersign/policy.yaml', 'version: 1\n'),
    entry('.countersign/keys/alice.asc', 'x\n'),
  ];
  expect(parsed.policy).toBe(policyDigest({ entries }));
  expect(page).toContain(`print(digest.hexdigest())  # ${parsed.policy}`);
});

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
  expect(read).toEqual([
    'review',
    'adopt',
    'ratify',
    'revoke',
    'overrule',
    'head',
    'introduction',
    'possession',
  ]);
});
