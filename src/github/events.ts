import type { z } from 'zod';
import {
  action,
  addedRepositories,
  branch as branchName,
  checkRun,
  checkSuite,
  installation,
  installedRepositories,
  issue,
  mergeGroup,
  place,
  pullRequest,
  push,
  retraction,
} from './payloads.ts';
import type { Subject } from './subject.ts';

/** A payload of an event that concerns us, without the fields that GitHub documents for it. */
export class PayloadError extends Error {
  override name = 'PayloadError';
}

const PULL_ACTIONS: Readonly<Record<string, readonly string[]>> = {
  pull_request: ['opened', 'synchronize', 'reopened', 'edited', 'ready_for_review'],
  pull_request_review: ['submitted', 'edited', 'dismissed'],
  pull_request_review_comment: ['created', 'edited', 'deleted'],
};

/**
 * What a webhook makes necessary. Pure: nothing of the payload is believed but which subject it is about, and all that
 * is judged is read anew. Events that change nothing about a verdict give none. Throws `PayloadError`.
 */
export function subjectsOf(event: string, payload: unknown): readonly Subject[] {
  switch (event) {
    case 'pull_request':
      return [...pullOf(event, payload), ...retractOf(payload)];
    case 'pull_request_review':
    case 'pull_request_review_comment':
      return pullOf(event, payload);
    case 'issue_comment':
      return ofComment(payload);
    case 'push':
      return ofPush(payload);
    case 'check_run':
      return actionOf(payload) === 'rerequested' ? sweepHead(payload, 'check_run') : [];
    case 'check_suite':
      return actionOf(payload) === 'rerequested' ? sweepHead(payload, 'check_suite') : [];
    case 'merge_group':
      return ofGroup(payload);
    case 'installation':
    case 'installation_repositories':
      return ofInstallation(event, payload);
    default:
      return [];
  }
}

function pullOf(event: string, payload: unknown): readonly Subject[] {
  if (PULL_ACTIONS[event]?.includes(actionOf(payload)) !== true) return [];
  return [{ kind: 'pull', ...read(place, payload), number: read(pullRequest, payload).pull_request.number }];
}

/** What stops being the head of an open pull request onto a branch: by a push, a new base, or because it was closed. */
function retractOf(payload: unknown): readonly Subject[] {
  const act = actionOf(payload);
  if (act !== 'closed' && act !== 'synchronize' && act !== 'edited') return [];
  const { pull_request, before, changes } = read(retraction, payload);
  const branch = act === 'edited' ? changes?.base?.ref?.from : pull_request.base.ref;
  const head = act === 'synchronize' ? before : pull_request.head.sha;
  return branch === undefined || head === undefined
    ? []
    : [{ kind: 'retract', ...read(place, payload), branch, head }];
}

function ofComment(payload: unknown): readonly Subject[] {
  if (!['created', 'edited', 'deleted'].includes(actionOf(payload))) return [];
  const { number, pull_request } = read(issue, payload).issue;
  if (pull_request === undefined || pull_request === null) return [];
  return [{ kind: 'pull', ...read(place, payload), number }];
}

/** Every branch: whether the policy enrols it is read from git, not from the payload. */
function ofPush(payload: unknown): readonly Subject[] {
  const { ref, before, after } = read(push, payload);
  const branch = branchOf(ref);
  if (branch === null) return [];
  const where = read(place, payload);
  return [
    { kind: 'push', ...where, branch, before, after },
    { kind: 'sweep', ...where, branch, head: null },
  ];
}

function sweepHead(payload: unknown, kind: 'check_run' | 'check_suite'): readonly Subject[] {
  const { head_sha: head } =
    kind === 'check_run' ? read(checkRun, payload).check_run : read(checkSuite, payload).check_suite;
  return [{ kind: 'sweep', ...read(place, payload), branch: null, head }];
}

function ofGroup(payload: unknown): readonly Subject[] {
  if (actionOf(payload) !== 'checks_requested') return [];
  const { head_sha: head, base_ref } = read(mergeGroup, payload).merge_group;
  const branch = branchOf(base_ref);
  if (branch === null) throw new PayloadError('`merge_group.base_ref` names no branch');
  return [{ kind: 'group', ...read(place, payload), branch, head }];
}

function ofInstallation(
  event: 'installation' | 'installation_repositories',
  payload: unknown,
): readonly Subject[] {
  const created = event === 'installation' && ['created', 'unsuspend'].includes(actionOf(payload));
  const added = event === 'installation_repositories' && actionOf(payload) === 'added';
  if (!created && !added) return [];
  const { id } = read(installation, payload).installation;
  const names = created
    ? read(installedRepositories, payload).repositories
    : read(addedRepositories, payload).repositories_added;
  // GitHub leaves the list out of some payloads: then everything is looked through.
  if (names === undefined) return [{ kind: 'everything' }];
  return names.map(({ full_name }): Subject => ({
    kind: 'sweep',
    installation: id,
    ...full_name,
    branch: null,
    head: null,
  }));
}

function branchOf(ref: string): string | null {
  if (!ref.startsWith('refs/heads/')) return null;
  const parsed = branchName.safeParse(ref.slice('refs/heads/'.length));
  if (!parsed.success) throw new PayloadError('the ref is not the name of a branch');
  return parsed.data;
}

function actionOf(payload: unknown): string {
  return read(action, payload).action;
}

function read<T extends z.ZodType>(schema: T, payload: unknown): z.output<T> {
  const parsed = schema.safeParse(payload);
  if (parsed.success) return parsed.data;
  const where = parsed.error.issues[0]?.path.join('.') ?? '';
  throw new PayloadError(`the payload lacks a usable \`${where.slice(0, 100)}\``);
}
