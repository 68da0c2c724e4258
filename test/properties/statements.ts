import fc from 'fast-check';
import { parseOid, type Oid } from '../../src/core/object/id.ts';
import type { HeadStatement } from '../../src/core/statement/head.ts';
import type { IntroductionStatement } from '../../src/core/statement/introduction.ts';
import type {
  Adoption,
  Overruling,
  Ratification,
  Review,
  Revocation,
  Statement,
  Testimony,
  Waymark,
} from '../../src/core/statement/statement.ts';

export function oid(text: string): Oid {
  const id = parseOid(text);
  if (id === null) throw new Error(`no object id: ${text}`);
  return id;
}

export const hex = (digits: number) =>
  fc
    .array(fc.constantFrom(...Array.from('0123456789abcdef')), { minLength: digits, maxLength: digits })
    .map((all) => all.join(''));

/** Ids of one repository are of one length. */
const ids = fc
  .constantFrom(40, 64)
  .chain((digits) => fc.tuple(hex(digits).map(oid), hex(digits).map(oid), hex(digits).map(oid)));

const word = (pattern: RegExp) => fc.stringMatching(pattern);
const project = word(/^[a-z0-9]{1,10}\.org\/[A-Za-z0-9._-]{1,10}$/);
const branch = word(/^[a-z0-9é]{1,9}(?:\/[a-z0-9_-]{1,9}){0,2}$/);
const person = word(/^[A-Za-z0-9][A-Za-z0-9._-]{0,20}$/);
const serial = fc.integer({ min: 1, max: 999_999_999_999_999 });
/** Words of our own format among them: a note that reads like a line is still a note. */
const note = fc.oneof(
  word(/^[A-Za-zé😀]{1,5}(?: [a-z"'\\]{1,9}){0,4}$/u),
  fc.constantFrom(
    'countersign: review/v1',
    'note: x',
    'decision: approve',
    '-----BEGIN SSH SIGNATURE-----',
    '- x',
    '> x',
    '```',
  ),
);
const notes = fc.array(note, { maxLength: 4 });
const key = fc.oneof(
  fc
    .constantFrom(40, 64)
    .chain(hex)
    .map((digits) => `openpgp:${digits.toUpperCase()}`),
  fc
    .uint8Array({ minLength: 32, maxLength: 32 })
    .map((bytes) => `ssh:SHA256:${Buffer.from(bytes).toString('base64').replace('=', '')}`),
);
const where = { project, branch };

export const reviews: fc.Arbitrary<Review> = fc
  .tuple(
    fc.record({
      ...where,
      change: hex(64),
      decision: fc.constantFrom('approve', 'reject', 'withdraw'),
      reviewer: person,
      serial,
      notes,
    }),
    ids,
  )
  .map(([drawn, [base, head]]) => ({ type: 'review', ...drawn, base, head }));

export const adoptions: fc.Arbitrary<Adoption> = fc
  .tuple(fc.record({ ...where, change: hex(64), adopter: person, serial, notes }), ids)
  .map(([drawn, [base, head]]) => ({ type: 'adopt', ...drawn, base, head }));

export const ratifications: fc.Arbitrary<Ratification> = fc
  .tuple(fc.record({ ...where, ratifier: person, reason: note }), ids)
  .map(([drawn, [parent, commit, tree]]) => ({ type: 'ratify', ...drawn, parent, commit, tree }));

export const revocations: fc.Arbitrary<Revocation> = fc.record({
  type: fc.constant('revoke'),
  project,
  person,
  key,
  revoker: person,
  reason: note,
});

export const overrulings: fc.Arbitrary<Overruling> = fc
  .tuple(fc.record({ ...where, objector: person, serial, overruler: person, reason: note }), ids)
  .map(([drawn, [head]]) => ({ type: 'overrule', ...drawn, head }));

export const headStatements: fc.Arbitrary<HeadStatement> = fc
  .tuple(fc.record({ ...where, time: fc.integer({ min: 0, max: 253_402_300_799 }), attester: person }), ids)
  .map(([drawn, [head]]) => ({ type: 'head', ...drawn, head }));

export const introductions: fc.Arbitrary<IntroductionStatement> = fc
  .tuple(fc.record({ ...where, policy: hex(64), introducer: person }), ids)
  .map(([drawn, [commit]]) => ({ type: 'introduction', ...drawn, commit }));

/** What a judgement may rest on. */
export const testimony: fc.Arbitrary<Testimony> = fc.oneof(
  reviews,
  adoptions,
  ratifications,
  revocations,
  overrulings,
);

/** What is said to users alone. */
export const waymarks: fc.Arbitrary<Waymark> = fc.oneof(headStatements, introductions);

export const statements: fc.Arbitrary<Statement> = fc.oneof(testimony, waymarks);
