import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import type { Oid } from '../../src/core/object/id.ts';
import { gitIn } from '../git/scratch.ts';
import { runCli } from './ask.ts';
import type { Built } from './build.ts';
import { withoutEntries } from './edits.ts';
import { honest } from './honest.ts';
import { buildTampered } from './refuse.ts';
import { useUser, writeTrust } from './user.ts';

const user = useUser();
beforeAll(() => {
  // The person's own git fetches.
  vi.stubEnv('GIT_CONFIG_GLOBAL', '/dev/null');
  vi.stubEnv('GIT_CONFIG_NOSYSTEM', '1');
});
afterAll(() => {
  vi.unstubAllEnvs();
});

interface Clone {
  readonly dir: string;
  readonly pull: (...more: string[]) => ReturnType<typeof runCli>;
  /** Where its master is, and where it believes that the forge's is. */
  readonly heads: () => readonly string[];
}

/** A clone of what the forge has, with master and its ledger as they are there now, by somebody who trusts the introduction. */
function clone(built: Built, home = user.home): Clone {
  const dir = join(home, 'clone');
  const folder = join(home, '.config/countersign');
  mkdirSync(folder, { recursive: true });
  writeTrust(folder, { url: built.dir, introduction: built.at(0) });
  gitIn(home, ['clone', '-q', built.dir, dir]);
  return {
    dir,
    pull: (...more) => runCli(home, ['pull', '--repository', dir, '--json', ...more]),
    heads: () =>
      ['refs/heads/master', 'refs/remotes/origin/master'].map((ref) =>
        gitIn(dir, ['rev-parse', ref]).toString().trim(),
      ),
  };
}

function serve({ git }: Built, head: Oid | undefined): void {
  git(['update-ref', 'refs/heads/master', head ?? '']);
}

describe('a forge that serves a history that somebody tampered with moves nobody beyond what is proven', () => {
  test.each([
    'dropped-review-of-two',
    'swapped-policy',
    'policy-rolled-back',
    'replaced-key',
    'old-key-after-rotation',
    'forged-web-flow-merge',
    'web-flow-merge-with-more',
    'evil-merge',
    'unsigned-push',
    'borrowed-signature',
    'octopus',
  ])('%s', async (name) => {
    const { built, line, expected } = buildTampered(user, name);
    serve(built, line[0]);
    const { pull, heads } = clone(built);
    serve(built, line.at(-1));
    const newest = line[(expected.at ?? 0) - 1];
    const strict = await pull('--strict');
    expect(strict.code).not.toBe(0);
    expect(heads()).toEqual([line[0], line[0]]);
    const told = await pull();
    expect(heads()).toEqual([newest, newest]);
    expect(told.out).toContain(newest);
  });
});

describe('a forge that goes back on what it served before', () => {
  test('an old head, a fork, and nothing at all', async () => {
    const built = user.build(honest('linear'));
    const { dir, pull, heads } = clone(built);
    expect((await pull()).code).toBe(0);
    const newest = [built.at(3), built.at(3)];
    expect(heads()).toEqual(newest);
    serve(built, built.at(2));
    expect((await pull()).out).toContain('history-downgrade');
    expect(heads()).toEqual(newest);
    const { commit, entries } = built.extend(built.at(1), { by: 'dave', approved: ['carol'] });
    built.ledger.append(entries);
    serve(built, commit);
    expect((await pull()).out).toContain('history-fork');
    expect(heads()).toEqual(newest);
    gitIn(dir, ['update-ref', '-d', 'refs/remotes/origin/master']);
    expect((await pull()).out).toContain('history-fork');
    built.git(['update-ref', '-d', 'refs/heads/master']);
    expect((await pull()).code).not.toBe(0);
    expect(gitIn(dir, ['rev-parse', 'refs/heads/master']).toString().trim()).toBe(built.at(3));
  });

  test('a rewritten ledger, with a new step that it proves', async () => {
    const built = user.build(honest('linear'));
    const { pull, heads } = clone(built);
    expect((await pull()).code).toBe(0);
    const { commit, entries } = built.extend(built.at(3), { by: 'dave', approved: ['carol'] });
    built.ledger.append(entries);
    withoutEntries(built, ({ step }) => step === 1);
    serve(built, commit);
    const told = await pull();
    expect(told.code).not.toBe(0);
    expect(told.out).toContain('ledger-rewritten');
    expect(heads()).toEqual([built.at(3), built.at(3)]);
  });
});
