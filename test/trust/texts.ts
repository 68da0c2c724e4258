import { parseOid, type Oid } from '../../src/core/object/id.ts';
import { withLock } from '../../src/git/lock.ts';
import type { Memory, Remembered } from '../../src/trust/memory.ts';

export const BOB = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhscHR4f';
export const COMMIT = 'c0ffee'.padEnd(40, 'a');
export const DIGEST = 'd'.repeat(64);

export interface EntryText {
  readonly url?: string;
  readonly branch?: string;
  readonly introduction?: string;
  readonly project?: string;
  readonly policy?: string;
  /** One more line of the entry. */
  readonly more?: string;
}

/** A trust file with one entry. */
export function trustText(entry: EntryText = {}): string {
  return `version: 1\nrepositories:\n${entryText(entry)}`;
}

export function entryText(entry: EntryText = {}): string {
  const { url = 'https://github.com/acme/nixpkgs', branch = 'master', introduction = COMMIT } = entry;
  const lines = [`- url: ${url}`, `  branch: ${branch}`, `  introduction: ${introduction}`];
  if (entry.project !== undefined) lines.push(`  project: ${entry.project}`);
  if (entry.policy !== undefined) lines.push(`  policy: ${entry.policy}`);
  if (entry.more !== undefined) lines.push(`  ${entry.more}`);
  return lines.map((line) => `  ${line}\n`).join('');
}

export function oid(text: string): Oid {
  const id = parseOid(text.padEnd(40, '0'));
  if (id === null) throw new Error(text);
  return id;
}

/** Writes a memory, whatever is there. */
export function keepIn(memory: Memory, remembered: Remembered): Promise<void> {
  return memory.update(withLock, () => Promise.resolve(remembered));
}
