import { isAbsolute, join } from 'node:path';

/** Variables of the process, as `process.env` has them. */
export type Environment = Readonly<Record<string, string | undefined>>;

/**
 * The folder for what this program remembers between two runs (XDG Base Directory Specification: `$XDG_STATE_HOME`, a
 * relative path is ignored); `null` where the environment names no home.
 */
export function stateFolder(environment: Environment): string | null {
  return folder(environment, 'XDG_STATE_HOME', '.local/state');
}

/** The same for what can be found out again: `$XDG_CACHE_HOME`. */
export function cacheFolder(environment: Environment): string | null {
  return folder(environment, 'XDG_CACHE_HOME', '.cache');
}

/** The same for what the user decided: `$XDG_CONFIG_HOME`. */
export function configFolder(environment: Environment): string | null {
  return folder(environment, 'XDG_CONFIG_HOME', '.config');
}

/** The same for what other programs use: `$XDG_DATA_HOME`. */
export function dataFolder(environment: Environment): string | null {
  return folder(environment, 'XDG_DATA_HOME', '.local/share');
}

function folder(environment: Environment, variable: string, usual: string): string | null {
  const given = environment[variable] ?? '';
  if (isAbsolute(given)) return join(given, 'countersign');
  const home = environment['HOME'] ?? '';
  return isAbsolute(home) ? join(home, usual, 'countersign') : null;
}
