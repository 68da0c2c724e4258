import { join } from 'node:path';
import { counted } from '../../core/policy/words.ts';
import { clean } from '../../core/report/clean.ts';
import { jsonText } from '../../core/report/json.ts';
import { EXIT, type Io } from '../io.ts';
import { answering } from '../pull/answering.ts';
import { short } from '../history/words.ts';
import { channelsFolder, readChannels, type ListOptions, type Placed } from './place.ts';

/** `countersign channel list`: the channels that are here, and what they are at. */
export async function listChannels(options: ListOptions, io: Io): Promise<number> {
  return answering('channel list', io, async () => {
    const found = await readChannels(channelsFolder(io));
    if (options.json === true) io.out(`${jsonText({ channels: found.map(asJson) })}\n`);
    else io.out(asText(found, io));
    return EXIT.pass;
  });
}

function asText(found: readonly Placed[], { paint }: Io): string {
  if (found.length === 0) return 'there are no channels here: `countersign channel update NAME` makes one\n';
  return found
    .flatMap(({ name, folder, about, current, revisions }) => [
      `${paint('bold', name)}  ${current === null ? 'at nothing' : short(current)}  ${clean(about.url)} ${clean(about.branch)}, since ${clean(about.introduction.slice(0, 10))}`,
      `  ${clean(about.word)}=${join(folder, 'current')}  (${counted(revisions.length, 'tree')} kept)`,
    ])
    .map((line) => `${line}\n`)
    .join('');
}

function asJson({ name, folder, about, current, revisions }: Placed): Readonly<Record<string, unknown>> {
  return {
    ...{ name, ...about, current, path: join(folder, 'current') },
    revisions: revisions.map(({ rev, at }) => ({ rev, at: Math.floor(at) })),
  };
}
