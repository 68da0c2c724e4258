import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Whether nix is on this machine (Debian: nix-bin). Its tests are skipped without it, and say so. */
export const hasNix = /^nix /.test(String(spawnSync('nix', ['--version']).stdout));

/** To be said once a file: what was not compared. */
export function sayWithoutNix(what: string): void {
  if (!hasNix) console.warn(`skipped: ${what} needs nix (apt-get install nix-bin)`);
}

/** The real nix with a store, a home and caches of its own: nothing outside this folder is read or written, no network. */
export interface Nix {
  readonly root: string;
  /** `nix hash path`. */
  hashPath(path: string): string;
  /** `nix-instantiate --eval --strict --json`, parsed. Throws with what nix said. */
  evaluate(expression: string): unknown;
  /** Runs `nix` with flakes enabled and gives what it printed. Throws with what it said. */
  run(args: readonly string[]): string;
  remove(): void;
}

export function openNix(): Nix {
  const root = mkdtempSync(join(tmpdir(), 'cs-nix-'));
  const home = join(root, 'home');
  mkdirSync(home);
  const env = {
    PATH: process.env['PATH'] ?? '/usr/bin:/bin',
    LC_ALL: 'C',
    HOME: home,
    XDG_CACHE_HOME: join(root, 'cache'),
    XDG_CONFIG_HOME: join(root, 'config'),
    NIX_STORE_DIR: join(root, 'store'),
    NIX_STATE_DIR: join(root, 'var'),
    NIX_LOG_DIR: join(root, 'log'),
    NIX_CONF_DIR: join(root, 'etc'),
    NIX_CONFIG: [
      'experimental-features = nix-command flakes',
      'build-users-group =',
      'sandbox = false',
      'substituters =',
      'flake-registry =',
    ].join('\n'),
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_CONFIG_GLOBAL: '/dev/null',
  };
  const run = (command: string, args: readonly string[]): string =>
    execFileSync(command, args, { cwd: home, env, stdio: ['ignore', 'pipe', 'pipe'] }).toString('utf8');
  return {
    root,
    hashPath: (path) => run('nix', ['hash', 'path', path]).trim(),
    evaluate: (expression) => {
      const parsed: unknown = JSON.parse(
        run('nix-instantiate', ['--eval', '--strict', '--json', '-E', expression]),
      );
      return parsed;
    },
    run: (args) => run('nix', args),
    remove: () => {
      // The store's files are read-only, root's or not.
      execFileSync('chmod', ['-R', 'u+w', root]);
      rmSync(root, { recursive: true, force: true });
    },
  };
}
