import { shellWord } from '../core/report/clean.ts';
import { Unreadable } from '../gather/ports.ts';

/** A memory that makes no sense: until a person has dropped it, an older state could pass for the newest. */
export class DamagedMemory extends Unreadable {
  readonly path: string;

  constructor(path: string, cause: unknown) {
    super(
      'file-unreadable',
      `the memory of what was proven last, \`${path}\`, cannot be read: find out what happened to it, then drop it with \`countersign trust forget URL\`, or remove that file`,
      { passing: false, cause },
    );
    this.name = 'DamagedMemory';
    this.path = path;
  }
}

export type UnkeptReason =
  /** `cause` is what the operating system said. */
  | 'unwritable'
  /** The folder is another user's. */
  | 'foreign'
  /** The lock did not become free. */
  | 'locked'
  /** Others wrote between each reading and writing of ours. */
  | 'contended';

/** What was proven cannot be remembered. */
export class UnkeptMemory extends Unreadable {
  readonly path: string;
  readonly reason: UnkeptReason;

  constructor(path: string, reason: UnkeptReason, cause?: unknown) {
    super(
      'file-unreadable',
      `what was proven cannot be remembered in \`${path}\` (${reason === 'unwritable' ? codeOf(cause) : reason}); without it, an older state could be served next time`,
      { passing: reason === 'locked' || reason === 'contended', cause },
    );
    this.name = 'UnkeptMemory';
    this.path = path;
    this.reason = reason;
  }
}

/** What was proven cannot be forgotten: a person has to do it by hand, and `remedy` says how. */
export class UnforgottenMemory extends Unreadable {
  readonly remedy: string;

  /** @param what of that the path is: one memory, or the folder of all */
  constructor(what: 'memory' | 'folder', path: string, cause: unknown) {
    const look = `find out what happened to it: \`ls -ld ${shellWord(path)}\``;
    super(
      'file-unreadable',
      what === 'memory'
        ? `the memory \`${path}\` cannot be removed`
        : `the folder of what was proven, \`${path}\`, cannot be read`,
      { passing: false, cause },
    );
    this.name = 'UnforgottenMemory';
    this.remedy =
      what === 'memory'
        ? `${look}; then remove it by hand, and update at once: until then an older state would be accepted`
        : `${look}; then make it a folder of your own again, or move it away: with it goes what was proven of every repository, so update them at once`;
  }
}

/** The operating system's word for an error, such as `EACCES`. */
export function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : 'unknown error';
}
