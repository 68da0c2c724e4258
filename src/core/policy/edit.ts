import { isMap, isScalar, isSeq, type Pair, type YAMLMap } from 'yaml';
import { LARGEST_POLICY, readText, type PolicyText } from './document.ts';
import {
  entriesOf,
  insertAfterLine,
  insertInFlow,
  removeInFlow,
  removeLines,
  applySplices,
} from './edit-text.ts';
import type { Splice } from './edit-text.ts';
import type { PinDocument } from './pin.ts';

/** A person or bot as the text of a policy lists them. */
export interface PinHolder {
  readonly list: 'people' | 'bots';
  readonly name: string;
}

export type EditedPolicy =
  | { readonly ok: true; readonly bytes: Uint8Array }
  | {
      readonly ok: false;
      /** `too-large`: the edited text would be beyond the bound of a policy. */
      readonly problem: 'policy-not-editable' | 'policy-too-large' | 'pin-not-found';
    };

/**
 * The text of a policy with one more pin, as the last of its holder; a person who is not there yet becomes the last of
 * `people`. Every other byte stays. The edited text is read again, and is given only if it says exactly what the old one
 * said and the pin: a text that is written in a way which can't be edited so is `policy-not-editable`.
 */
export function addPin(bytes: Uint8Array, holder: PinHolder, pin: PinDocument): EditedPolicy {
  return editText(bytes, (text, meaning) => splicesFor(text, meaning, { holder, pin }));
}

export interface NewPin {
  readonly holder: PinHolder;
  readonly pin: PinDocument;
}

/** As `addPin` for many, in their order, all of them or none. The text is read once where it can be edited at once. */
export function addPins(bytes: Uint8Array, pins: readonly NewPin[]): EditedPolicy {
  const together = editText(bytes, (text, meaning) => {
    const splices = pins.map((pin) => splicesFor(text, meaning, pin));
    return splices.some((some) => some === null) ? null : splices.flatMap((some) => some ?? []);
  });
  if (together.ok || pins.length < 2) return together;
  let edited: EditedPolicy = { ok: true, bytes };
  for (const { holder, pin } of pins) {
    edited = addPin(edited.bytes, holder, pin);
    if (!edited.ok) break;
  }
  return edited;
}

function splicesFor(text: PolicyText, meaning: Meaning, { holder, pin }: NewPin): Splice[] | null {
  const holders = mapAt(text, holder.list);
  const found = holders === null ? null : pairOf(holders, holder.name);
  if (found === null) {
    if (holder.list === 'bots') return null;
    const people = asRecord(meaning['people']);
    Object.defineProperty(people, holder.name, {
      value: { keys: [pin] },
      enumerable: true,
      configurable: true,
      writable: true,
    });
    meaning['people'] = people;
    return addHolder(text, holders, holder.name, pin);
  }
  keysOf(meaning, holder)?.push(pin);
  return addToKeys(text, found, pin);
}

/** The text of a policy without one pin of a holder, counted from 0; the same promise as for `addPin`. */
export function removePin(bytes: Uint8Array, holder: PinHolder, index: number): EditedPolicy {
  return editText(bytes, (text, meaning) => {
    const holders = mapAt(text, holder.list);
    const keys = holders === null ? null : pairOf(pairOf(holders, holder.name)?.value, 'keys')?.value;
    const listed = keysOf(meaning, holder);
    if (!isSeq(keys) || listed?.[index] === undefined) return 'pin-not-found';
    listed.splice(index, 1);
    const entries = entriesOf(keys, text.text);
    if (entries === null) return null;
    return keys.flow === true
      ? removeInFlow(text.text, entries, index)
      : removeLines(text.text, entries[index]);
  });
}

/** What a text says, as plain data: to be changed as the text is. */
export type Meaning = Record<string, unknown>;

/**
 * Changes a text by splices, and gives it only if it then says exactly what `change` made of its meaning. `null` from
 * `change`: not editable so.
 */
export function editText(
  bytes: Uint8Array,
  change: (text: PolicyText, meaning: Meaning) => Splice[] | 'pin-not-found' | null,
): EditedPolicy {
  const before = readText(bytes);
  if (!before.ok) return { ok: false, problem: 'policy-not-editable' };
  const meaning = asRecord(before.policy.document.toJS({ maxAliasCount: 0 }));
  const splices = change(before.policy, meaning);
  if (splices === 'pin-not-found') return { ok: false, problem: splices };
  if (splices === null) return { ok: false, problem: 'policy-not-editable' };
  const edited = new TextEncoder().encode(applySplices(before.policy.text, splices));
  if (edited.length > LARGEST_POLICY) return { ok: false, problem: 'policy-too-large' };
  const after = readText(edited);
  const same =
    after.ok && JSON.stringify(after.policy.document.toJS({ maxAliasCount: 0 })) === JSON.stringify(meaning);
  return same ? { ok: true, bytes: edited } : { ok: false, problem: 'policy-not-editable' };
}

