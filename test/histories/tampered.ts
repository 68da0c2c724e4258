import type { Oid } from '../../src/core/object/id.ts';
import type { Built } from './build.ts';
import { withoutEntries } from './edits.ts';
import type { Expected, History } from './history.ts';

/** A history in which somebody has tampered with evidence, and how far it may be believed. */
export interface TamperedHistory {
  readonly name: string;
  readonly about: string;
  readonly from: History;
  /** Changes the repository; gives another line to ask about where master has become another one. */
  readonly tamper?: (built: Built) => readonly Oid[] | null;
  readonly expect: Expected;
}

/** The ledger loses what somebody signed about a step. */
export function drop(built: Built, step: number, by: string): null {
  withoutEntries(built, (entry) => entry.step === step && entry.by === by);
  return null;
}

/** A policy by which one person does as they like. */
export const WEAK = {
  governance: '{ people: 1, from: admins }',
  require: ['{ name: alone, people: 1, from: maintainers }'],
} as const;

export const BACKDOOR = { 'lib/backdoor.nix': 'evil\n' } as const;
