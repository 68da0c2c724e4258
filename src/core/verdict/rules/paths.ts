import type { ChangedFile } from '../../facts/change.ts';
import { matches, matchesBelow, type Pattern } from '../../policy/pattern.ts';
import type { Case } from '../case.ts';
import { finding, type Finding } from '../finding.ts';
import { ruling, type Ruling } from '../verdict.ts';

const MOST_REPORTED = 20;

/** Paths that look different to different tools fail the change, whatever the policy says (trust.md, "Policy"). */
export function judgePaths(judged: Case): Ruling {
  const findings: Finding[] = [];
  for (const { path } of judged.changed) {
    const reason = hostile(path);
    if (reason !== null) findings.push(finding('path-hostile', { path: displayPath(path), reason }));
  }
  for (const { path, twin } of [...judged.facts.change.twins, ...(judged.facts.landing?.twins ?? [])]) {
    findings.push(finding('path-twin', { path: displayPath(path), twin: displayPath(twin) }));
  }
  const once = new Map(findings.map((found) => [JSON.stringify(found.data), found]));
  return ruling('paths', 'names of the changed files', [...once.values()].slice(0, MOST_REPORTED));
}

/**
 * Whether a rule about these paths is about a changed file. A link or a submodule stands for all that would seem to lie below
 * it: in place of a folder, it is a change of whatever in that folder the rule is about.
 */
export function isAbout(paths: readonly Pattern[], { path, before, after }: ChangedFile): boolean {
  const isFolder = [before, after].some((side) => side?.mode === '120000' || side?.mode === '160000');
  return paths.some((pattern) => matches(pattern, path) || (isFolder && matchesBelow(pattern, path)));
}

/** A path for people to read: bytes that are no text shown as `\xNN`. */
export function displayPath(path: Uint8Array): string {
  const text = decode(path);
  if (text !== null) return text.replace(/[\u0000-\u001f\u007f-\u009f\u2028\u2029]/g, escape);
  return Array.from(path, (byte) =>
    byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : hex(byte),
  ).join('');
}

function hostile(path: Uint8Array): 'control' | 'line-separator' | 'not-utf8' | null {
  const text = decode(path);
  if (text === null) return 'not-utf8';
  if (/[\u0000-\u001f\u007f-\u009f]/.test(text)) return 'control';
  return /[\u2028\u2029]/.test(text) ? 'line-separator' : null;
}

function decode(path: Uint8Array): string | null {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(path);
  } catch {
    return null;
  }
}

function escape(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
}

function hex(byte: number): string {
  return `\\x${byte.toString(16).padStart(2, '0')}`;
}
