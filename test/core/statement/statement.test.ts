import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { extractStatements } from '../../../src/core/statement/extract.ts';
import {
  encodeBatch,
  encodeStatement,
  headOf,
  isTestimony,
  parseStatement,
  parseStatements,
  signerNameOf,
  type Statement,
} from '../../../src/core/statement/statement.ts';
import { runs } from '../../properties/runs.ts';
import { oid, statements, testimony, waymarks } from '../../properties/statements.ts';

const PROJECT = 'github.com/acme/nixpkgs';
const [ONE, TWO, THREE] = ['1', '2', '3'].map((digit) => oid(digit.repeat(40))) as [
  ReturnType<typeof oid>,
  ReturnType<typeof oid>,
  ReturnType<typeof oid>,
];
const KEY = `openpgp:${'A'.repeat(40)}`;
const where = { project: PROJECT, branch: 'master' };

const EXAMPLES: readonly {
  readonly statement: Statement;
  readonly text: string;
  readonly signer: string;
  readonly head: string | null;
}[] = [
  {
    statement: {
      type: 'review',
      ...where,
      base: ONE,
      head: TWO,
      change: '4'.repeat(64),
      decision: 'reject',
      reviewer: 'alice',
      serial: 3,
      notes: ['a', 'b'],
    },
    text: `countersign: review/v1\nproject: ${PROJECT}\nbranch: master\nbase: ${ONE}\nhead: ${TWO}\nchange: sha256:${'4'.repeat(64)}\ndecision: reject\nreviewer: alice\nserial: 3\nnote: a\nnote: b\n`,
    signer: 'alice',
    head: TWO,
  },
  {
    statement: {
      type: 'adopt',
      ...where,
      base: ONE,
      head: TWO,
      change: '4'.repeat(64),
      adopter: 'bob',
      serial: 1,
      notes: [],
    },
    text: `countersign: adopt/v1\nproject: ${PROJECT}\nbranch: master\nbase: ${ONE}\nhead: ${TWO}\nchange: sha256:${'4'.repeat(64)}\nadopter: bob\nserial: 1\n`,
    signer: 'bob',
    head: TWO,
  },
  {
    statement: {
      type: 'ratify',
      ...where,
      parent: ONE,
      commit: TWO,
      tree: THREE,
      ratifier: 'carol',
      reason: 'pushed past the check',
    },
    text: `countersign: ratify/v1\nproject: ${PROJECT}\nbranch: master\nparent: ${ONE}\ncommit: ${TWO}\ntree: ${THREE}\nratifier: carol\nreason: pushed past the check\n`,
    signer: 'carol',
    head: TWO,
  },
  {
    statement: {
      type: 'revoke',
      project: PROJECT,
      person: 'dave',
      key: KEY,
      revoker: 'carol',
      reason: 'his laptop was stolen',
    },
    text: `countersign: revoke/v1\nproject: ${PROJECT}\nperson: dave\nkey: ${KEY}\nrevoker: carol\nreason: his laptop was stolen\n`,
    signer: 'carol',
    head: null,
  },
  {
    statement: {
      type: 'overrule',
      ...where,
      head: ONE,
      objector: 'erin',
      serial: 7,
      overruler: 'carol',
      reason: 'the objection was about another package',
    },
    text: `countersign: overrule/v1\nproject: ${PROJECT}\nbranch: master\nhead: ${ONE}\nobjector: erin\nserial: 7\noverruler: carol\nreason: the objection was about another package\n`,
    signer: 'carol',
    head: ONE,
  },
  {
    statement: { type: 'head', ...where, head: TWO, time: 1_795_438_800, attester: 'dave' },
    text: `countersign: head/v1\nproject: ${PROJECT}\nbranch: master\nhead: ${TWO}\ntime: 2026-11-23T13:00:00Z\nattester: dave\n`,
    signer: 'dave',
    head: TWO,
  },
  {
    statement: { type: 'introduction', ...where, commit: THREE, policy: '5'.repeat(64), introducer: 'alice' },
    text: `countersign: introduction/v1\nproject: ${PROJECT}\nbranch: master\ncommit: ${THREE}\npolicy: sha256:${'5'.repeat(64)}\nintroducer: alice\n`,
    signer: 'alice',
    head: THREE,
  },
];

