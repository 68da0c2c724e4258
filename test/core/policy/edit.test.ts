import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { addPin, removePin, type EditedPolicy, type PinHolder } from '../../../src/core/policy/edit.ts';
import { parsePolicy } from '../../../src/core/policy/parse.ts';
import type { PinDocument } from '../../../src/core/policy/pin.ts';
import type { Policy } from '../../../src/core/policy/policy.ts';

const BOB = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhscHR4f';
const NEW: PinDocument = { openpgp: 'E'.repeat(40) };
const TOUCHED: PinDocument = {
  ssh: 'sk-ssh-ed25519@openssh.com AAAAGnNrLXNzaC1lZDI1NTE5QG9wZW5zc2guY29tAAAAIP8BAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhscHR4fAAAABHNzaDo=',
  presence: 'verified',
};
const person = (name: string): PinHolder => ({ list: 'people', name });

const REST = `groups:
  core: [alice, bob, carol, dave]
governance: { people: 3, from: core }
branches:
  - name: stable
    match: [master]
    commits: { signed-by: core }
    require:
      - { name: everything, people: 2, approvals: 1, from: core }
`;
const HEAD = `version: 1\nproject: github.com/acme/nixpkgs\n`;
const policy = (people: string): string => `${HEAD}people:${people}${REST}`;

const encode = (text: string): Uint8Array => new TextEncoder().encode(text);
function textOf(edited: EditedPolicy): string {
  if (!edited.ok) throw new Error(edited.problem);
  return new TextDecoder('utf-8', { ignoreBOM: true }).decode(edited.bytes);
}
function parse(text: string): Policy {
  const parsed = parsePolicy(encode(text));
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.diagnostics));
  return parsed.policy;
}
const fingerprints = (text: string, name: string): string[] =>
  parse(text)
    .people.get(name)
    ?.keys.map(({ fingerprint }) => fingerprint) ?? [];

const OTHERS = `
  bob: { keys: [{ ssh: "${BOB}" }] }
  carol: { keys: [{ openpgp: ${'C'.repeat(40)} }] }
  dave: { keys: [{ openpgp: ${'D'.repeat(40)} }] }
`;

