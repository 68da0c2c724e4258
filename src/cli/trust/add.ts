import { cleanSentence } from '../../core/report/clean.ts';
import { jsonText } from '../../core/report/json.ts';
import { Unreadable } from '../../gather/ports.ts';
import { addEntry, setField, setHeads } from '../../trust/edit.ts';
import type { TrustEntry } from '../../trust/entry.ts';
import { findEntries, parseOrThrow, readOne } from '../../trust/find.ts';
import { mergeEntries } from '../../trust/merge.ts';
import { readForChange, saveTrustFile } from '../../trust/save.ts';
import { EXIT, type Io } from '../io.ts';
import { answering, TrustRefusal } from './answer.ts';
import { chooseFile, type ChosenFile, type FileOptions } from './place.ts';
import { readWanted, type Wanted, type WantedOptions } from './wanted.ts';

export interface AddOptions extends FileOptions, WantedOptions {
  readonly replace?: boolean;
  readonly json?: boolean;
}

interface Done {
  readonly wanted: Wanted;
  readonly change: 'added' | 'completed' | 'replaced' | 'unchanged';
  /** What was trusted before, where it was replaced. */
  readonly before: TrustEntry | null;
}

/** `countersign trust add`: writes from where on a repository is trusted. */
export async function addTrust(given: readonly string[], options: AddOptions, io: Io): Promise<number> {
  return answering('add', options, io, async () => {
    const wanted = await readWanted(given, options, io);
    const file = await chooseFile(options, io);
    const before = await readForChange(file.path, file.kind);
    const done: Done[] = [];
    let bytes = before;
    for (const one of wanted) {
      const put = putEntry(bytes, one, file, options.replace === true);
      bytes = put.bytes;
      done.push(put.done);
    }
    if (bytes !== null && bytes !== before) {
      await refuseDisagreement(parseOrThrow(bytes, file.path), file, io);
      await saveTrustFile(file.path, file.kind, before, bytes);
    }
    if (wanted.some(({ url }) => url.concealed)) {
      io.err('countersign trust add: what the URL had of a user name, password or token was left out\n');
    }
    io.out(options.json === true ? `${jsonText(asJson(done, file))}\n` : asText(done, file, io));
    return EXIT.pass;
  });
}

function putEntry(
  bytes: Uint8Array | null,
  wanted: Wanted,
  file: ChosenFile,
  replace: boolean,
): { readonly bytes: Uint8Array | null; readonly done: Done } {
  const entries = bytes === null ? [] : parseOrThrow(bytes, file.path);
  const old = findEntries({ entries }, wanted.url.fetch).find(({ branch }) => branch === wanted.branch);
  if (bytes === null || old === undefined) {
    const added = addEntry(bytes, documentOf(wanted));
    return { bytes: orRefuse(added, wanted, file), done: { wanted, change: 'added', before: null } };
  }
  const index = entries.indexOf(old);
  const other = differsFrom(old, wanted);
  if (other !== null && !replace) {
    throw new TrustRefusal(
      'trust-other-introduction',
      `\`${file.path}\` already trusts branch \`${old.branch}\` of \`${old.url}\` otherwise: ${other}`,
      'find out why it differs before you say --replace: whoever can make you do that decides what you trust',
    );
  }
  let next: Uint8Array | null = bytes;
  const set = (name: 'introduction' | 'project' | 'policy', value: string | null): void => {
    next = orRefuse(next === null ? null : setField(next, index, name, value), wanted, file);
  };
  if (other !== null) {
    set('introduction', wanted.introduction);
    set('policy', wanted.policy === null ? null : `sha256:${wanted.policy}`);
    set('project', wanted.project);
    // They were taken from the policy at the old introduction.
    next = orRefuse(setHeads(next, index, null), wanted, file);
    return { bytes: next, done: { wanted, change: 'replaced', before: old } };
  }
  if (wanted.policy !== null && old.policy === null) set('policy', `sha256:${wanted.policy}`);
  if (wanted.project !== null && old.project === null) set('project', wanted.project);
  const change = next === bytes ? 'unchanged' : 'completed';
  return { bytes: next, done: { wanted, change, before: null } };
}