const encode = (text: string): Uint8Array => new TextEncoder().encode(text);
const lineOf = (text: string): number | 'ok' => {
  const parsed = parseStatement(encode(text));
  return parsed.ok ? 'ok' : parsed.line;
};
const batchLine = (text: string): number | 'ok' => {
  const parsed = parseStatements(encode(text));
  return parsed.ok ? 'ok' : parsed.line;
};

describe.each(EXAMPLES)('$statement.type/v1', ({ statement, text, signer, head }) => {
  test('has the text that docs/statements.md describes', () => {
    expect(encodeStatement(statement)).toBe(text);
    expect(parseStatement(encode(text))).toEqual({ ok: true, statement });
  });

  test('names who speaks, and about what', () => {
    expect(signerNameOf(statement)).toBe(signer);
    expect(headOf(statement)).toBe(head);
  });

  test('lines that are left out, twice, swapped or foreign are refused with their place', () => {
    const lines = text.slice(0, -1).split('\n');
    const join = (all: readonly string[]) => all.map((line) => `${line}\n`).join('');
    const noted = lines.filter((line) => !line.startsWith('note: '));
    for (const at of noted.keys()) {
      expect(lineOf(join(noted.toSpliced(at, 1)))).toBe(at + 1);
      expect(lineOf(join(noted.toSpliced(at, 0, noted[at] ?? '')))).toBe(at + 2);
      expect(lineOf(join(noted.toSpliced(at, 0, 'extra: x')))).toBe(at + 1);
      expect(lineOf(join(noted.toSpliced(at, 0, '')))).toBe(at + 1);
    }
    expect(lineOf(`${text}extra: x\n`)).toBe(lines.length + 1);
    expect(lineOf(`${text}\n`)).toBe(lines.length + 1);
    expect(lineOf(text.slice(0, -1))).toBe(lines.length);
    expect(lineOf(text + text)).toBe(lines.length + 1);
  });

  test('blanks that are no plain ones, or stand at the end of a line, are refused', () => {
    const lines = text.split('\n').length - 1;
    for (const blank of ['\u00a0', '\u2003', '\u3000', '\t', '\r', '\u2028', ' ']) {
      expect(lineOf(`${text.slice(0, -1)}${blank}\n`)).toBe(lines);
    }
    expect(lineOf(text.replace('project: ', 'project:\u00a0'))).toBe(2);
    expect(lineOf(text.replaceAll('\n', '\r\n'))).toBe(1);
  });

  test('another version, and another letter case, is no type', () => {
    for (const other of ['/v2', '/v01', '/V1', '/v1 ', '']) {
      expect(lineOf(text.replace('/v1', other))).toBe(1);
    }
  });
});

