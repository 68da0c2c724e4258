import { join } from 'node:path';
import { parseCommit } from '../../core/object/commit.ts';
import type { Oid } from '../../core/object/id.ts';
import { clean, cleanSentence, shellWord } from '../../core/report/clean.ts';
import { jsonText } from '../../core/report/json.ts';
import { worst, type Outcome } from '../../core/verdict/outcome.ts';
import { describe, type Finding } from '../../core/verdict/finding.ts';
import { Unreadable } from '../../gather/ports.ts';
import { withLock } from '../../git/lock.ts';
import { openTrust } from '../../trust/find.ts';
import { outcomeOf, withFollowed, type FollowedBranch } from '../followed/followed.ts';
import { judgeMove } from '../followed/move.ts';
import { EXIT, type Io } from '../io.ts';
import { answering } from '../pull/answering.ts';
import { findingLines, remedyLines } from '../finding-lines.ts';
import { keep } from '../keep.ts';
import { findingJson, findingsJson } from '../history/report.ts';
import { short } from '../history/words.ts';
import { UsageError } from '../revisions.ts';
import { clearAway, installTree, removeTrees, switchTo } from './install.ts';
import { channelsOf, findChannel, type Channel } from './name.ts';
import {
  aboutOf,
  channelsFolder,
  onDisk,
  openChannel,
  readChannel,
  readChannels,
  type ChannelOptions,
} from './place.ts';

/** How many trees are kept: the one in use and those before it. */
const KEPT = 3;

interface Updated {
  readonly channel: Channel;
  readonly branch: FollowedBranch;
  readonly outcome: Outcome;
  readonly before: Oid | null;
  /** What it is at now, because that is proven; `null`: nothing was changed. */
  readonly accepted: Oid | null;
  readonly stop: Finding | null;
  readonly problem: string | null;
  /** Why what was proven could not be remembered. */
  readonly unkept: Finding | null;
  /** Where the trees are. */
  readonly current: string;
}

/** `countersign channel update`: switches channels to the newest proven commits of their branches. */
export async function updateChannel(
  name: string | undefined,
  options: ChannelOptions,
  io: Io,
): Promise<number> {
  return answering('channel update', io, async () => {
    const folder = channelsFolder(io);
    const trust = await openTrust({
      file: options.trust === undefined ? null : io.path(options.trust),
      folder: null,
      environment: io.environment,
    });
    for (const { message } of trust.warnings) io.err(`countersign: ${clean(message)}\n`);
    const channels = channelsOf(trust.entries);
    const chosen = name === undefined ? await chooseAll(folder, channels) : [findChannel(channels, name)];
    const entries = chosen.map(({ entry }) => entry);
    const allowDowngrade = options.allowDowngrade === true;
    return withFollowed(entries, allowDowngrade, io, async (branches) => {
      const all: Updated[] = [];
      for (const channel of chosen) {
        const branch = branches.get(channel.entry);
        if (branch !== undefined)
          all.push(await update(channel, branch, join(folder, channel.name), allowDowngrade, io));
      }
      if (options.json === true) io.out(`${jsonText({ channels: all.map(asJson) })}\n`);
      else io.out(asText(all, io));
      return EXIT[worst(all.map(({ outcome }) => outcome))];
    });
  });
}

/** Those that are here; where none is, the only one that there could be. */
async function chooseAll(folder: string, channels: readonly Channel[]): Promise<readonly Channel[]> {
  const here = new Set((await readChannels(folder)).map(({ name }) => name));
  const known = channels.filter(({ name }) => here.has(name));
  if (known.length > 0) return known;
  const [only, ...others] = channels;
  if (only !== undefined && others.length === 0) return [only];
  const names = channels.map(({ name }) => `\`${name}\``).join(', ');
  throw new UsageError(
    only === undefined
      ? 'no repository is trusted, so there is no channel: `countersign trust add` first'
      : `say which channel: ${names}`,
  );
}

