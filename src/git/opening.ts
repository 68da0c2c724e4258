import { stat } from 'node:fs/promises';
import { parseOid } from '../core/object/id.ts';
import type { ObjectFormat, Oid } from '../core/object/id.ts';
import { Unreadable } from '../gather/ports.ts';
import { foreseenRefs, lookUpCommit, mayBeRef } from './refs.ts';
import type { Refs } from './refs.ts';
import { parseRevision } from './revision.ts';
import { failed, runGit } from './run.ts';

/** What will be asked of a repository, as far as the command line tells. */
export interface Foreseen {
  readonly revisions: readonly string[];
  /** Whole names of refs. */
  readonly refs?: readonly string[];
}

/** A repository that git has been asked about: see `openRepository`. */
export interface Opening {
  readonly directory: string;
  readonly place: Promise<Place>;
  readonly refs: Refs;
  /** See refs.ts. */
  readonly lookUpCommit: (name: string) => Promise<Oid | null>;
}

/** Where a user's repository is, by its own git's word. */
export interface Place {
  readonly gitDir: string;
  readonly objects: string;
  readonly format: ObjectFormat;
  /** The file that says where a clone was cut; `null` for a whole one. */
  readonly shallow: string | null;
}

/**
 * Asks git where a repository is and what its names stand for. Nothing waits for the answers: a program that does this first
 * loads the rest of itself meanwhile, which takes as long. Who opens it then hears of failures.
 */
export function beginOpening(directory: string, { revisions, refs = [] }: Foreseen): Opening {
  // First of all, since what follows the answer takes longest.
  const place = findPlace(directory);
  place.catch(() => undefined);
  const spelled = revisions.flatMap((revision) => parseRevision(revision)?.name ?? []);
  const names = new Set(spelled.filter((name) => parseOid(name) === null));
  const early = new Map([...names].map((name) => [name, lookUpCommit(directory, name).catch(() => null)]));
  return {
    directory,
    place,
    refs: foreseenRefs(directory, [...names].filter(mayBeRef), refs),
    lookUpCommit: (name) => early.get(name) ?? lookUpCommit(directory, name),
  };
}

async function findPlace(directory: string): Promise<Place> {
  const args = [
    'rev-parse',
    '--path-format=absolute',
    '--absolute-git-dir',
    '--git-path',
    'objects',
    '--git-path',
    'shallow',
    '--show-object-format',
    '--is-shallow-repository',
  ];
  const asking = runGit(args, { gitDir: null, cwd: directory });
  asking.catch(() => undefined);
  const found = await stat(directory).catch(() => null);
  if (found?.isDirectory() !== true) {
    throw new Unreadable('git-failed', `\`${directory}\` is not a directory`, { passing: false });
  }
  const result = await asking;
  if (result.code !== 0) throw notOpened(directory, args, result);
  const lines = Buffer.from(result.stdout).toString('utf8').replace(/\n$/, '').split('\n');
  const [gitDir, objects, cut, format, shallow] = lines;
  if (lines.length !== 5 || gitDir === undefined || objects === undefined || cut === undefined) {
    throw new Unreadable(
      'repository-untrusted',
      `the path of the repository at ${JSON.stringify(directory)} has a line break in it`,
      { passing: false },
    );
  }
  if (format !== 'sha1' && format !== 'sha256') {
    throw new Unreadable('git-failed', `object format \`${format ?? ''}\` is not known`, { passing: false });
  }
  return { gitDir, objects, format, shallow: shallow === 'true' ? cut : null };
}

function notOpened(
  directory: string,
  args: readonly string[],
  result: { code: number; stderr: string },
): Unreadable {
  if (result.stderr.includes('dubious ownership')) {
    return new Unreadable(
      'repository-untrusted',
      `the repository at \`${directory}\` belongs to another user: clone it into a folder of your own`,
      {
        passing: false,
      },
    );
  }
  if (/not a git repository/i.test(result.stderr)) {
    return new Unreadable('git-failed', `\`${directory}\` is not inside a git repository`, {
      passing: false,
    });
  }
  return failed(args, { ...result, stdout: new Uint8Array() });
}