describe('a pin is added', () => {
  test.each([
    [
      'to a block list, below its last line and above what follows',
      `\n  alice: # a\n    keys:\n      # one\n      - openpgp: ${'A'.repeat(40)} # b\n      # old ones\n\n    github: alice${OTHERS}`,
      `\n  alice: # a\n    keys:\n      # one\n      - openpgp: ${'A'.repeat(40)} # b\n      - openpgp: ${'E'.repeat(40)}\n      # old ones\n\n    github: alice${OTHERS}`,
    ],
    [
      'to a list that is not indented',
      `\n  alice:\n    keys:\n    -   openpgp: ${'A'.repeat(40)}${OTHERS}`,
      `\n  alice:\n    keys:\n    -   openpgp: ${'A'.repeat(40)}\n    - openpgp: ${'E'.repeat(40)}${OTHERS}`,
    ],
    [
      'after a folded text',
      `\n  alice:\n    keys:\n      - ssh: >-\n          ssh-ed25519\n          AAAAC3NzaC1lZDI1NTE5AAAAIP8BAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhscHR4f${OTHERS}`,
      `\n  alice:\n    keys:\n      - ssh: >-\n          ssh-ed25519\n          AAAAC3NzaC1lZDI1NTE5AAAAIP8BAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhscHR4f\n      - openpgp: ${'E'.repeat(40)}${OTHERS}`,
    ],
    [
      'to a flow list',
      `\n  alice: { keys: [ {openpgp: ${'A'.repeat(40)}} ] }${OTHERS}`,
      `\n  alice: { keys: [ {openpgp: ${'A'.repeat(40)}}, { openpgp: ${'E'.repeat(40)} } ] }${OTHERS}`,
    ],
    [
      'to a flow list over several lines',
      `\n  alice:\n    keys: [\n      { openpgp: ${'A'.repeat(40)} } # a\n    ]${OTHERS}`,
      `\n  alice:\n    keys: [\n      { openpgp: ${'A'.repeat(40)} }, # a\n      { openpgp: ${'E'.repeat(40)} }\n    ]${OTHERS}`,
    ],
    [
      'to a flow list with a comma at its end',
      `\n  alice:\n    keys: [\n      { openpgp: ${'A'.repeat(40)} }, # a\n    ]${OTHERS}`,
      `\n  alice:\n    keys: [\n      { openpgp: ${'A'.repeat(40)} }, # a\n      { openpgp: ${'E'.repeat(40)} },\n    ]${OTHERS}`,
    ],
    [
      'to people written as JSON',
      ` {"alice": {"keys": [{"openpgp": "${'A'.repeat(40)}"}]}, "bob": {"keys": [{"ssh": "${BOB}"}]}, "carol": {"keys": [{"openpgp": "${'C'.repeat(40)}"}]}, "dave": {"keys": [{"openpgp": "${'D'.repeat(40)}"}]}}\n`,
      ` {"alice": {"keys": [{"openpgp": "${'A'.repeat(40)}"}, { openpgp: ${'E'.repeat(40)} }]}, "bob": {"keys": [{"ssh": "${BOB}"}]}, "carol": {"keys": [{"openpgp": "${'C'.repeat(40)}"}]}, "dave": {"keys": [{"openpgp": "${'D'.repeat(40)}"}]}}\n`,
    ],
  ])('%s', (_what, before, after) => {
    expect(textOf(addPin(encode(policy(before)), person('alice'), NEW))).toBe(policy(after));
  });

  test('with what a hardware key must prove, in both styles', () => {
    const text = policy(`\n  alice:\n    keys:\n      - openpgp: ${'A'.repeat(40)}${OTHERS}`);
    for (const name of ['alice', 'bob']) {
      const edited = textOf(addPin(encode(text), person(name), TOUCHED));
      expect(parse(edited).people.get(name)?.keys.at(-1)).toMatchObject({ presence: 'verified' });
    }
  });

  test.each(['1'.repeat(40), `${'1'.repeat(20)}E${'1'.repeat(19)}`])('%s stays a text', (openpgp) => {
    const text = policy(`\n  alice: { keys: [{ openpgp: ${'A'.repeat(40)} }] }${OTHERS}`);
    const edited = textOf(addPin(encode(text), person('alice'), { openpgp }));
    expect(fingerprints(edited, 'alice').at(-1)).toBe(openpgp);
  });

  test('to a bot, and never to a bot that is not there', () => {
    const text = `${policy(`\n  alice: { keys: [{ openpgp: ${'A'.repeat(40)} }] }${OTHERS}`)}bots:\n  updater:\n    paths: ["a/**"]\n    keys:\n      - openpgp: ${'F'.repeat(40)}`;
    const edited = textOf(addPin(encode(text), { list: 'bots', name: 'updater' }, NEW));
    expect(edited).toBe(`${text}\n      - openpgp: ${'E'.repeat(40)}`);
    expect(addPin(encode(text), { list: 'bots', name: 'other' }, NEW).ok).toBe(false);
  });
});