describe('fields', () => {
  const [, , ratification, revocation, overruling, head, introduction] = EXAMPLES.map(({ text }) => text);

  test.each([
    ['ids of two kinds in a ratification', ratification?.replace(TWO, '2'.repeat(64)), 5],
    ['a tree of another kind', ratification?.replace(THREE, '3'.repeat(64)), 6],
    ['no reason', ratification?.replace(/reason: .*/, 'reason: '), 8],
    ['a reason of 1,001 characters', ratification?.replace(/reason: .*/, `reason: ${'x'.repeat(1001)}`), 8],
    ['a reason that turns the direction', ratification?.replace(/reason: .*/, 'reason: a\u202eb'), 8],
    ['a key id', revocation?.replace(KEY, `openpgp:${'A'.repeat(16)}`), 4],
    ['a key of another kind', revocation?.replace('openpgp:', 'ssh:'), 4],
    ['a whole public key', revocation?.replace(KEY, `ssh-ed25519 ${'A'.repeat(68)}`), 4],
    ['a person with a blank', revocation?.replace('dave', 'da ve'), 3],
    ['serial 0', overruling?.replace('serial: 7', 'serial: 0'), 6],
    ['a time with parts of a second', head?.replace(':00Z', ':00.0Z'), 5],
    ['a time that is none', head?.replace('-11-23T', '-02-30T'), 5],
    ['a time elsewhere', head?.replace('Z\n', '+01:00\n'), 5],
    ['a policy in upper case', introduction?.replace('5'.repeat(64), 'A'.repeat(64)), 5],
    ['a policy that is too short', introduction?.replace('5'.repeat(64), '5'.repeat(63)), 5],
    ['a serial of 16 digits', overruling?.replace('serial: 7', `serial: ${'1'.repeat(16)}`), 6],
  ])('%s is refused', (_name, text, line) => {
    expect(lineOf(text ?? '')).toBe(line);
  });

  test('what has no encoding is refused, not written', () => {
    const [review, adoption, , revoke, overrule, head, introduction] = EXAMPLES.map(
      ({ statement }) => statement,
    );
    const wrong: unknown[] = [
      { ...review, notes: ['a\nnote: b'] },
      { ...review, notes: ['half \ud800'] },
      { ...review, notes: ['x'.repeat(1001)] },
      { ...review, notes: Array.from({ length: 101 }, () => 'x') },
      { ...review, decision: 'maybe' },
      { ...review, branch: 'half\ud800' },
      { ...adoption, serial: 1.5 },
      { ...adoption, serial: 1e15 },
      { ...adoption, head: '3'.repeat(64) },
      { ...revoke, reason: 'x\ncountersign: review/v1' },
      { ...overrule, objector: '' },
      { ...head, time: 1.5 },
      { ...head, time: -1 },
      { ...head, time: 253_402_300_800 },
      { ...head, time: Number.NaN },
      { ...introduction, policy: `sha256:${'5'.repeat(64)}` },
    ];
    for (const one of wrong) expect(() => encodeStatement(one as Statement)).toThrow(RangeError);
  });
});

test('what is said to users alone is told from what a judgement may rest on', () => {
  fc.assert(
    fc.property(testimony, waymarks, (one, other) => {
      expect([isTestimony(one), isTestimony(other)]).toEqual([true, false]);
    }),
    runs(50),
  );
});

