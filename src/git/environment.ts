/**
 * The whole environment of every git process. It is an allow-list: nothing that selects a repository, a configuration,
 * a helper program or a trace file reaches git from outside. Reading never needs a transport, so none is allowed.
 */
export function gitEnvironment(extra: Readonly<Record<string, string>> = {}): Record<string, string> {
  return {
    PATH: process.env['PATH'] ?? '/usr/local/bin:/usr/bin:/bin',
    LC_ALL: 'C',
    HOME: '/nonexistent/countersign',
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_CONFIG_GLOBAL: '/dev/null',
    GIT_ATTR_NOSYSTEM: '1',
    GIT_NO_REPLACE_OBJECTS: '1',
    GIT_GRAFT_FILE: '/nonexistent/countersign/grafts',
    GIT_NO_LAZY_FETCH: '1',
    GIT_TERMINAL_PROMPT: '0',
    // No name of a transport is empty.
    GIT_ALLOW_PROTOCOL: '',
    GIT_OPTIONAL_LOCKS: '0',
    ...extra,
  };
}

/**
 * Configuration given through the environment (git-config(1), GIT_CONFIG_COUNT): unlike `-c` it never shows in a
 * process list, and it overrides what a repository's own file says.
 */
export function configEnvironment(pairs: readonly (readonly [string, string])[]): Record<string, string> {
  const env: Record<string, string> = { GIT_CONFIG_COUNT: String(pairs.length) };
  pairs.forEach(([key, value], index) => {
    env[`GIT_CONFIG_KEY_${index}`] = key;
    env[`GIT_CONFIG_VALUE_${index}`] = value;
  });
  return env;
}

/** What would make git work on another repository, or another part of it, than the one around its folder. */
const PLACES = [
  'GIT_DIR',
  'GIT_WORK_TREE',
  'GIT_INDEX_FILE',
  'GIT_OBJECT_DIRECTORY',
  'GIT_ALTERNATE_OBJECT_DIRECTORIES',
  'GIT_COMMON_DIR',
  'GIT_NAMESPACE',
  'GIT_PREFIX',
  'GIT_QUARANTINE_PATH',
];

/**
 * The environment of a person's own git: theirs, but for the variables by which a hook or an alias that called us names
 * its repository. What git says is in the words that we know.
 */
export function ownEnvironment(): NodeJS.ProcessEnv {
  const kept = Object.entries(process.env).filter(([name]) => !PLACES.includes(name));
  return { ...Object.fromEntries(kept), LC_ALL: 'C' };
}

/**
 * Added to it where git is only asked something. A repository may say that objects which it lacks are promised by a remote,
 * and with which program that remote is reached: merely looking for one would start it (git-config(1),
 * `remote.<name>.uploadpack`). GIT_NO_LAZY_FETCH is of git 2.45; older ones find no transport that is allowed.
 */
export const ASKING: Readonly<Record<string, string>> = {
  GIT_NO_LAZY_FETCH: '1',
  GIT_ALLOW_PROTOCOL: '',
  GIT_OPTIONAL_LOCKS: '0',
};
