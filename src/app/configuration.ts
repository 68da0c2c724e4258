import { createPrivateKey } from 'node:crypto';
import { accessSync, constants, mkdirSync, readFileSync, statSync } from 'node:fs';
import { isAbsolute, resolve } from 'node:path';

export type LogLevel = 'trace' | 'debug' | 'info' | 'warn' | 'error' | 'fatal' | 'silent';

export interface Configuration {
  readonly appId: number;
  /** PEM. */
  readonly privateKey: string;
  readonly webhookSecret: string;
  readonly host: string;
  readonly port: number;
  /** Holds the store and the mirrors. Absolute. */
  readonly data: string;
  readonly logLevel: LogLevel;
  /** Where repositories are fetched from, without a slash at the end. */
  readonly githubUrl: string;
  readonly apiUrl: string;
  readonly sweepMinutes: number;
}

export type ReadConfiguration =
  | { readonly ok: true; readonly configuration: Configuration }
  | { readonly ok: false; readonly problems: readonly string[] };

type Environment = Readonly<Record<string, string | undefined>>;

const LEVELS: readonly LogLevel[] = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'];

/**
 * Whoever knows the secret can make the app do work, so it has to be one that nobody guesses: 20 characters are the
 * least that holds 100 bits when made at random in hex or base64 (`openssl rand -hex 32` gives 64).
 */
const SHORTEST_SECRET = 20;
/** What frameworks, examples and tutorials have; `development` is Probot's own when none is set. */
const KNOWN_SECRETS = /^(?:development|secret|changeme|change-me|password|test|webhook|github|countersign)/i;

/**
 * Reads the whole configuration from the environment. Nothing has a default that would be unsafe, and every problem is
 * named at once, each with what to do about it. There is no set-up wizard, in no mode.
 */
export function readConfiguration(environment: Environment): ReadConfiguration {
  const problems: string[] = [];
  const get = (name: string): string | null => {
    const value = environment[name]?.trim() ?? '';
    return value === '' ? null : value;
  };
  const refuse = (problem: string): null => {
    problems.push(problem);
    return null;
  };

  const appId = readNumber(get('APP_ID'), 1, Number.MAX_SAFE_INTEGER);
  if (appId === null) refuse("APP_ID has to be the app's number, which its settings page shows");
  const privateKey = readPrivateKey(get, refuse);
  const webhookSecret = readSecret(environment['WEBHOOK_SECRET'] ?? '', refuse);
  const port = get('PORT') === null ? 3000 : readNumber(get('PORT'), 0, 65_535);
  if (port === null) refuse('PORT has to be a number from 0 (any free port) to 65535');
  const host = get('HOST') ?? '127.0.0.1';
  if (!/^[A-Za-z0-9.:_-]{1,255}$/.test(host)) refuse('HOST has to be an address to listen on');
  const data = readData(get('COUNTERSIGN_DATA'), refuse);
  const logLevel = LEVELS.find((level) => level === (get('LOG_LEVEL') ?? 'info'));
  if (!logLevel) refuse(`LOG_LEVEL has to be one of ${LEVELS.join(', ')}`);
  const githubUrl = readUrl('GITHUB_URL', get('GITHUB_URL') ?? 'https://github.com', refuse);
  const apiUrl = readUrl('GITHUB_API_URL', get('GITHUB_API_URL') ?? 'https://api.github.com', refuse);
  const sweepMinutes = readNumber(get('COUNTERSIGN_SWEEP_MINUTES') ?? '60', 1, 10_080);
  if (sweepMinutes === null) refuse('COUNTERSIGN_SWEEP_MINUTES has to be a number from 1 to 10080 (a week)');

  if (
    problems.length > 0 ||
    appId === null ||
    privateKey === null ||
    webhookSecret === null ||
    port === null ||
    data === null ||
    logLevel === undefined ||
    githubUrl === null ||
    apiUrl === null ||
    sweepMinutes === null
  ) {
    return { ok: false, problems };
  }
  const configuration = {
    appId,
    privateKey,
    webhookSecret,
    host,
    port,
    data,
    logLevel,
    githubUrl,
    apiUrl,
    sweepMinutes,
  };
  return { ok: true, configuration };
}