describe('a new person', () => {
  test.each([
    [
      'in blocks, as the person above',
      `\n    alice: { keys: [{ openpgp: ${'A'.repeat(40)} }] }\n    bob: { keys: [{ ssh: "${BOB}" }] }\n    carol: { keys: [{ openpgp: ${'C'.repeat(40)} }] }\n    dave:\n      keys:\n      - openpgp: ${'D'.repeat(40)}\n# end\n`,
      `      - openpgp: ${'D'.repeat(40)}\n    erin:\n      keys:\n      - openpgp: ${'E'.repeat(40)}\n# end\n`,
    ],
    [
      'on one line, as the person above',
      `\n  alice: { keys: [{ openpgp: ${'A'.repeat(40)} }] }${OTHERS}`,
      `  dave: { keys: [{ openpgp: ${'D'.repeat(40)} }] }\n  erin: { keys: [{ openpgp: ${'E'.repeat(40)} }] }\n`,
    ],
    [
      'in flow',
      ` { alice: { keys: [{ openpgp: ${'A'.repeat(40)} }] }, bob: { keys: [{ ssh: "${BOB}" }] },\n  carol: { keys: [{ openpgp: ${'C'.repeat(40)} }] }, dave: { keys: [{ openpgp: ${'D'.repeat(40)} }] } }\n`,
      `dave: { keys: [{ openpgp: ${'D'.repeat(40)} }] }, erin: { keys: [{ openpgp: ${'E'.repeat(40)} }] } }\n`,
    ],
  ])('%s', (_what, people, expected) => {
    const edited = textOf(addPin(encode(policy(people)), person('erin'), NEW));
    expect(edited).toContain(expected);
    expect(fingerprints(edited, 'erin')).toEqual(['E'.repeat(40)]);
    expect(fingerprints(edited, 'dave')).toEqual(['D'.repeat(40)]);
  });

  test.each([
    ['{}', `people: {}\n`, `people: { erin: { keys: [{ openpgp: ${'E'.repeat(40)} }] } }\n`],
    [
      'nothing',
      `people: # nobody yet\n`,
      `people: # nobody yet\n  erin:\n    keys:\n      - openpgp: ${'E'.repeat(40)}\n`,
    ],
  ])('where there is %s', (_what, before, after) => {
    expect(textOf(addPin(encode(`${HEAD}${before}${REST}`), person('erin'), NEW))).toBe(
      `${HEAD}${after}${REST}`,
    );
  });

  test.each(['null', 'true', '123', '1e5', '0x10', 'yes', 'NULL', '2001-01-01'])(
    'may be called %s',
    (name) => {
      const text = policy(`\n  alice: { keys: [{ openpgp: ${'A'.repeat(40)} }] }${OTHERS}`);
      expect(fingerprints(textOf(addPin(encode(text), person(name), NEW)), name)).toEqual(['E'.repeat(40)]);
    },
  );
});

describe('what cannot be edited', () => {
  test.each([
    [
      'an explicit key',
      `\n  ? alice\n  : keys:\n    - openpgp: ${'A'.repeat(40)}\n${OTHERS.slice(1)}`,
      'alice',
      null,
    ],
    [
      'a list behind an explicit key',
      `\n  alice:\n    ? keys\n    : - openpgp: ${'A'.repeat(40)}${OTHERS}`,
      'alice',
      'policy-not-editable',
    ],
  ])('%s is edited rightly or not at all', (_what, people, name, problem) => {
    const edited = addPin(encode(policy(people)), person(name), NEW);
    if (problem === null)
      expect(fingerprints(textOf(edited), name)).toEqual(['A'.repeat(40), 'E'.repeat(40)]);
    else expect(edited).toEqual({ ok: false, problem });
  });

  test('a text that is no YAML, and one that would grow beyond the bound', () => {
    expect(addPin(encode('people: ['), person('alice'), NEW)).toEqual({
      ok: false,
      problem: 'policy-not-editable',
    });
    const full = policy(`\n  alice: { keys: [{ openpgp: ${'A'.repeat(40)} }] }${OTHERS}`);
    const padded = `${full}#${'x'.repeat(262_144 - full.length - 10)}\n`;
    expect(parsePolicy(encode(padded)).ok).toBe(true);
    expect(addPin(encode(padded), person('alice'), NEW)).toEqual({ ok: false, problem: 'policy-too-large' });
  });

  test('a pin that is not there', () => {
    const text = policy(`\n  alice: { keys: [{ openpgp: ${'A'.repeat(40)} }] }${OTHERS}`);
    expect(removePin(encode(text), person('alice'), 1)).toEqual({ ok: false, problem: 'pin-not-found' });
    expect(removePin(encode(text), person('erin'), 0)).toEqual({ ok: false, problem: 'pin-not-found' });
  });
});