function differsFrom(old: TrustEntry, wanted: Wanted): string | null {
  const differ = (a: string | null, b: string | null): boolean => a !== null && b !== null && a !== b;
  if (old.introduction !== wanted.introduction) {
    return `from \`${old.introduction}\` on, not from \`${wanted.introduction}\``;
  }
  if (differ(old.policy, wanted.policy)) return 'with another policy at the introduction';
  if (differ(old.project, wanted.project)) return `as project \`${old.project ?? ''}\``;
  return null;
}

function documentOf({ url, project, branch, introduction, policy }: Wanted): Parameters<typeof addEntry>[1] {
  return {
    url: url.fetch,
    ...(project === null ? {} : { project }),
    branch,
    introduction,
    ...(policy === null ? {} : { policy: `sha256:${policy}` }),
  };
}

function orRefuse(edited: Uint8Array | null, wanted: Wanted, file: ChosenFile): Uint8Array {
  if (edited !== null) return edited;
  throw new TrustRefusal(
    'trust-not-editable',
    `\`${file.path}\` is written in a way that cannot be changed without losing something of it`,
    `write it by hand: branch \`${wanted.branch}\`, introduction \`${wanted.introduction}\``,
  );
}

/** Nothing is written that the next command would refuse to choose from. */
async function refuseDisagreement(
  entries: readonly TrustEntry[],
  { path, kind }: ChosenFile,
  io: Io,
): Promise<void> {
  if (kind === 'given') return;
  const place = { folder: io.path('.'), environment: io.environment };
  const other = await readOne(kind === 'own' ? 'lock' : 'own', place);
  try {
    mergeEntries(kind === 'own' ? entries : other, kind === 'own' ? other : entries);
  } catch (error) {
    if (!(error instanceof Unreadable)) throw error;
    throw new TrustRefusal('trust-disagrees', error.message, `nothing was written to \`${path}\``);
  }
}

function asText(done: readonly Done[], { path }: ChosenFile, io: Io): string {
  const lines = done.flatMap(({ wanted, change, before }) => {
    const { url, branch, introduction, policy, project, branchFrom } = wanted;
    return [
      `${WORDS[change]}: branch \`${branch}\` of \`${url.fetch}\`, from \`${introduction}\` on`,
      ...(branchFrom === 'policy' ? [`  \`${branch}\` is the only branch of the policy at that commit`] : []),
      ...(project === null ? [] : [`  project \`${project}\``]),
      ...(policy === null ? [] : [`  policy sha256:${policy}`]),
      ...(before === null ? [] : replacedLines(before)),
    ];
  });
  if (done.some(({ change }) => change !== 'unchanged')) lines.push(`written to \`${path}\``);
  if (done.some(({ change }) => change === 'added' || change === 'replaced')) {
    lines.push(
      '  → everything rests on the introduction: compare it with what the project says in another place',
    );
  }
  return `${lines.map((line) => paintHead(cleanSentence(line), io)).join('\n')}\n`;
}

const WORDS: Readonly<Record<Done['change'], string>> = {
  added: 'trusted',
  completed: 'completed',
  replaced: 'replaced',
  unchanged: 'trusted already',
};

function paintHead(line: string, io: Io): string {
  return /^(?:trusted|completed|replaced)/.test(line) ? io.paint('pass', line) : line;
}

function replacedLines(before: TrustEntry): string[] {
  return [
    `  before: from \`${before.introduction}\` on; what was proven from there counts for nothing now`,
    ...(before.heads.size === 0
      ? []
      : ['  the keys under `heads` were of the old introduction and are gone: `countersign trust pin`']),
  ];
}

function asJson(done: readonly Done[], { path }: ChosenFile): unknown {
  return {
    ok: true,
    file: path,
    entries: done.map(({ wanted, change, before }) => ({
      change,
      url: wanted.url.fetch,
      project: wanted.project,
      branch: wanted.branch,
      branchFrom: wanted.branchFrom,
      introduction: wanted.introduction,
      policy: wanted.policy === null ? null : `sha256:${wanted.policy}`,
      replaced: before?.introduction ?? null,
    })),
  };
}
