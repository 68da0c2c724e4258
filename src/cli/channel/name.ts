import type { TrustEntry } from '../../trust/entry.ts';
import { normalUrl } from '../../trust/url.ts';
import { UsageError } from '../revisions.ts';

/** A trusted branch as a channel. */
export interface Channel {
  /** Of its folder: `nixpkgs-master`. */
  readonly name: string;
  /** The word before its path in NIX_PATH: `nixpkgs`. */
  readonly word: string;
  readonly entry: TrustEntry;
}

/** Channels by what is trusted. Those that would be called the same bear the owners of their repositories as well. */
export function channelsOf(entries: readonly TrustEntry[]): readonly Channel[] {
  const named = (entry: TrustEntry, parts: number): Channel => {
    const path = partsOf(entry).slice(-parts);
    const word = plain(path.at(-1) ?? '');
    return { name: plain([...path, entry.branch].join('-')), word, entry };
  };
  const short = entries.map((entry) => named(entry, 1));
  const channels = short.map(({ name, entry }, index) =>
    short.filter((other) => other.name === name).length === 1
      ? (short[index] ?? named(entry, 1))
      : named(entry, Infinity),
  );
  const twice = channels.find(({ name }, index) =>
    channels.slice(index + 1).some((other) => other.name === name),
  );
  if (twice === undefined) return channels;
  throw new UsageError(`two branches that you trust would both be the channel \`${twice.name}\``);
}

/** The channel that a person means: by its name, or by that of its repository where that has one channel. */
export function findChannel(channels: readonly Channel[], name: string): Channel {
  const exact = channels.find((one) => one.name === name);
  const [only, ...others] = channels.filter(({ word }) => word === name);
  if (exact !== undefined) return exact;
  if (only !== undefined && others.length === 0) return only;
  const known = channels.map((one) => `\`${one.name}\``).join(', ');
  throw new UsageError(
    channels.length === 0
      ? 'no repository is trusted, so there is no channel: `countersign trust add` first'
      : `there is no channel \`${name}\`: your trust file makes ${known}`,
  );
}

/** The server and the folders of a URL, the last being the repository's name. */
function partsOf({ url }: TrustEntry): readonly string[] {
  const key = normalUrl(url)?.key ?? url;
  const parts = key.replace(/^file:\/\//, '').split('/');
  return parts.filter((part) => part !== '').map((part) => part.replace(/\.git$/, ''));
}

/** What can neither leave its folder, nor be hidden, nor be an option. */
function plain(text: string): string {
  const name = text.replace(/[^A-Za-z0-9._-]/g, '-').replace(/^[.-]+/, '');
  return name === '' ? 'channel' : name.slice(0, 200);
}