/** One person in one of many spellings. */
const pinTexts = fc.constantFrom('plain', 'double', 'single');
const comments = fc.constantFrom('', ' # c', ' # {[,-', '   #');
const lines = fc.array(fc.constantFrom('', '#', '  # - openpgp: no', '        # deep'), { maxLength: 2 });

interface Style {
  readonly keys: 'block' | 'flat' | 'flow' | 'lines' | 'trailing' | 'inline';
  readonly quote: string;
  readonly comment: string;
  readonly above: readonly string[];
  readonly below: readonly string[];
  readonly count: number;
}

const styles: fc.Arbitrary<Style> = fc.record({
  keys: fc.constantFrom('block', 'flat', 'flow', 'lines', 'trailing', 'inline'),
  quote: pinTexts,
  comment: comments,
  above: lines,
  below: lines,
  count: fc.integer({ min: 1, max: 3 }),
});

function personText(name: string, letter: number, style: Style, indent: string): string[] {
  const { keys, quote, comment, above, below, count } = style;
  const mark = quote === 'plain' ? '' : quote === 'double' ? '"' : "'";
  const pins = Array.from({ length: count }, (_, index) => {
    const hex = `${mark}${'ABCD'.charAt(letter).repeat(38)}${letter}${index}${mark}`;
    return `openpgp: ${hex}`;
  });
  const inner = `${indent}${indent}`;
  switch (keys) {
    case 'block':
    case 'flat': {
      const dash = keys === 'flat' ? inner : `${inner}  `;
      const items = pins.flatMap((pin) => [...above, `${dash}- ${pin}${comment}`]);
      return [`${indent}${name}:${comment}`, `${inner}keys:${comment}`, ...items, ...below];
    }
    case 'inline':
      return [
        `${indent}${name}: { github: ${name}, keys: [${pins.map((pin) => `{ ${pin} }`).join(', ')}] }${comment}`,
        ...below,
      ];
    case 'flow':
      return [
        `${indent}${name}:`,
        ...above,
        `${inner}keys: [${pins.map((pin) => `{${pin}}`).join(',')},]${comment}`,
      ];
    case 'lines':
    case 'trailing': {
      const items = pins.flatMap((pin, index) => {
        const comma = index < count - 1 || keys === 'trailing' ? ',' : '';
        return [...above, `${inner}    { ${pin} }${comma}${comment}`];
      });
      return [`${indent}${name}:`, `${inner}keys: [`, ...items, ...below, `${inner}  ]`];
    }
  }
}

const texts = fc
  .record({
    people: fc.array(styles, { minLength: 4, maxLength: 4 }),
    indent: fc.constantFrom(' ', '  ', '    '),
    eol: fc.constantFrom('\n', '\r\n'),
    last: fc.boolean(),
    end: fc.boolean(),
    mark: fc.constantFrom('', '\ufeff'),
  })
  .map(({ people, indent, eol, last, end, mark }) => {
    const names = ['alice', 'bob', 'carol', 'dave'];
    const list = people.flatMap((style, index) => personText(names[index] ?? '', index, style, indent));
    const section = ['people:', ...list];
    const rest = REST.trimEnd().split('\n');
    const all = [...HEAD.trimEnd().split('\n'), ...(last ? [...rest, ...section] : [...section, ...rest])];
    return `${mark}${all.join(eol)}${end ? eol : ''}`;
  });