describe('a batch', () => {
  const all = EXAMPLES.map(({ statement }) => statement);
  const text = EXAMPLES.map((example) => example.text).join('');

  test('is whole statements one after the other', () => {
    expect(encodeBatch(all)).toBe(text);
    expect(parseStatements(encode(text))).toEqual({ ok: true, statements: all });
    expect(lineOf(text)).toBe(12);
  });

  test('is refused whole where one of them is, with the line in the whole text', () => {
    expect(batchLine(text.replace('adopter', 'adoptor'))).toBe(18);
    expect(batchLine(text.replace('countersign: ratify/v1', 'countersign: ratify/v2'))).toBe(20);
    expect(batchLine(text.replaceAll('countersign:', '\ncountersign:'))).toBe(1);
    expect(batchLine(text.replace('\ncountersign: adopt', '\n\ncountersign: adopt'))).toBe(12);
    expect(batchLine(text.replace('\ncountersign: ratify', '\n\ncountersign: ratify'))).toBe(20);
    expect(batchLine(`${text}Thanks!\n`)).toBe(text.split('\n').length);
    expect(batchLine('')).toBe(1);
    expect(batchLine('\n')).toBe(1);
  });

  test('holds at most 200, and 240 KiB', () => {
    const small = EXAMPLES[3]?.text ?? '';
    expect(batchLine(small.repeat(200))).toBe('ok');
    expect(batchLine(small.repeat(201))).toBe(1201);
    const large = `${EXAMPLES[1]?.text ?? ''}${`note: ${'x'.repeat(1000)}\n`.repeat(99)}`;
    expect(batchLine(large.repeat(2))).toBe('ok');
    expect(batchLine(large.repeat(3))).toBe(1);
    const [, adoption] = all;
    expect(() => encodeBatch([])).toThrow(RangeError);
    expect(() => encodeBatch(adoption ? Array.from({ length: 201 }, () => adoption) : [])).toThrow(
      RangeError,
    );
  });

  test('has one encoding, and gives back what was put in', () => {
    fc.assert(
      fc.property(fc.array(statements, { minLength: 1, maxLength: 5 }), (drawn) => {
        const encoded = encodeBatch(drawn);
        expect(parseStatements(encode(encoded))).toEqual({ ok: true, statements: drawn });
      }),
      runs(200),
    );
  });

  test('with one byte changed, put in or left out, says something else or nothing', () => {
    const edits = fc.record({
      at: fc.nat(),
      byte: fc.oneof(fc.nat(255), fc.constantFrom(0x0a, 0x0d, 0x20)),
      how: fc.constantFrom('change', 'insert', 'remove'),
    });
    fc.assert(
      fc.property(
        fc.array(statements, { minLength: 1, maxLength: 3 }),
        fc.array(edits, { minLength: 20, maxLength: 20 }),
        (drawn, all) => {
          const before = encode(encodeBatch(drawn));
          for (const { at, byte, how } of all) {
            const place = at % before.length;
            const after = Uint8Array.of(
              ...before.subarray(0, place),
              ...(how === 'remove' ? [] : [byte]),
              ...before.subarray(how === 'insert' ? place : place + 1),
            );
            if (Buffer.from(after).equals(before)) continue;
            const parsed = parseStatements(after);
            if (!parsed.ok) continue;
            expect(parsed.statements).not.toEqual(drawn);
            expect(encode(encodeBatch(parsed.statements))).toEqual(after);
          }
        },
      ),
      runs(150),
    );
  });
});

describe('what a web form makes of a statement is undone', () => {
  const ARMOR = '-----BEGIN SSH SIGNATURE-----\nAAAA\n-----END SSH SIGNATURE-----\n';
  const WRAPS: readonly (readonly [string, (text: string) => string])[] = [
    ['CRLF', (text) => text.replaceAll('\n', '\r\n')],
    ['trailing blanks', (text) => text.replaceAll('\n', ' \t\u00a0\n')],
    ['blanks of a page', (text) => text.replaceAll(' ', '\u00a0')],
    ['narrow and wide blanks', (text) => text.replaceAll(' ', '\u202f').replace('\u202f', '\u3000')],
    ['a quotation of a quotation', (text) => text.replaceAll(/^/gm, '> >')],
    ['a fence and words', (text) => `Fine!\n\n~~~text\n${text}~~~\n\n-- \nalice`],
    ['a list', (text) => text.replaceAll(/^/gm, '    ')],
    ['a byte order mark', (text) => `\ufeff${text}`],
  ];

  test.each(WRAPS)('%s', (_name, wrap) => {
    fc.assert(
      fc.property(fc.array(statements, { minLength: 1, maxLength: 3 }), fc.nat(2), (drawn, times) => {
        const text = encodeBatch(drawn);
        let shown = text + ARMOR;
        for (let count = 0; count <= times; count += 1) shown = wrap(shown);
        const { signed, broken } = extractStatements({ from: 'comment', text: shown });
        expect(broken).toEqual([]);
        expect(signed.map((one) => new TextDecoder().decode(one.text))).toEqual([text]);
        expect(signed.map((one) => new TextDecoder().decode(one.armor))).toEqual([ARMOR]);
      }),
      runs(40),
    );
  });
});
