import type { Io } from '../io.ts';
import { EXIT } from '../io.ts';
import { answering } from '../pull/answering.ts';
import { UsageError } from '../revisions.ts';
import { writeGuard } from './guard.ts';

/** What a hook was started with. */
export interface HookCall {
  /** Any folder of the repository; hooks start at the top of the work tree, or in the git directory. */
  readonly directory: string;
  readonly args: readonly string[];
  /** Everything from standard input. */
  readonly input: () => Promise<string>;
}

/** `countersign hook NAME`: what the files that `hooks install` writes call once something concerns a trusted branch. */
export function runHook(
  name: string,
  args: readonly string[],
  input: () => Promise<string>,
  io: Io,
): Promise<number> {
  // git sets it where the repository is not simply the one around the folder that the hook runs in (githooks(5)).
  const directory = io.path(io.environment['GIT_DIR'] ?? '.');
  const call: HookCall = { directory, args, input };
  return answering(`hook ${name}`, io, async () => {
    switch (name) {
      case 'branches': {
        const names = await writeGuard(directory, io);
        io.out(names.map((one) => `${one}\n`).join(''));
        return EXIT.pass;
      }
      case 'pre-push':
        return (await import('./pre-push.ts')).prePush(call, io);
      case 'post-merge':
        return (await import('./post-merge.ts')).postMerge(call, io);
      case 'reference-transaction':
        return (await import('./transaction.ts')).referenceTransaction(call, io);
      default:
        throw new UsageError(`\`${name}\` is no hook of ours: pre-push, post-merge or reference-transaction`);
    }
  });
}
