import { expect } from 'vitest';
import { EXIT } from '../../src/cli/io.ts';
import type { Oid } from '../../src/core/object/id.ts';
import { verifyFrom, type CommandReport } from './ask.ts';
import type { Built } from './build.ts';
import type { Expected, History } from './history.ts';
import { tamperedHistories } from './all-tampered.ts';
import type { User } from './user.ts';

const CODES: Readonly<Record<string, number>> = EXIT;

/** The declaration of that name, tampered with. */
export function buildTampered(
  user: User,
  name: string,
): { built: Built; line: readonly Oid[]; expected: Expected } {
  const found = tamperedHistories.find((one) => one.name === name);
  if (found === undefined) throw new Error(`no tampered history is called ${name}`);
  const built = user.build(found.from);
  const line = found.tamper?.(built) ?? built.line;
  return { built, line, expected: found.expect };
}

/** The command line refuses a tampered history at its bad step, and gives the one before as the newest proven. */
export async function expectRefused(user: User, name: string): Promise<void> {
  const { built, line, expected } = buildTampered(user, name);
  await expectRefusedAt(user, built, line, expected);
}

/** The same for a history of one's own. */
export async function expectRefusedAt(
  user: User,
  built: Pick<Built, 'dir'>,
  line: readonly Oid[],
  { outcome, at = 0, codes = [] }: Expected,
): Promise<CommandReport> {
  const tip = line.at(-1) ?? '';
  const asked = { dir: built.dir, line };
  const told = await verifyFrom(user.stranger(), asked, tip);
  expect([told.code, told.json?.outcome]).toEqual([CODES[outcome], outcome]);
  expect(told.codes).toEqual(expect.arrayContaining([...codes]));
  const ofStep = told.json?.findings.filter(({ commit }) => commit !== undefined) ?? [];
  expect(new Set(ofStep.map(({ commit }) => commit))).toEqual(new Set([line[at]]));
  const newest = await verifyFrom(user.stranger(), asked, tip, '--newest-proven');
  expect([newest.code, newest.json]).toMatchObject([0, { outcome: 'pass', accepted: line[at - 1] }]);
  return told;
}

/** The command line proves all of a history to somebody who has seen nothing yet. */
export async function expectProven(
  user: User,
  built: Pick<Built, 'dir'>,
  line: readonly Oid[],
): Promise<void> {
  const told = await verifyFrom(user.stranger(), { dir: built.dir, line }, line.at(-1));
  expect([told.code, told.json]).toMatchObject([0, { outcome: 'pass', accepted: line.at(-1) }]);
}

/** One history with some other ending. */
export function withSteps(history: History, ...steps: History['steps']): History {
  return { ...history, steps };
}
