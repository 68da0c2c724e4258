import type { ChildProcessWithoutNullStreams } from 'node:child_process';
import { Unreadable } from '../gather/ports.ts';
import type { ObjectType, Oid } from '../core/object/id.ts';
import { collectErrors, killGroup, startGit } from './run.ts';

/** One question to git and where its answer goes. Answers come in the order of the questions. */
export interface ObjectRequest {
  readonly command: 'info' | 'contents';
  readonly id: Oid;
  /** Contents larger than this end the process: sizes are asked for first, so only a changing store gets here. */
  readonly maxBytes: number;
  /** Called once, with `null` where the store lacks the object. */
  readonly header: (found: { readonly type: ObjectType; readonly size: number } | null) => void;
  /** Called for every piece of the contents, in order; the bytes are valid only during the call. */
  readonly chunk: (bytes: Uint8Array) => void;
}

export interface CatFile {
  /** Resolves when all requests are answered. Rejects with `Unreadable` where git dies or falls silent. */
  ask(requests: readonly ObjectRequest[]): Promise<void>;
  dispose(): Promise<void>;
}

interface Batch {
  open: number;
  readonly resolve: () => void;
  readonly reject: (error: Unreadable) => void;
}

interface Session {
  readonly child: ChildProcessWithoutNullStreams;
  readonly queue: { readonly request: ObjectRequest; readonly batch: Batch }[];
  readonly errors: () => string;
  readonly closed: Promise<void>;
  timer: NodeJS.Timeout | null;
  ended: boolean;
}

const HEADER_BYTES = 256;
const SILENCE_MS = 120_000;
const HEADER = /^([0-9a-f]{40,64}) (commit|tree|blob|tag) ([0-9]{1,15})$/;
const TYPES: Readonly<Record<string, ObjectType>> = {
  commit: 'commit',
  tree: 'tree',
  blob: 'blob',
  tag: 'tag',
};

/**
 * A long-lived `git cat-file --batch-command --buffer` (git-cat-file(1)). Started by the first question, started anew by
 * the next one where git died. `--batch --buffer` would hold answers back forever: here `flush` ends each batch.
 */
export function openCatFile(gitDir: string): CatFile {
  let session: Session | null = null;
  let disposed = false;

  function start(): Session {
    const child = startGit(['cat-file', '--batch-command', '--buffer'], { gitDir });
    const queue: Session['queue'] = [];
    const closed = new Promise<void>((resolve) => {
      child.once('close', () => {
        resolve();
      });
    });
    const fresh: Session = {
      child,
      queue,
      errors: collectErrors(child, []),
      closed,
      timer: null,
      ended: false,
    };
    const fail = (error: Unreadable): void => {
      if (fresh.ended) return;
      fresh.ended = true;
      if (fresh.timer !== null) clearTimeout(fresh.timer);
      if (session === fresh) session = null;
      killGroup(child);
      for (const batch of new Set(queue.map((entry) => entry.batch))) batch.reject(error);
      queue.length = 0;
    };
    const parser = answerParser(queue, fail);
    child.stdout.on('data', (chunk: Buffer) => {
      if (fresh.ended) return;
      watch(fresh, fail);
      parser(chunk);
    });
    child.on('error', (cause) => {
      fail(new Unreadable('git-failed', 'git could not be started; is it installed?', { cause }));
    });
    child.on('close', () => {
      fail(new Unreadable('git-failed', `git cat-file stopped: ${fresh.errors()}`));
    });
    child.stdin.on('error', () => undefined);
    return fresh;
  }

  return {
    ask(requests) {
      if (requests.length === 0) return Promise.resolve();
      if (disposed) return Promise.reject(new Unreadable('git-failed', 'the repository was closed'));
      const current = (session ??= start());
      return new Promise<void>((resolve, reject) => {
        const batch: Batch = { open: requests.length, resolve, reject };
        let lines = '';
        for (const request of requests) {
          current.queue.push({ request, batch });
          lines += `${request.command} ${request.id}\n`;
        }
        watch(current, (error) => {
          reject(error);
        });
        current.child.stdin.write(`${lines}flush\n`);
      });
    },
    async dispose() {
      disposed = true;
      const current = session;
      if (current === null) return;
      killGroup(current.child);
      await current.closed;
    },
  };
}

/** Ends a git that says nothing for too long while questions are open. */
function watch(session: Session, fail: (error: Unreadable) => void): void {
  if (session.timer !== null) clearTimeout(session.timer);
  session.timer = setTimeout(() => {
    if (session.queue.length === 0) return;
    fail(new Unreadable('git-failed', `git cat-file said nothing for ${SILENCE_MS / 1000} s`));
    killGroup(session.child);
  }, SILENCE_MS);
  session.timer.unref();
}

/**
 * Reads answers: a line `<id> <type> <size>`, for contents followed by that many bytes and a line feed; or a line
 * `<id> missing`. Whatever else comes ends the session, because positions are lost then.
 */
function answerParser(queue: Session['queue'], fail: (error: Unreadable) => void): (chunk: Buffer) => void {
  let line: Buffer = Buffer.alloc(0);
  let body = -1; // bytes of contents to come, its closing line feed not counted; -1 between answers

  function finish(): void {
    const done = queue.shift();
    body = -1;
    if (done === undefined) return;
    done.batch.open -= 1;
    if (done.batch.open === 0) done.batch.resolve();
  }

  function readHeader(text: string): boolean {
    const request = queue[0]?.request;
    if (request === undefined) return false;
    if (text === `${request.id} missing`) {
      request.header(null);
      finish();
      return true;
    }
    const [, id, typeName, sizeText] = HEADER.exec(text) ?? [];
    const type = typeName === undefined ? undefined : TYPES[typeName];
    if (id !== request.id || type === undefined) return false;
    const size = Number(sizeText);
    if (request.command === 'contents' && size > request.maxBytes) return false;
    request.header({ type, size });
    if (request.command === 'info') finish();
    else body = size;
    return true;
  }

  return (chunk) => {
    let at = 0;
    while (at < chunk.length) {
      if (body > 0) {
        const take = Math.min(body, chunk.length - at);
        queue[0]?.request.chunk(chunk.subarray(at, at + take));
        body -= take;
        at += take;
      } else if (body === 0) {
        if (chunk[at] !== 0x0a) {
          fail(new Unreadable('git-failed', 'git cat-file answered out of step'));
          return;
        }
        at += 1;
        finish();
      } else {
        const end = chunk.indexOf(0x0a, at);
        const piece = chunk.subarray(at, end < 0 ? chunk.length : end);
        const whole = line.length === 0 ? piece : Buffer.concat([line, piece]);
        const tooLong = whole.length > HEADER_BYTES;
        if (tooLong || (end >= 0 && !readHeader(whole.toString('latin1')))) {
          fail(new Unreadable('git-failed', 'git cat-file gave an answer that was not asked for'));
          return;
        }
        line = end < 0 ? Buffer.from(whole) : Buffer.alloc(0);
        at = end < 0 ? chunk.length : end + 1;
      }
    }
  };
}
