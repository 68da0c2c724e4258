import { readFileSync } from 'node:fs';
import { Ajv2020 } from 'ajv/dist/2020.js';
import fc from 'fast-check';
import { parse } from 'yaml';
import { describe, expect, test } from 'vitest';
import { parsePolicy } from '../../../src/core/policy/parse.ts';
import { policyJsonSchema } from '../../../src/core/policy/schema.ts';
import { isPersonName, isProjectName } from '../../../src/core/statement/names.ts';
import { SCHEMA_PATH, schemaDocument } from '../../../tools/policy-schema.ts';

const document = readFileSync(SCHEMA_PATH, 'utf8');
const example = readFileSync(new URL('../../../policy.example.yaml', import.meta.url), 'utf8');
const accepts = new Ajv2020({ strict: true, strictTypes: false }).compile(policyJsonSchema());

test('schema/policy.schema.json is what tools/policy-schema.ts makes of the parser', async () => {
  expect(document).toBe(await schemaDocument());
});

test('the example names it, from where it lies', () => {
  const [first = ''] = example.split('\n');
  const [, path = ''] = /^# yaml-language-server: \$schema=(.+)$/.exec(first) ?? [];
  expect(new URL(path, new URL('../../../', import.meta.url)).pathname).toBe(SCHEMA_PATH);
});

test('every field has a description', () => {
  const without: string[] = [];
  const look = (path: string, schema: unknown): void => {
    if (typeof schema !== 'object' || schema === null) return;
    for (const [key, inner] of Object.entries(schema)) {
      if (key === 'properties') {
        for (const [name, field] of Object.entries(inner as Record<string, { description?: string }>)) {
          if (field.description === undefined) without.push(`${path}.${name}`);
        }
      }
      look(`${path}.${key}`, inner);
    }
  };
  look('', policyJsonSchema());
  expect(without).toEqual([]);
});

describe('an editor', () => {
  test('finds nothing wrong with the example', () => {
    expect([accepts(parse(example)), accepts.errors]).toEqual([true, null]);
  });

  test.each([
    ['an unknown key', 'version: 1', 'version: 1\nmore: 1'],
    ['another version', 'version: 1', 'version: 2'],
    ['a value that is none', 'mode: observe', 'mode: watch'],
    ['a name that is none', 'from: core', 'from: the core'],
    ['a fingerprint that is cut', '0A1B2C3D4E5F60718293A4B5C6D7E8F90A1B2C3D', '0A1B2C3D4E5F6071'],
    ['a number that is too low', '{ people: 3, from: admins }', '{ people: 0, from: admins }'],
    ['a key that is missing', "    match: [master, 'release-*']\n", ''],
    ['a text for a list', "match: [master, 'release-*']", 'match: master'],
    ['a project without a host', 'project: github.com/acme/nixpkgs', 'project: nixpkgs'],
  ])('sees %s, as the parser does', (_name, from, to) => {
    expect(example).toContain(from);
    const text = example.replace(from, to);
    expect([accepts(parse(text)), parsePolicy(new TextEncoder().encode(text)).ok]).toEqual([false, false]);
  });
});

test('its names and projects are those of the parser', () => {
  const schema = JSON.stringify(policyJsonSchema());
  const [name = '', project = ''] = ['groups', 'project'].map((field) => {
    const shape = (
      policyJsonSchema()['properties'] as Record<
        string,
        { pattern?: string; propertyNames?: { pattern?: string } }
      >
    )[field];
    return shape?.pattern ?? shape?.propertyNames?.pattern ?? '';
  });
  expect(schema).toContain(JSON.stringify(name));
  const text = fc.string({
    unit: fc.constantFrom('a', 'Z', '9', '.', '_', '-', '/', ':', ' ', 'é'),
    maxLength: 12,
  });
  fc.assert(
    fc.property(text, (some) => {
      expect([new RegExp(name, 'u').test(some), new RegExp(project, 'u').test(some)]).toEqual([
        isPersonName(some),
        isProjectName(some),
      ]);
    }),
  );
});
