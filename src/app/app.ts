import { chmodSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { Subject } from '../github/subject.ts';
import { openStore } from '../store/sqlite.ts';
import type { Lease } from '../store/store.ts';
import { readConfiguration } from './configuration.ts';
import { workOf, type Context } from './context.ts';
import { openForge } from './forge.ts';
import { handleGroup } from './group.ts';
import { handleRetract } from './retract.ts';
import { redacting, reasonOf, type Log } from './log.ts';
import { openMirrors } from './mirrors.ts';
import { handlePull } from './pull.ts';
import { handlePush } from './push.ts';
import { startServer } from './server.ts';
import { handleEverything, handleSweep } from './sweep.ts';
import { handleRecall } from './take-back.ts';
import { startWorker, type Ending, type Turn } from './worker.ts';

export interface AppOptions {
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Instead of JSON lines on standard output. */
  readonly log?: Log;
  /** Before the first repetition of what failed. Defaults to 2 seconds. */
  readonly backoffMs?: number;
}

export interface RunningApp {
  readonly url: string;
  readonly port: number;
  /** Answers no more, ends or gives back what is being judged, closes everything. */
  stop(): Promise<void>;
  /** Resolves once no work is wanted or leased. */
  idle(): Promise<void>;
}

/** The configuration cannot be used. Each problem says what to do. */
export class ConfigurationError extends Error {
  override name = 'ConfigurationError';
  readonly problems: readonly string[];

  constructor(problems: readonly string[]) {
    super(problems.join('\n'));
    this.problems = problems;
  }
}

/** Starts the app: webhooks in, checks out. Throws `ConfigurationError`. */
export async function startApp(options: AppOptions): Promise<RunningApp> {
  const read = readConfiguration(options.environment);
  if (!read.ok) throw new ConfigurationError(read.problems);
  const { configuration } = read;
  const stopping = new AbortController();
  const file = join(configuration.data, 'countersign.sqlite');
  const store = openStore(file);
  // The trail holds what private repositories hold.
  chmodSync(file, 0o600);
  const forge = await openForge(configuration, async (milliseconds) => {
    await delay(milliseconds, undefined, { signal: stopping.signal });
  });
  const log = redacting(options.log ?? forge.log, [configuration.webhookSecret, configuration.privateKey]);
  const mirrors = openMirrors(configuration, (installation) => forge.token(installation));
  const context: Context = {
    configuration,
    store,
    forge,
    mirrors,
    log,
    now: () => Date.now(),
    want(subjects, urgency) {
      store.want(workOf(subjects, urgency), Date.now());
    },
  };
  const worker = startWorker({
    store,
    log,
    backoffMs: options.backoffMs ?? 2_000,
    handle: (lease, turn) => handle(context, lease, turn),
  });
  const sweepAll = (): void => {
    try {
      store.prune(Date.now());
      context.want([{ kind: 'everything' }], 'background');
      worker.wake();
    } catch (error) {
      log.error({ reason: reasonOf(error) }, 'the regular sweep could not be started');
    }
  };
  const close = async (): Promise<void> => {
    stopping.abort();
    await worker.stop();
    await mirrors.dispose();
    store.close();
  };
  const server = await startServer({
    host: configuration.host,
    port: configuration.port,
    verify: (body, signature) => forge.verify(body, signature),
    want: (subjects, delivery) => {
      store.want(workOf(subjects, 'event'), Date.now(), delivery);
      worker.wake();
    },
    ping: () => {
      store.ping();
    },
    log,
  }).catch(async (error: unknown) => {
    await close();
    throw error;
  });
  sweepAll();
  const regular = setInterval(sweepAll, configuration.sweepMinutes * 60_000);
  return {
    url: server.url,
    port: server.port,
    idle: () => worker.idle(),
    async stop() {
      clearInterval(regular);
      await server.stop();
      await close();
    },
  };
}

async function handle(context: Context, lease: Lease, turn: Turn): Promise<Ending> {
  // Written by `workOf`, into a file that only the app writes.
  const subject = JSON.parse(lease.body) as Subject;
  switch (subject.kind) {
    case 'pull':
      return handlePull(context, subject, turn);
    case 'push':
      return handlePush(context, subject, turn);
    case 'sweep':
      return handleSweep(context, subject);
    case 'retract':
      return handleRetract(context, subject, turn);
    case 'recall':
      return handleRecall(context, subject);
    case 'group':
      return handleGroup(context, subject, turn);
    case 'everything':
      return handleEverything(context);
  }
}
