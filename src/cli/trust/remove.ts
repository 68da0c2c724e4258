import { cleanSentence } from '../../core/report/clean.ts';
import { jsonText } from '../../core/report/json.ts';
import { removeEntry } from '../../trust/edit.ts';
import { parseOrThrow } from '../../trust/find.ts';
import { readForChange, saveTrustFile } from '../../trust/save.ts';
import { EXIT, type Io } from '../io.ts';
import { answering, TrustRefusal } from './answer.ts';
import { chooseEntries } from './chosen.ts';
import { chooseFile, type FileOptions } from './place.ts';

export interface RemoveOptions extends FileOptions {
  readonly branch?: readonly string[];
  readonly json?: boolean;
}

/** `countersign trust remove`: takes entries out of one file. */
export async function removeTrust(given: string, options: RemoveOptions, io: Io): Promise<number> {
  return answering('remove', options, io, async () => {
    const { path, kind } = await chooseFile(options, io);
    const before = await readForChange(path, kind);
    const entries = before === null ? [] : parseOrThrow(before, path);
    const removed = chooseEntries({ entries }, given, options.branch, io);
    let bytes = before;
    // From the last on, so that those before keep their places.
    for (const index of removed.map((entry) => entries.indexOf(entry)).sort((a, b) => b - a)) {
      bytes = bytes === null ? null : removeEntry(bytes, index);
    }
    if (bytes === null) {
      throw new TrustRefusal(
        'trust-not-editable',
        `\`${path}\` is written in a way that cannot be changed without losing something of it`,
        'take the entry out by hand',
      );
    }
    await saveTrustFile(path, kind, before, bytes);
    if (options.json === true) {
      const shown = removed.map(({ url, branch, introduction }) => ({ url, branch, introduction }));
      io.out(`${jsonText({ ok: true, file: path, removed: shown })}\n`);
    } else {
      const lines = removed.map(({ url, branch }) => `removed: branch \`${branch}\` of \`${url}\``);
      io.out(`${[...lines, `written to \`${path}\``].map(cleanSentence).join('\n')}\n`);
    }
    return EXIT.pass;
  });
}
