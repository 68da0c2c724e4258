import { counted } from '../../core/policy/words.ts';
import { cleanSentence, shellWord } from '../../core/report/clean.ts';
import { jsonText } from '../../core/report/json.ts';
import { Unreadable } from '../../gather/ports.ts';
import type { TrustEntry } from '../../trust/entry.ts';
import { openMemory, type Recalled } from '../../trust/memory.ts';
import { pinDocument } from '../../trust/pins.ts';
import { EXIT, type Io } from '../io.ts';
import { stateFolder } from '../state-folder.ts';
import { answering, warningsText } from './answer.ts';
import { readTrust } from './place.ts';

export interface ListOptions {
  readonly trust?: string;
  readonly json?: boolean;
}

interface Listed {
  readonly entry: TrustEntry;
  readonly recalled: Recalled | { readonly state: 'unreadable'; readonly reason: string };
}

/** `countersign trust list`: what is trusted here, by which file, and how far it was proven. */
export async function listTrust(options: ListOptions, io: Io): Promise<number> {
  return answering('list', options, io, async () => {
    const trust = await readTrust(options.trust, io);
    io.err(warningsText(trust.warnings, io));
    const state = stateFolder(io.environment);
    const listed: Listed[] = [];
    for (const entry of trust.entries) listed.push({ entry, recalled: await recall(entry, state) });
    if (options.json === true) {
      io.out(`${jsonText({ files: trust.files, warnings: trust.warnings, entries: listed.map(asJson) })}\n`);
    } else io.out(asText(listed, io));
    return listed.some(({ recalled }) => recalled.state === 'unreadable') ? EXIT.undetermined : EXIT.pass;
  });
}

async function recall(
  { branch, introduction }: TrustEntry,
  state: string | null,
): Promise<Listed['recalled']> {
  if (state === null) return { state: 'none' };
  try {
    return await openMemory(state, { branch, introduction, policy: null }).read();
  } catch (error) {
    if (error instanceof Unreadable) return { state: 'unreadable', reason: error.message };
    throw error;
  }
}

function asText(listed: readonly Listed[], io: Io): string {
  if (listed.length === 0) {
    return 'no repository is trusted\n  → countersign trust add INTRODUCTION   with the string that the project publishes\n';
  }
  const blocks = listed.map(({ entry, recalled }) => {
    const { url, branch, introduction, policy, project, heads, from } = entry;
    const people = [...heads].map(([name, pins]) => `${name} (${counted(pins.length, 'key')})`);
    const lines = [
      `  from \`${introduction}\` on`,
      ...(project === null ? [] : [`  project \`${project}\``]),
      ...(policy === null ? [] : [`  policy sha256:${policy}`]),
      ...(people.length === 0 ? [] : [`  newest commit said by ${people.join(', ')}`]),
      ...provenWords(recalled, url).map((words) => `  ${words}`),
      `  in \`${from}\``,
    ];
    const head = io.paint('bold', cleanSentence(`\`${url}\`, branch \`${branch}\``));
    return [head, ...lines.map(cleanSentence)].join('\n');
  });
  return `${blocks.join('\n\n')}\n`;
}

function provenWords(recalled: Listed['recalled'], url: string): readonly string[] {
  switch (recalled.state) {
    case 'none':
      return ['nothing was proven yet'];
    case 'ignored':
      return [`what was proven is ignored: ${recalled.reason}`];
    case 'unreadable':
      return [recalled.reason, `→ countersign trust forget ${shellWord(url)}`];
    case 'known': {
      const { commit, steps, ratified } = recalled.remembered.state;
      const of = ratified.length === 0 ? '' : `, ${ratified.length} of them ratified`;
      return [`proven up to \`${commit}\`, ${counted(steps, 'step')}${of}, on ${timeOf(recalled.at)}`];
    }
  }
}

function timeOf(at: number): string {
  return new Date(at * 1000).toISOString().replace('.000Z', 'Z');
}

function asJson({ entry, recalled }: Listed): unknown {
  const { url, project, branch, introduction, policy, heads, from } = entry;
  const pins = [...heads].map(([name, of]) => ({ name, keys: of.map(pinDocument) }));
  return {
    url,
    project,
    branch,
    introduction,
    policy: policy === null ? null : `sha256:${policy}`,
    heads: pins,
    from,
    memory: recalled.state,
    reason: 'reason' in recalled ? recalled.reason : null,
    proven:
      recalled.state === 'known'
        ? { ...recalled.remembered.state, verifier: recalled.remembered.verifier, at: timeOf(recalled.at) }
        : null,
  };
}
