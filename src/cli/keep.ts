import { dirname } from 'node:path';
import type { Oid } from '../core/object/id.ts';
import type { Unkept } from '../core/verdict/catalogue/unkept.ts';
import { finding, type Finding } from '../core/verdict/finding.ts';
import type { OpenRepository } from '../git/reader.ts';
import { DamagedMemory, UnkeptMemory } from '../trust/memory.ts';
import { fileProblem } from './file-problem.ts';
import { isHere } from './history/past.ts';
import type { TrustedAnswer } from './history/trusted.ts';
import type { Io } from './io.ts';
import { stateFolder } from './state-folder.ts';

/** What a disk without room says (open(2), write(2)). */
const FULL = new Set(['ENOSPC', 'EDQUOT']);

/**
 * Remembers what was accepted as the highest state seen. Where that cannot be kept, what was proven is proven all the same:
 * the finding says so, and has to be shown. `null`: it is kept, or nothing was accepted.
 */
export async function keep(
  trusted: Pick<TrustedAnswer, 'accepted' | 'remember'>,
  { environment }: Pick<Io, 'environment'>,
): Promise<Finding | null> {
  if (trusted.accepted === null) return null;
  if (stateFolder(environment) === null) return finding('memory-not-kept', { why: 'no-place' });
  try {
    return (await trusted.remember()) ? null : finding('memory-not-kept', { why: 'overtaken' });
  } catch (error) {
    // What is wrong with the repository is no matter of where to write.
    if (error instanceof UnkeptMemory) return finding('memory-not-kept', whyOf(error));
    if (error instanceof DamagedMemory) {
      return finding('memory-not-kept', { why: 'damaged', path: error.path });
    }
    throw error;
  }
}

function whyOf({ reason, path, cause }: UnkeptMemory): Unkept {
  const folder = dirname(path);
  switch (reason) {
    case 'unwritable': {
      const code = cause instanceof Error && 'code' in cause ? String(cause.code) : '';
      return { why: FULL.has(code) ? 'full' : 'unwritable', folder, detail: fileProblem(cause) };
    }
    case 'foreign':
      return { why: 'foreign', folder };
    case 'locked':
      return { why: 'locked', lock: `${path}.lock` };
    case 'contended':
      return { why: 'contended', path };
  }
}

/**
 * Whether a place may be moved where nothing is remembered: it is the only memory then, and only goes forward, along the line
 * of first parents (trust.md A2).
 */
export async function goesForward(opened: OpenRepository, from: Oid | null, to: Oid): Promise<boolean> {
  if (from === null || from === to) return true;
  return (await isHere(opened, from)) && (await opened.line(from, to)) !== null;
}
