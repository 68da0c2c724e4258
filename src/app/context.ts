import type { Checks } from '../github/checks.ts';
import type { Requests } from '../github/client.ts';
import type { Place, Subject } from '../github/subject.ts';
import { subjectKey } from '../github/subject.ts';
import type { Store, Work } from '../store/store.ts';
import type { Configuration } from './configuration.ts';
import type { Forge } from './forge.ts';
import type { Log } from './log.ts';
import type { Mirrors } from './mirrors.ts';

/** What handlers work with. */
export interface Context {
  readonly configuration: Configuration;
  readonly store: Store;
  readonly forge: Forge;
  readonly mirrors: Mirrors;
  readonly log: Log;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** Marks subjects as wanted. `background` lets what people wait for go first. */
  want(subjects: readonly Subject[], urgency: 'event' | 'background'): void;
}

export function workOf(subjects: readonly Subject[], urgency: 'event' | 'background'): readonly Work[] {
  return subjects.map((subject) => {
    // What takes a green back goes first.
    const first = ['push', 'retract', 'recall'].includes(subject.kind);
    const priority = urgency === 'background' ? 2 : first ? 0 : 1;
    return { key: subjectKey(subject), body: JSON.stringify(subject), priority };
  });
}

/** `urgent` is what takes a green back: it may use what is kept of the rate limit for that. */
export type Urgency = 'plain' | 'urgent';

export function clientOf({ forge }: Context, { installation }: Place, urgency: Urgency = 'plain'): Requests {
  const client = forge.installation(installation);
  return urgency === 'urgent' ? client.urgent : client;
}

export function checksOf(context: Context, place: Place, urgency: Urgency = 'plain'): Checks {
  const { owner, repo } = place;
  const client = clientOf(context, place, urgency);
  return { client, name: { owner, repo }, app: context.configuration.appId };
}

/** The repository as statements and policies name it: host and path. */
export function projectOf({ configuration }: Context, { owner, repo }: Place): string {
  return `${new URL(configuration.githubUrl).host}/${owner}/${repo}`;
}

/** Where people fetch the repository from. */
export function urlOf({ configuration }: Context, { owner, repo }: Place): string {
  return `${configuration.githubUrl}/${owner}/${repo}`;
}
