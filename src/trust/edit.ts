import { isMap, isScalar, isSeq, type Pair, type YAMLMap, type YAMLSeq } from 'yaml';
import { editText, pairOf, pinLines, type EditedPolicy, type Meaning } from '../core/policy/edit.ts';
import {
  entriesOf,
  insertAfterLine,
  insertInFlow,
  removeInFlow,
  removeLines,
  type Splice,
} from '../core/policy/edit-text.ts';
import type { PolicyText } from '../core/policy/document.ts';
import type { PinDocument } from '../core/policy/pin.ts';

/** An entry as the file writes it. */
export interface EntryDocument {
  readonly url: string;
  readonly project?: string;
  readonly branch: string;
  readonly introduction: string;
  /** With `sha256:` before it. */
  readonly policy?: string;
}

export type HeadsDocument = Readonly<Record<string, readonly PinDocument[]>>;

/** The new bytes; `null` for a text that is written in a way which cannot be edited without changing more. */
export type EditedTrust = Uint8Array | null;

const NEW = [
  '# Which repositories are trusted, from which commit on. `countersign trust` writes it, and so may you.',
  'version: 1',
  'repositories:',
];

/** The text of a trust file with one more entry, as the last; every other byte stays. `null` bytes: there is no file yet. */
export function addEntry(bytes: Uint8Array | null, entry: EntryDocument): EditedTrust {
  if (bytes === null) {
    return new TextEncoder().encode([...NEW, ...entryLines(entry, '  '), ''].join('\n'));
  }
  return edited(bytes, (text, list, meanings) => {
    meanings.push({ ...entry });
    const entries = entriesOf(list, text.text);
    const last = entries?.at(-1);
    if (entries === null) return null;
    const flow = `{ ${fields(entry).join(', ')} }`;
    if (last === undefined) return addFirst(text, list, entry, flow);
    if (list.flow === true) return insertInFlow(text.text, entries, flow);
    return insertAfterLine(text.text, last.end, entryLines(entry, ' '.repeat(columnOf(text, last.start))));
  });
}

/** Into `[]`: it becomes a list of lines, unless it stands within braces. */
function addFirst(text: PolicyText, list: YAMLSeq, entry: EntryDocument, flow: string): Splice[] | null {
  const root = text.document.contents;
  const colon = colonOf(text);
  if (colon === null || !list.range) return null;
  const [start, end] = list.range;
  if (isMap(root) && root.flow === true) return [{ start, end, text: `[${flow}]` }];
  // A comment may stand between.
  const from = /^\s*$/.test(text.text.slice(colon, start)) ? colon : start;
  return [{ start: from, end, text: '' }, ...insertAfterLine(text.text, end, entryLines(entry, '  '))];
}

/** The text without one entry, counted from 0. */
export function removeEntry(bytes: Uint8Array, index: number): EditedTrust {
  return edited(bytes, (text, list, meanings) => {
    meanings.splice(index, 1);
    const entries = entriesOf(list, text.text);
    const entry = entries?.[index];
    if (entries === null || entry === undefined) return null;
    if (entries.length === 1) {
      const colon = colonOf(text);
      if (list.flow === true)
        return list.range ? [{ start: list.range[0], end: list.range[1], text: '[]' }] : null;
      const lines = removeLines(text.text, entry);
      return colon === null || lines === null ? null : [{ start: colon, end: colon, text: ' []' }, ...lines];
    }
    return list.flow === true ? removeInFlow(text.text, entries, index) : removeLines(text.text, entry);
  });
}

/** The text with another value of one of an entry's keys; `null` takes the key away. */
export function setField(
  bytes: Uint8Array,
  index: number,
  name: 'project' | 'introduction' | 'policy',
  value: string | null,
): EditedTrust {
  return edited(bytes, (text, list, meanings) => {
    const entry = list.items[index];
    const meaning = meanings[index];
    if (!isMap(entry) || meaning === undefined) return null;
    const pair = pairOf(entry, name);
    if (value === null) return removeField(text, entry, pair, name, meaning);
    meaning[name] = value;
    if (pair === null) {
      const field = `${name}: ${scalar(value)}`;
      return appendField(text, entry, [field], field);
    }
    const range = isScalar(pair.value) ? pair.value.range : null;
    return range ? [{ start: range[0], end: range[1], text: scalar(value) }] : null;
  });
}

