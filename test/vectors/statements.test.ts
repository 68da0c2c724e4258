import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { openKeyring } from '../../src/core/identity/certificate.ts';
import { verifySignature } from '../../src/core/signature/verify.ts';
import { extractStatements } from '../../src/core/statement/extract.ts';
import { encodeBatch, parseStatement, parseStatements } from '../../src/core/statement/statement.ts';
import type { SignedStatementVector, StatementTextVector } from './vector.ts';

const read = (name: string): string => readFileSync(join(import.meta.dirname, 'statements', name), 'utf8');
const good = JSON.parse(read('good.json')) as StatementTextVector[];
const refused = JSON.parse(read('refused.json')) as StatementTextVector[];
const signed = JSON.parse(read('signed.json')) as SignedStatementVector[];

describe('statement vectors: texts', () => {
  test.each([...good, ...refused])('$name', ({ text, expect: { says, line } }) => {
    const bytes = new Uint8Array(Buffer.from(text, 'base64'));
    const parsed = parseStatements(bytes);
    expect(parsed.ok ? parsed.statements : null).toEqual(says);
    expect(parsed.ok ? null : parsed.line).toBe(line);
    const single = parseStatement(bytes);
    expect(single.ok ? [single.statement] : null).toEqual(says?.length === 1 ? says : null);
    if (parsed.ok) expect(Buffer.from(encodeBatch(parsed.statements)).toString('base64')).toBe(text);
  });
});

describe('statement vectors: signed', () => {
  test.each(signed)('$name', async ({ source, certificates, expect: expected }) => {
    const files = certificates.map((text, index) => ({ path: `${index}.asc`, bytes: Buffer.from(text) }));
    const { keys } = await openKeyring(files);
    const found = extractStatements({ from: 'comment', text: source });
    const read = [];
    for (const { text, armor, form } of found.signed) {
      const parsed = parseStatements(text);
      const claim = { payload: text, armor, form, namespace: 'countersign@v1' } as const;
      const { status, key } = await verifySignature(claim, keys);
      const name = key?.kind === 'ssh' ? key.blob : (key?.primary ?? null);
      read.push({
        form,
        text: Buffer.from(text).toString('base64'),
        says: parsed.ok ? parsed.statements : null,
        status,
        key: status === 'good' ? name : null,
      });
    }
    expect(read).toEqual(expected.signed);
    expect(found.broken.map(({ problem }) => problem)).toEqual(expected.broken);
  });
});

test('the vectors are as many as README.md says', () => {
  const readme = read('README.md');
  for (const [name, { length }] of Object.entries({ good, refused, signed })) {
    expect(readme).toContain(`| \`${name}.json\` | ${length} |`);
  }
});