function addToKeys(text: PolicyText, holder: Pair, pin: PinDocument): Splice[] | null {
  const keys = pairOf(holder.value, 'keys')?.value;
  if (!isSeq(keys)) return null;
  const entries = entriesOf(keys, text.text);
  const last = entries?.at(-1);
  if (!entries || last === undefined) return null;
  if (keys.flow === true) return insertInFlow(text.text, entries, flowPin(pin));
  const indent = indentAt(text.text, last.start);
  return indent === null ? null : insertAfterLine(text.text, last.end, blockPin(pin, indent));
}

function addHolder(
  text: PolicyText,
  holders: YAMLMap | null,
  name: string,
  pin: PinDocument,
): Splice[] | null {
  const flow = `${key(name)}: { keys: [${flowPin(pin)}] }`;
  if (holders === null) return addFirstHolder(text, name, pin);
  const entries = entriesOf(holders, text.text);
  if (entries === null) return null;
  const last = entries.at(-1);
  if (holders.flow === true) {
    if (last !== undefined) return insertInFlow(text.text, entries, flow);
    const start = holders.range?.[0];
    return start === undefined ? null : [{ start: start + 1, end: start + 1, text: ` ${flow} ` }];
  }
  const value = holders.items.at(-1)?.value;
  const indent = last === undefined ? null : indentAt(text.text, last.start);
  if (last === undefined || indent === null) return null;
  if (isMap(value) && value.flow === true) {
    return insertAfterLine(text.text, last.end, [`${indent}${flow}`]);
  }
  const keys = pairOf(value, 'keys')?.value;
  const first = isMap(value) ? value.items[0]?.key : undefined;
  const child = isScalar(first) && first.range ? indentAt(text.text, first.range[0]) : null;
  const inner = child ?? `${indent}  `;
  const dash = isSeq(keys) && keys.flow !== true && keys.range ? indentAt(text.text, keys.range[0]) : null;
  return insertAfterLine(text.text, last.end, block(name, pin, indent, inner, dash ?? `${inner}  `));
}

/** `people:` with nothing behind it. */
function addFirstHolder(text: PolicyText, name: string, pin: PinDocument): Splice[] | null {
  const root = text.document.contents;
  const pair = isMap(root) && root.flow !== true ? pairOf(root, 'people') : null;
  const place = pair !== null && isScalar(pair.key) ? pair.key.range : null;
  if (!place || !isScalar(pair?.value) || pair.value.value !== null || pair.value.source !== '') return null;
  return insertAfterLine(text.text, place[1] + 1, block(name, pin, '  ', '    ', '      '));
}

function block(name: string, pin: PinDocument, indent: string, inner: string, dash: string): string[] {
  return [`${indent}${key(name)}:`, `${inner}keys:`, ...blockPin(pin, dash)];
}

function blockPin(pin: PinDocument, indent: string): string[] {
  const [first = '', ...more] = fields(pin);
  return [`${indent}- ${first}`, ...more.map((field) => `${indent}  ${field}`)];
}

function flowPin(pin: PinDocument): string {
  return `{ ${fields(pin).join(', ')} }`;
}

/** What a person writes into a policy by hand where a program can't: the lines of one pin. */
export function pinLines(pin: PinDocument): string[] {
  return blockPin(pin, '');
}

function fields(pin: PinDocument): string[] {
  if ('openpgp' in pin) {
    // Digits alone, or with one E among them, would be a number.
    const number = /^[0-9]+(?:E[0-9]+)?$/i.test(pin.openpgp);
    return [`openpgp: ${number ? `'${pin.openpgp}'` : pin.openpgp}`];
  }
  const presence = pin.presence === undefined ? [] : [`presence: ${pin.presence}`];
  return [`ssh: ${pin.ssh}`, ...presence];
}

/** A name as the key of a mapping: quoted where it would read as something else than a text. */
function key(name: string): string {
  return /^[0-9]/.test(name) || /^(?:null|true|false)$/i.test(name) ? `'${name}'` : name;
}

function mapAt({ document }: PolicyText, name: string): YAMLMap | null {
  const value = pairOf(document.contents, name)?.value;
  return isMap(value) ? value : null;
}

/** The pair of a mapping with this key. */
export function pairOf(node: unknown, name: string): Pair | null {
  if (!isMap(node)) return null;
  return node.items.find((pair) => isScalar(pair.key) && pair.key.value === name) ?? null;
}

function keysOf(meaning: Meaning, { list, name }: PinHolder): unknown[] | null {
  const holders = asRecord(meaning[list]);
  const keys = Object.hasOwn(holders, name) ? asRecord(holders[name])['keys'] : null;
  return Array.isArray(keys) ? keys : null;
}

function asRecord(value: unknown): Meaning {
  return isRecord(value) ? value : {};
}

function isRecord(value: unknown): value is Meaning {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The blanks before a place, or `null` where something else stands before it on its line. */
function indentAt(text: string, offset: number): string | null {
  const before = text.slice(text.lastIndexOf('\n', offset - 1) + 1, offset);
  return /^ *$/.test(before) ? before : null;
}