async function update(
  channel: Channel,
  branch: FollowedBranch,
  folder: string,
  allowDowngrade: boolean,
  io: Io,
): Promise<Updated> {
  const current = join(folder, 'current');
  const stays = { before: null, accepted: null, stop: null, problem: null, unkept: null };
  const nothing = { channel, branch, current, ...stays };
  const accepted = branch.trusted?.accepted ?? null;
  if (branch.trusted === null || accepted === null) {
    return { ...nothing, outcome: outcomeOf(branch), problem: branch.problem };
  }
  try {
    await openChannel(folder, aboutOf(channel.entry, channel.word));
    const alone = <T>(act: () => Promise<T>): Promise<T> =>
      onDisk(folder, () => withLock(`${folder}.lock`, act));
    return await alone(async () => {
      await clearAway(folder);
      const before = await currentOf(channel, folder);
      const stop = before === null || allowDowngrade ? null : await judgeMove(branch, before, accepted);
      if (stop !== null) return { ...nothing, before, stop, outcome: stop.outcome };
      await installTree(branch.opened, folder, accepted, await treeOf(branch, accepted));
      const unkept = await keep(branch.trusted, io);
      // What another process has remembered is ahead of this, or a fork of it.
      if (unkept?.code === 'memory-not-kept' && unkept.data.why === 'overtaken') {
        return { ...nothing, before, unkept, outcome: 'undetermined' };
      }
      const late = await switchTo(folder, accepted, async () => {
        // Going back was accepted from where the channel was, not from where others have taken it since.
        const now = await currentOf(channel, folder);
        const found = now === before || now === null ? null : await judgeMove(branch, now, accepted);
        return found === null ? null : { before: now, stop: found, outcome: found.outcome };
      });
      if (late !== null) return { ...nothing, ...late, unkept };
      const problem = await clearOld(channel, folder, accepted);
      const outcome = problem === null ? 'pass' : 'undetermined';
      return { ...nothing, before, accepted, outcome, problem, unkept };
    });
  } catch (error) {
    if (!(error instanceof Unreadable)) throw error;
    return { ...nothing, outcome: 'undetermined', problem: error.message };
  }
}

async function currentOf({ name }: Channel, folder: string): Promise<Oid | null> {
  return (await readChannel(folder, name))?.current ?? null;
}

/** Once the channel has moved: what goes wrong from here on is said, and undoes nothing. */
async function clearOld({ name }: Channel, folder: string, accepted: Oid): Promise<string | null> {
  try {
    const placed = await readChannel(folder, name);
    const others = (placed?.revisions ?? []).map(({ rev }) => rev).filter((rev) => rev !== accepted);
    await removeTrees(folder, others.slice(KEPT - 1));
    return null;
  } catch (error) {
    if (error instanceof Unreadable) return error.message;
    throw error;
  }
}

async function treeOf(
  { opened }: Extract<FollowedBranch, { readonly problem: null }>,
  id: Oid,
): Promise<Oid> {
  const [raw] = await opened.repository.readCommits([id]);
  const parsed = parseCommit(id, raw ?? new Uint8Array());
  if (parsed.ok) return parsed.commit.tree;
  throw new Unreadable('object-forged', `commit \`${id}\`: ${parsed.detail}`, { passing: false });
}

/** What nix looks names up in: https://nix.dev/manual/nix/stable/command-ref/env-common (NIX_PATH). */
export function nixPath(word: string, current: string): string {
  return `${word}=${current}`;
}

function asText(all: readonly Updated[], io: Io): string {
  const lines = all.flatMap((one) => {
    const { channel, branch, outcome, before, accepted, stop, problem, unkept, current } = one;
    const { name, word } = channel;
    const said = (branch.trusted?.summary ?? []).map((line) => `  ${cleanSentence(line)}`);
    const title = io.paint('bold', name);
    const old = before === null ? '(new)' : short(before);
    if (accepted === null) {
      const refused = (branch.trusted?.findings ?? []).filter((found) => found.outcome !== 'pass');
      return [
        `${title}: ${io.paint(outcome, outcome)}, nothing was changed`,
        ...(problem === null ? [] : [`  ${cleanSentence(problem)}`]),
        ...[stop, unkept].flatMap((found) => (found === null ? [] : findingLines(found, io.paint))),
        ...said,
        ...refused.flatMap(remedyLines),
      ];
    }
    const how = before === accepted ? `already at ${short(accepted)}` : `${old} → ${short(accepted)}`;
    return [
      `${title}: ${io.paint('pass', 'proven')}, ${how}`,
      ...(problem === null ? [] : [`  ${cleanSentence(problem)}`]),
      ...said,
      ...(unkept === null ? [] : findingLines(unkept, io.paint)),
      `export NIX_PATH=${shellWord(nixPath(word, current))}`,
    ];
  });
  return lines.map((line) => `${line}\n`).join('');
}

function asJson(one: Updated): Readonly<Record<string, unknown>> {
  const { channel, branch, outcome, before, accepted, stop, problem, unkept, current } = one;
  const found = branch.trusted === null ? [] : findingsJson(branch.trusted);
  const why = stop ?? (accepted === null ? unkept : null);
  const own = [stop, unkept].filter((one) => one !== null).map(findingJson);
  return {
    ...{ name: channel.name, branch: channel.entry.branch, outcome, before, accepted, head: branch.head },
    ahead: branch.trusted?.answer.ahead ?? null,
    current,
    nixPath: nixPath(channel.word, current),
    problem: problem ?? (why === null ? null : cleanSentence(describe(why).cause)),
    findings: [...own, ...found],
    summary: branch.trusted?.summary ?? [],
  };
}
