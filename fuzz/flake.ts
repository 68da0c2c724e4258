import { Unreadable } from '../src/gather/ports.ts';
import { everyInput, inputsOf, type LockedInput } from '../src/nix/flake-inputs.ts';
import { encodeLock, parseLock, updateInput, type FlakeLock } from '../src/nix/flake-lock.ts';
import { parseJson } from '../src/nix/json.ts';
import type { Target } from './target.ts';

const REV = 'c'.repeat(40);
const NAR = 'sha256-/eDNx4f18bt41t8qiIBAiSYhcQAsUHOrsMDeyXvps9U=';
const CHANGE = { rev: 'd'.repeat(40), narHash: NAR, lastModified: 5, revCount: 6 };

const github = { owner: 'acme', repo: 'nixpkgs', type: 'github' };
const git = { ref: 'master', type: 'git', url: 'https://example.org/acme/x' };
const locked = { lastModified: 1, narHash: NAR, rev: REV };
const LOCK = {
  nodes: {
    a: {
      inputs: { n: ['n'], x: 'x' },
      locked: { ...github, ...locked },
      original: { id: 'nixpkgs', type: 'indirect' },
    },
    n: { locked: { ...github, ...locked }, original: github },
    root: { inputs: { a: 'a', f: ['a', 'x'], n: 'n', self: [] } },
    x: { flake: false, locked: { ...git, ...locked, revCount: 2, submodules: true }, original: git },
  },
  root: 'root',
  version: 7,
};

/** What a project's folder brings: its lock file. */
export function flakeTargets(): Target[] {
  const seeds = [JSON.stringify(LOCK, null, 2), JSON.stringify(LOCK)].map((text) => Buffer.from(text));
  return [
    { name: 'flake-lock', seeds, words: WORDS, run: runLock },
    { name: 'lock-json', seeds, words: WORDS, run: runJson },
  ];
}

const WORDS = [
  '"',
  '\\',
  '\\u0000',
  '{}',
  '[]',
  '"__proto__"',
  '"root"',
  '"a"',
  '["a"]',
  'null',
  '1e9',
  '-',
  '//',
  '\n',
  '..',
  '%2f',
];

function must(holds: boolean, what: string): void {
  if (!holds) throw new Error(what);
}

/** `null` for what is refused; everything but a refusal goes on. */
function taken<T>(read: () => T): T | null {
  try {
    return read();
  } catch (error) {
    if (error instanceof Unreadable && error.code === 'file-unreadable') return null;
    throw error;
  }
}

function runLock(input: Buffer): void {
  const lock = taken(() => parseLock(input));
  if (lock === null) return;
  must(Buffer.compare(encodeLock(lock), input) === 0, 'a file that does not come back byte for byte');
  const inputs = taken(() => [...inputsOf(lock), ...everyInput(lock)]) ?? [];
  for (const one of inputs) {
    must(one.url === null || !/[\s?#]|\/\.\.?(?:\/|$)/.test(one.url), 'a URL that can be read in two ways');
    checkUpdate(lock, one);
  }
}

function checkUpdate(lock: FlakeLock, one: LockedInput): void {
  const moved = taken(() => updateInput(lock, one, CHANGE));
  if (moved === null) return;
  const again = inputsOf(moved).concat(everyInput(moved));
  must(
    again.some(({ node, rev, narHash }) => node === one.node && rev === CHANGE.rev && narHash === NAR),
    'an input that is not where it was moved',
  );
  must(
    again.every(({ node, rev }) => (node === one.node) === (rev === CHANGE.rev)),
    'another input that was moved',
  );
  must(updateInput(moved, one, CHANGE).text === moved.text, 'an update that is another the second time');
}

/** What is read is what the language reads, and places are right. */
function runJson(input: Buffer): void {
  const text = input.toString();
  const value = taken(() => parseJson(text));
  if (value === null) return;
  const whole: unknown = JSON.parse(text);
  const part: unknown = JSON.parse(text.slice(value.start, value.end));
  must(JSON.stringify(whole) === JSON.stringify(part), 'a value in another place');
}