describe('for any policy', () => {
  test('to add a pin and to remove it gives the very same bytes', () => {
    fc.assert(
      fc.property(
        texts,
        fc.constantFrom('alice', 'bob', 'carol', 'dave'),
        fc.constantFrom(NEW, TOUCHED),
        (text, name, pin) => {
          const before = fingerprints(text, name);
          const added = textOf(addPin(encode(text), person(name), pin));
          expect(fingerprints(added, name)).toHaveLength(before.length + 1);
          expect(fingerprints(added, name).slice(0, -1)).toEqual(before);
          expect(textOf(removePin(encode(added), person(name), before.length))).toBe(text);
        },
      ),
      { numRuns: 300 },
    );
  });

  test('to remove any pin but the last leaves all others, and every comment of another line', () => {
    fc.assert(
      fc.property(texts, fc.constantFrom('alice', 'bob', 'carol', 'dave'), fc.nat(2), (text, name, nth) => {
        const before = fingerprints(text, name);
        const index = nth % before.length;
        if (before.length === 1) return;
        const edited = textOf(removePin(encode(text), person(name), index));
        expect(fingerprints(edited, name)).toEqual(before.toSpliced(index, 1));
        const left = new Set(edited.split(/\r?\n/).map((line) => line.trim()));
        for (const line of text.split(/\r?\n/)) {
          if (line.trim().startsWith('#')) expect(left).toContain(line.trim());
        }
      }),
      { numRuns: 300 },
    );
  });

  test('a new person changes nobody else', () => {
    fc.assert(
      fc.property(texts, fc.constantFrom(NEW, TOUCHED), (text, pin) => {
        const edited = textOf(addPin(encode(text), person('erin'), pin));
        const { people } = parse(edited);
        expect([...people.keys()]).toEqual(['alice', 'bob', 'carol', 'dave', 'erin']);
        expect(people.get('erin')?.keys).toHaveLength(1);
      }),
      { numRuns: 150 },
    );
  });

  test('whatever bytes are lost, doubled or changed, the answer is an edit that says the pin and no more, or none', () => {
    const known = new Set(['policy-not-editable', 'policy-too-large', 'pin-not-found']);
    fc.assert(
      fc.property(
        texts,
        fc.nat(),
        fc.constantFrom('', ' ', '\n', '-', '#', ':', ',', '{', '[', '"', '&a', '\t', '---\n', '!!'),
        fc.boolean(),
        (text, place, piece, replace) => {
          const at = place % text.length;
          const hostile = text.slice(0, at) + piece + text.slice(at + (replace ? 1 : 0));
          for (const edited of [
            addPin(encode(hostile), person('bob'), NEW),
            addPin(encode(hostile), person('erin'), NEW),
            removePin(encode(hostile), person('bob'), 0),
          ]) {
            if (!edited.ok) expect(known).toContain(edited.problem);
          }
          const added = addPin(encode(hostile), person('bob'), NEW);
          const before = parsePolicy(encode(hostile));
          if (!added.ok || !before.ok) return;
          const after = parse(textOf(added));
          const pins = (policy: Policy, name: string): readonly unknown[] =>
            (policy.people.get(name)?.keys ?? []).map(({ fingerprint }) => fingerprint);
          expect(pins(after, 'bob')).toEqual([...pins(before.policy, 'bob'), 'E'.repeat(40)]);
          for (const name of before.policy.people.keys()) {
            if (name !== 'bob') expect(pins(after, name)).toEqual(pins(before.policy, name));
          }
        },
      ),
      { numRuns: 300 },
    );
  });

  test('the example policy keeps all its comments', () => {
    const example = readFileSync(new URL('../../../policy.example.yaml', import.meta.url), 'utf8');
    for (const name of ['alice', 'bob', 'carol', 'dave']) {
      const count = parse(example).people.get(name)?.keys.length ?? 0;
      const edited = textOf(addPin(encode(example), person(name), NEW));
      expect(edited.split('\n')).toHaveLength(example.split('\n').length + 1);
      expect(textOf(removePin(encode(edited), person(name), count))).toBe(example);
    }
  });
});
