import { spawnSync } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { describe, expect, test } from 'vitest';
import { readTranscript, useReview } from './review-stage.ts';

const noTerminal = !/util-linux/.test(String(spawnSync('script', ['--version']).stdout));
if (noTerminal) console.warn('skipped: a transcript on a pseudo-terminal needs `script` of util-linux');

const TRANSCRIPT = 'thirty-pull-requests.txt';
const COUNT = 30;
/** The pull requests that touch a protected path, which are signed one by one. */
const PROTECTED = [10, 20];

const it = useReview({
  require: [
    '{ name: everything, people: 2, approvals: 1, from: maintainers }',
    '{ name: foundations, paths: ["lib/**"], approvals: 1, from: core }',
  ],
});

/** What changes from run to run, or is drawn by the terminal alone, taken out. */
function settle(screen: string): string {
  const ids = new Map<string, string>();
  return screen
    .replaceAll('\r', '')
    .replace(/\u001b\[[0-9;?]*[A-Za-z]/g, '')
    .replace(/127\.0\.0\.1:[0-9]+/g, '127.0.0.1')
    .replace(/\b[0-9a-f]{10,64}\b/g, (id) => {
      const known = ids.get(id) ?? `ID${ids.size + 1}`.padEnd(Math.min(id.length, 12), '.');
      ids.set(id, known);
      return known;
    })
    .replace(/[ \t]+$/gm, '');
}

describe.skipIf(noTerminal)('thirty pull requests in one sitting', () => {
  test('take thirty decisions, one confirmation and three touches', { timeout: 180_000 }, async () => {
    const { stage } = it;
    const proposed: { number: number; head: string }[] = [];
    for (let index = 1; index <= COUNT; index += 1) {
      const name = `package-${String(index).padStart(2, '0')}`;
      const files = PROTECTED.includes(index)
        ? { [`lib/${name}.nix`]: `{ }: "${name}"\n` }
        : { [`pkgs/${name}.nix`]: `{ name = "${name}"; }\n` };
      proposed.push(await stage.propose(name, { files }));
    }
    const terminal = stage.terminal('dave', ['review', '--all'], { NO_COLOR: '1', GIT_PAGER: 'cat' });
    let prompts = 0;
    const answer = async (question: string, typed: string): Promise<void> => {
      await terminal.shows(question);
      prompts += 1;
      terminal.type(typed);
    };
    for (let index = 1; index <= COUNT; index += 1) {
      const typed =
        index === 7
          ? 'a built it on two machines\r'
          : index === 13
            ? 'r the hash is of another release\r'
            : 'a\r';
      await answer('and a note: ', typed);
    }
    await answer('[y/N] ', 'y\r');
    expect(await terminal.ended).toBe(0);

    expect({ prompts, touches: stage.touches() }).toEqual({
      prompts: COUNT + 1,
      touches: 1 + PROTECTED.length,
    });
    for (const [index, { number }] of proposed.entries()) {
      expect([number, (await stage.verify(number)).outcome]).toEqual([
        number,
        index === 12 ? 'fail' : 'pass',
      ]);
    }
    stage.github.assertClean();

    const transcript = settle(terminal.screen());
    const path = resolve(import.meta.dirname, 'transcripts', TRANSCRIPT);
    if (process.env['UPDATE_TRANSCRIPTS'] === '1') await writeFile(path, transcript);
    expect(transcript).toBe(await readTranscript(TRANSCRIPT));
  });
});