type Get = (name: string) => string | null;
type Refuse = (problem: string) => null;

function readNumber(text: string | null, least: number, most: number): number | null {
  if (text === null || !/^(?:0|[1-9][0-9]{0,15})$/.test(text)) return null;
  const value = Number(text);
  return value >= least && value <= most ? value : null;
}

function readPrivateKey(get: Get, refuse: Refuse): string | null {
  const given = get('PRIVATE_KEY');
  const path = get('PRIVATE_KEY_PATH');
  if (given !== null && path !== null)
    return refuse('PRIVATE_KEY and PRIVATE_KEY_PATH are both set: leave one out');
  if (given === null && path === null) {
    return refuse(
      'PRIVATE_KEY_PATH has to name the key file that GitHub gave for the app (or PRIVATE_KEY hold it)',
    );
  }
  let pem = given?.replaceAll('\\n', '\n') ?? '';
  if (path !== null) {
    try {
      if (statSync(path).size > 65_536)
        return refuse('the file that PRIVATE_KEY_PATH names is too large for a key');
      pem = readFileSync(path, 'utf8');
    } catch (error) {
      return refuse(`the file that PRIVATE_KEY_PATH names cannot be read (${codeOf(error)})`);
    }
  }
  const name = path === null ? 'PRIVATE_KEY' : 'the file that PRIVATE_KEY_PATH names';
  try {
    const key = createPrivateKey(pem);
    const bits = key.asymmetricKeyDetails?.modulusLength ?? 0;
    if (key.asymmetricKeyType === 'rsa' && bits >= 2048) return pem;
  } catch {
    // What is wrong with it could hold parts of it, so it is not shown.
  }
  return refuse(`${name} holds no RSA private key in PEM form: download a new one from the app's settings`);
}

function readSecret(secret: string, refuse: Refuse): string | null {
  if (secret.trim() !== '' && /^[\s'"]|[\s'"]$/.test(secret)) {
    return refuse(
      'WEBHOOK_SECRET has a blank, a line end or a quote at its start or end: GitHub would sign with another one',
    );
  }
  const remedy = 'make one with `openssl rand -hex 32` and enter it in the settings of the app as well';
  if (secret.trim() === '') return refuse(`WEBHOOK_SECRET is missing: ${remedy}`);
  if (KNOWN_SECRETS.test(secret) && secret.length < 2 * SHORTEST_SECRET) {
    return refuse(`WEBHOOK_SECRET is a well-known word, or begins with one: ${remedy}`);
  }
  if (secret.length < SHORTEST_SECRET)
    return refuse(`WEBHOOK_SECRET is shorter than ${SHORTEST_SECRET} characters: ${remedy}`);
  if (new Set(secret).size < 8)
    return refuse(`WEBHOOK_SECRET repeats a few characters, so it can be guessed: ${remedy}`);
  return secret;
}

function readData(path: string | null, refuse: Refuse): string | null {
  if (path === null)
    return refuse('COUNTERSIGN_DATA has to name a directory for the store and the mirrors, which is kept');
  const directory = isAbsolute(path) ? path : resolve(path);
  try {
    mkdirSync(directory, { recursive: true, mode: 0o700 });
    if (!statSync(directory).isDirectory()) return refuse('COUNTERSIGN_DATA is not a directory');
    accessSync(directory, constants.R_OK | constants.W_OK | constants.X_OK);
    return directory;
  } catch (error) {
    return refuse(`the directory that COUNTERSIGN_DATA names cannot be written to (${codeOf(error)})`);
  }
}

/** HTTPS; plain HTTP to this machine alone, for tests and demonstrations: tokens go there. */
function readUrl(name: string, text: string, refuse: Refuse): string | null {
  const url = URL.canParse(text) ? new URL(text) : null;
  const loopback = url !== null && ['127.0.0.1', 'localhost', '[::1]'].includes(url.hostname);
  const secure = url?.protocol === 'https:' || (url?.protocol === 'http:' && loopback);
  if (url === null || !secure || url.username + url.password + url.search + url.hash !== '') {
    return refuse(`${name} has to be an https:// URL without a user name, a query or a fragment`);
  }
  return `${url.origin}${url.pathname.replace(/\/+$/, '')}`;
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : 'unknown error';
}
