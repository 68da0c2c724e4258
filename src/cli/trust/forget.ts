import { counted } from '../../core/policy/words.ts';
import { cleanSentence } from '../../core/report/clean.ts';
import { jsonText } from '../../core/report/json.ts';
import { forgetMemory } from '../../trust/memory.ts';
import { EXIT, type Io } from '../io.ts';
import { answering, warningsText } from './answer.ts';
import { chooseEntries, memoryFolder } from './chosen.ts';
import { readTrust } from './place.ts';

export interface ForgetOptions {
  readonly branch?: readonly string[];
  readonly trust?: string;
  readonly json?: boolean;
}

/** `countersign trust forget`: drops what was proven, by whichever policy. */
export async function forgetTrust(given: string, options: ForgetOptions, io: Io): Promise<number> {
  return answering('forget', options, io, async () => {
    const trust = await readTrust(options.trust, io);
    io.err(warningsText(trust.warnings, io));
    const folder = memoryFolder(io);
    const forgotten: { url: string; branch: string; introduction: string; memories: number }[] = [];
    for (const { url, branch, introduction } of chooseEntries(trust, given, options.branch, io)) {
      const memories = await forgetMemory(folder, { branch, introduction });
      forgotten.push({ url, branch, introduction, memories });
    }
    if (options.json === true) io.out(`${jsonText({ ok: true, forgotten })}\n`);
    else {
      const lines = forgotten.map(({ url, branch, memories }) =>
        memories === 0
          ? `nothing was remembered of branch \`${branch}\` of \`${url}\``
          : `forgotten: ${counted(memories, 'memory', 'memories')} of branch \`${branch}\` of \`${url}\``,
      );
      const any = forgotten.some(({ memories }) => memories > 0);
      if (any)
        lines.push('  → until it is proven anew, an older state than the one you had would be accepted');
      io.out(`${lines.map(cleanSentence).join('\n')}\n`);
    }
    return EXIT.pass;
  });
}
