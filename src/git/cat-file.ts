import type { ChildProcessWithoutNullStreams } from 'node:child_process';
import { Unreadable } from '../gather/ports.ts';
import type { ObjectType, Oid } from '../core/object/id.ts';
import { collectErrors, killGroup, startGit } from './run.ts';

/** A question about objects and where its answers go, which come in the order of `ids`, each with its place there. */
export interface Question {
  readonly command: 'info' | 'contents';
  readonly ids: readonly Oid[];
  /** Contents larger than this end the process: sizes are asked for first, so only a changing store gets here. */
  readonly maxBytes: number;
  /** Called once for each, with `null` where the store lacks the object. */
  readonly header: (
    index: number,
    found: { readonly type: ObjectType; readonly size: number } | null,
  ) => void;
  /** Called for every piece of the contents, in order; the bytes are valid only during the call. */
  readonly chunk: (index: number, bytes: Uint8Array) => void;
}

export interface CatFile {
  /** Resolves when all is answered. Rejects with `Unreadable` where git dies while it answers this, or falls silent. */
  ask(question: Question): Promise<void>;
  dispose(): Promise<void>;
}

interface Asked {
  readonly question: Question;
  /** Answers so far. */
  done: number;
  readonly resolve: () => void;
  readonly reject: (error: Unreadable) => void;
}

interface Session {
  readonly child: ChildProcessWithoutNullStreams;
  readonly queue: Asked[];
  readonly errors: () => string;
  readonly closed: Promise<void>;
  /** Ends it and rejects all that is open. */
  readonly fail: (error: Unreadable) => void;
  /** What is to be written at the end of this turn of the event loop: one system call for all who ask in it. */
  lines: string;
  timer: NodeJS.Timeout | null;
  ended: boolean;
}

const HEADER_BYTES = 256;
const SILENCE_MS = 120_000;
const MISSING = ' missing';
const SIZE = /^[0-9]{1,15}$/;
const EMPTY = Buffer.alloc(0);
const TYPES: Readonly<Record<string, ObjectType>> = {
  commit: 'commit',
  tree: 'tree',
  blob: 'blob',
  tag: 'tag',
};

/**
 * A long-lived `git cat-file --batch-command --buffer` (git-cat-file(1)). Started by the first question, started anew
 * where git died: an object that is damaged fails the question that was being answered, and those behind it, of which
 * nothing was answered yet, are asked again in their order. Each death answers one question, so there are no more of them
 * than questions. `--batch --buffer` would hold answers back forever: here `flush` ends each batch.
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
    const end = (): boolean => {
      if (fresh.ended) return false;
      fresh.ended = true;
      if (fresh.timer !== null) clearTimeout(fresh.timer);
      if (session === fresh) session = null;
      killGroup(child);
      return true;
    };
    // What the next git would not do better.
    const fail = (error: Unreadable): void => {
      if (!end()) return;
      for (const asked of queue.splice(0)) asked.reject(error);
    };
    const failFirst = (error: Unreadable): void => {
      if (disposed) {
        fail(error);
        return;
      }
      if (!end()) return;
      const [first, ...others] = queue.splice(0);
      first?.reject(error);
      for (const asked of others) put(asked);
    };
    const fresh: Session = {
      child,
      queue,
      errors: collectErrors(child, []),
      closed,
      fail,
      lines: '',
      timer: null,
      ended: false,
    };
    const parser = answerParser(queue, failFirst);
    child.stdout.on('data', (chunk: Buffer) => {
      if (fresh.ended) return;
      watch(fresh);
      parser(chunk);
    });
    child.on('error', (cause) => {
      fail(new Unreadable('git-failed', 'git could not be started; is it installed?', { cause }));
    });
    child.on('close', () => {
      failFirst(new Unreadable('git-failed', `git cat-file stopped: ${fresh.errors()}`));
    });
    child.stdin.on('error', () => undefined);
    return fresh;
  }

  function put(asked: Asked): void {
    const current = (session ??= start());
    const { command, ids } = asked.question;
    current.queue.push(asked);
    watch(current);
    if (current.lines === '') setImmediate(write, current);
    for (const id of ids) current.lines += `${command} ${id}\n`;
  }

  function write(current: Session): void {
    const { lines } = current;
    current.lines = '';
    if (!current.ended) current.child.stdin.write(`${lines}flush\n`, 'latin1');
  }

  return {
    ask(question) {
      if (question.ids.length === 0) return Promise.resolve();
      if (disposed) return Promise.reject(new Unreadable('git-failed', 'the repository was closed'));
      return new Promise<void>((resolve, reject) => {
        put({ question, done: 0, resolve, reject });
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
function watch(session: Session): void {
  if (session.timer !== null) {
    session.timer.refresh();
    return;
  }
  session.timer = setTimeout(() => {
    if (session.queue.length === 0) return;
    session.fail(new Unreadable('git-failed', `git cat-file said nothing for ${SILENCE_MS / 1000} s`));
  }, SILENCE_MS);
  session.timer.unref();
}

/**
 * Reads answers: a line `<id> <type> <size>`, for contents followed by that many bytes and a line feed; or a line
 * `<id> missing`. Whatever else comes ends the session, because positions are lost then.
 */
function answerParser(queue: Session['queue'], fail: (error: Unreadable) => void): (chunk: Buffer) => void {
  let line: Buffer = EMPTY;
  let body = -1; // bytes of contents to come, its closing line feed not counted; -1 between answers

  function finish(): void {
    body = -1;
    const [asked] = queue;
    if (asked === undefined) return;
    asked.done += 1;
    if (asked.done < asked.question.ids.length) return;
    queue.shift();
    asked.resolve();
  }

  function readHeader(text: string): boolean {
    const [asked] = queue;
    if (asked === undefined) return false;
    const { question, done } = asked;
    const id = question.ids[done] ?? '';
    if (!text.startsWith(id) || text[id.length] !== ' ') return false;
    const space = text.indexOf(' ', id.length + 1);
    if (space < 0) {
      if (text.length !== id.length + MISSING.length || !text.endsWith(MISSING)) return false;
      question.header(done, null);
      finish();
      return true;
    }
    const type = TYPES[text.slice(id.length + 1, space)];
    const digits = text.slice(space + 1);
    if (type === undefined || !SIZE.test(digits)) return false;
    const size = Number(digits);
    if (question.command === 'contents' && size > question.maxBytes) return false;
    question.header(done, { type, size });
    if (question.command === 'info') finish();
    else body = size;
    return true;
  }

  return (chunk) => {
    let at = 0;
    while (at < chunk.length) {
      if (body > 0) {
        const take = Math.min(body, chunk.length - at);
        const [asked] = queue;
        asked?.question.chunk(asked.done, chunk.subarray(at, at + take));
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
        const stop = end < 0 ? chunk.length : end;
        const whole = line.length === 0 && end >= 0 ? null : Buffer.concat([line, chunk.subarray(at, stop)]);
        const text = whole === null ? chunk.toString('latin1', at, stop) : whole.toString('latin1');
        if (text.length > HEADER_BYTES || (end >= 0 && !readHeader(text))) {
          fail(new Unreadable('git-failed', 'git cat-file gave an answer that was not asked for'));
          return;
        }
        line = end < 0 ? (whole ?? EMPTY) : EMPTY;
        at = end < 0 ? chunk.length : end + 1;
      }
    }
  };
}