/** The text with these people under `heads`, or with none. */
export function setHeads(bytes: Uint8Array, index: number, heads: HeadsDocument | null): EditedTrust {
  const without = edited(bytes, (text, list, meanings) => {
    const entry = list.items[index];
    const meaning = meanings[index];
    if (!isMap(entry) || meaning === undefined) return null;
    return removeField(text, entry, pairOf(entry, 'heads'), 'heads', meaning);
  });
  if (without === null || heads === null) return without;
  return edited(without, (text, list, meanings) => {
    const entry = list.items[index];
    const meaning = meanings[index];
    if (!isMap(entry) || meaning === undefined) return null;
    meaning['heads'] = heads;
    const people = Object.entries(heads);
    const lines = people.flatMap(([name, pins]) => [
      `  ${scalar(name)}:`,
      ...pins.flatMap((pin) => pinLines(pin).map((line) => `    ${line}`)),
    ]);
    const flow = people.map(([name, pins]) => `${scalar(name)}: [${pins.map(flowPin).join(', ')}]`);
    return appendField(text, entry, ['heads:', ...lines], `heads: { ${flow.join(', ')} }`);
  });
}

type Change = (text: PolicyText, list: YAMLSeq, meanings: Meaning[]) => Splice[] | null;

function edited(bytes: Uint8Array, change: Change): EditedTrust {
  const result: EditedPolicy = editText(bytes, (text, meaning) => {
    const list = pairOf(text.document.contents, 'repositories')?.value;
    const meanings = meaning['repositories'];
    return isSeq(list) && isRecords(meanings) ? change(text, list, meanings) : null;
  });
  return result.ok ? result.bytes : null;
}

function isRecords(value: unknown): value is Meaning[] {
  return (
    Array.isArray(value) &&
    value.every((one) => typeof one === 'object' && one !== null && !Array.isArray(one))
  );
}

function removeField(
  text: PolicyText,
  entry: YAMLMap,
  pair: Pair | null,
  name: string,
  meaning: Meaning,
): Splice[] | null {
  if (pair === null) return [];
  Reflect.deleteProperty(meaning, name);
  const entries = entriesOf(entry, text.text);
  const index = entry.items.indexOf(pair);
  if (entries === null) return null;
  return entry.flow === true
    ? removeInFlow(text.text, entries, index)
    : removeLines(text.text, entries[index]);
}

function appendField(
  text: PolicyText,
  entry: YAMLMap,
  lines: readonly string[],
  flow: string,
): Splice[] | null {
  const entries = entriesOf(entry, text.text);
  const last = entries?.at(-1);
  if (entries === null || last === undefined) return null;
  if (entry.flow === true) return insertInFlow(text.text, entries, flow);
  const indent = ' '.repeat(columnOf(text, last.start));
  return insertAfterLine(
    text.text,
    last.end,
    lines.map((line) => indent + line),
  );
}

function entryLines(entry: EntryDocument, indent: string): string[] {
  return fields(entry).map((field, index) => `${indent}${index === 0 ? '-' : ' '} ${field}`);
}

function fields({ url, project, branch, introduction, policy }: EntryDocument): string[] {
  const pairs = Object.entries({ url, project, branch, introduction, policy });
  return pairs.flatMap(([name, value]) => (value === undefined ? [] : [`${name}: ${scalar(value)}`]));
}

function flowPin(pin: PinDocument): string {
  return `{ ${pinLines(pin)
    .map((line) => line.replace(/^(?:- | {2})/, ''))
    .join(', ')} }`;
}

/** A text as YAML: quoted where it would be something else, or where it might (YAML 1.2 section 10.3.2). */
function scalar(text: string): string {
  const plain = /^[A-Za-z0-9/][A-Za-z0-9._/@~+-]*(?::[A-Za-z0-9._/@~+-]+)*$/.test(text);
  const other = /^(?:null|true|false|[0-9.]+(?:e[0-9]+)?|0[ox][0-9a-f]+)$/i.test(text);
  return plain && !other ? text : JSON.stringify(text);
}

/** Behind the colon of `repositories:`. */
function colonOf({ text, document }: PolicyText): number | null {
  const pair = pairOf(document.contents, 'repositories');
  const range = pair !== null && isScalar(pair.key) ? pair.key.range : null;
  if (!range) return null;
  const colon = text.indexOf(':', range[1]);
  return colon === -1 ? null : colon + 1;
}

function columnOf({ text }: PolicyText, offset: number): number {
  return offset - (text.lastIndexOf('\n', offset - 1) + 1);
}
