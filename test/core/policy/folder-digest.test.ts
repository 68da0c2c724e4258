import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { policyDigest } from '../../../src/core/policy/folder-digest.ts';
import type { PolicyEntry } from '../../../src/core/policy/folder.ts';
import { runs } from '../../properties/runs.ts';
import { oid } from '../../properties/statements.ts';

const ID = oid('1'.repeat(40));

function entry(path: string, text: string | null, mode = '100644'): PolicyEntry {
  return { path: Buffer.from(path), mode, id: ID, bytes: text === null ? null : Buffer.from(text) };
}

/** The definition once more, as `docs/statements.md` states it: everything in one buffer. */
function byDefinition(entries: readonly PolicyEntry[]): string {
  const fields: Uint8Array[] = [Buffer.from('countersign-policy/v1')];
  const sorted = [...entries].sort((a, b) => Buffer.compare(Buffer.from(a.path), Buffer.from(b.path)));
  for (const { path, mode, bytes } of sorted) {
    const content = bytes === null ? Buffer.alloc(32) : createHash('sha256').update(bytes).digest();
    fields.push(path, Buffer.from(mode), content);
  }
  const parts = fields.flatMap((field) => {
    const length = Buffer.alloc(4);
    length.writeUInt32BE(field.length);
    return [length, field];
  });
  return createHash('sha256').update(Buffer.concat(parts)).digest('hex');
}

const POLICY = entry('.countersign/policy.yaml', 'version: 1\n');
const KEY = entry('.countersign/keys/alice.asc', 'x\n');

test('the digest of an example, and of nothing', () => {
  // The figure of docs/statements.md, made by Python there.
  expect(policyDigest({ entries: [POLICY, KEY] })).toBe(
    'dbc7b9fe3d20b0e9fcbee326e270db055fe98f823b6e4b858b08e4b1cc24bc84',
  );
  expect(policyDigest({ entries: [] })).toBe(byDefinition([]));
});

test('is in byte order of paths, whatever order the entries come in', () => {
  const others = [entry('.countersign/keys/é.asc', 'e'), entry('.countersign/keys/z.asc', 'z')];
  const entries = [KEY, ...others, POLICY];
  expect(policyDigest({ entries: entries.toReversed() })).toBe(policyDigest({ entries }));
  expect(policyDigest({ entries })).toBe(byDefinition(entries));
});

test.each([
  ['a byte of the policy', [entry('.countersign/policy.yaml', 'version: 2\n'), KEY]],
  ['a key more', [POLICY, KEY, entry('.countersign/keys/bob.asc', '')]],
  ['a key less', [POLICY]],
  ['a key of another name', [POLICY, entry('.countersign/keys/alicf.asc', 'x\n')]],
  ['the letter case of a path', [POLICY, entry('.Countersign/keys/alice.asc', 'x\n')]],
  ['a mode', [POLICY, entry('.countersign/keys/alice.asc', 'x\n', '100755')]],
  ['a link', [POLICY, entry('.countersign/keys/alice.asc', null, '120000')]],
  ['bytes that are never read', [POLICY, entry('.countersign/keys/alice.asc', null)]],
])('%s makes another', (_name, entries) => {
  expect(policyDigest({ entries })).not.toBe(policyDigest({ entries: [POLICY, KEY] }));
});

test('no two folders have one digest, however their paths and bytes run into each other', () => {
  const entries = fc.uniqueArray(
    fc.record({
      path: fc.stringMatching(/^[ab]{1,3}$/),
      text: fc.option(fc.stringMatching(/^[ab]{0,3}$/), { nil: null }),
      mode: fc.constantFrom('100644', '100755', '120000'),
    }),
    { maxLength: 3, selector: ({ path }) => path },
  );
  const key = (all: readonly { path: string }[]): string =>
    JSON.stringify([...all].sort((a, b) => (a.path < b.path ? -1 : 1)));
  fc.assert(
    fc.property(entries, entries, (one, other) => {
      const [a, b] = [one, other].map((all) =>
        policyDigest({ entries: all.map(({ path, text, mode }) => entry(path, text, mode)) }),
      );
      expect(a === b).toBe(key(one) === key(other));
    }),
    runs(500),
  );
});
