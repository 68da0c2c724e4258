import { z } from 'zod';
import type { Oid } from '../core/object/id.ts';
import type { Annotation, CheckOutput } from '../core/report/check.ts';
import type { Requests } from './client.ts';
import { inRepository, type RepositoryName } from './pulls.ts';

/** A check run of ours. */
export interface CheckRun {
  readonly id: number;
  readonly name: string;
  readonly head: string;
  readonly completed: boolean;
  readonly conclusion: string | null;
  readonly title: string | null;
  readonly annotations: number;
}

/** Where check runs are written, and as whom. */
export interface Checks {
  readonly client: Requests;
  readonly name: RepositoryName;
  /** The app's id: runs of others are not ours, whatever they are called. */
  readonly app: number;
}

/** GitHub's limits (docs: REST API, check runs). */
const LONGEST_TEXT = 65_535;
const LONGEST_TITLE = 255;
const ANNOTATIONS_AT_ONCE = 50;
const MOST_RUNS = 10_000;

const run = z
  .object({
    id: z.int().positive(),
    name: z.string(),
    head_sha: z.string(),
    status: z.string(),
    conclusion: z.string().nullable(),
    app: z.object({ id: z.int() }).nullable(),
    output: z.object({ title: z.string().nullable(), annotations_count: z.int() }),
  })
  .transform(({ id, name, head_sha, status, conclusion, app, output }) => ({
    id,
    name,
    head: head_sha,
    completed: status === 'completed',
    conclusion,
    app: app?.id ?? null,
    title: output.title,
    annotations: output.annotations_count,
  }));

const list = z.object({ check_runs: z.array(run) }).transform(({ check_runs }) => check_runs);

/** The newest run of each name that this app has on a commit. */
export async function listOwnRuns(checks: Checks, head: Oid): Promise<readonly CheckRun[]> {
  const { client, name, app } = checks;
  const found = await client.list(
    'GET /repos/{owner}/{repo}/commits/{ref}/check-runs',
    { ...inRepository(name), ref: head, app_id: app, filter: 'latest' },
    list,
    MOST_RUNS,
  );
  const newest = new Map<string, CheckRun>();
  for (const one of found) {
    if (one.app !== app || one.head !== head) continue;
    const other = newest.get(one.name);
    if (!other || other.id < one.id) newest.set(one.name, one);
  }
  return [...newest.values()];
}

/**
 * Says that a verdict is on its way: the run of that name becomes `in_progress`, which also takes an older verdict back.
 * `existing` is used again; GitHub adds annotations up, so one that has some is followed by a new one, which counts
 * instead.
 */
export async function startRun(
  checks: Checks,
  head: Oid,
  name: string,
  existing: CheckRun | undefined,
): Promise<CheckRun> {
  const fields = { status: 'in_progress' };
  return existing && existing.annotations === 0
    ? update(checks, existing.id, fields)
    : create(checks, head, name, fields);
}

/** Publishes the end of a run: conclusion and output go up in one request, so no half of a verdict is ever shown. */
export async function completeRun(checks: Checks, started: CheckRun, output: CheckOutput): Promise<void> {
  const { title, conclusion } = output;
  const text = { title: title.slice(0, LONGEST_TITLE), summary: output.summary.slice(0, LONGEST_TEXT) };
  const annotations = output.annotations.slice(0, ANNOTATIONS_AT_ONCE).map(describeAnnotation);
  await update(checks, started.id, {
    status: 'completed',
    conclusion,
    output: annotations.length === 0 ? text : { ...text, annotations },
  });
}

/** Ends a run without a verdict. `cancelled` does not satisfy a required check. */
export async function cancelRun(
  checks: Checks,
  started: CheckRun,
  title: string,
  summary: string,
): Promise<void> {
  await completeRun(checks, started, {
    name: started.name,
    conclusion: 'cancelled',
    title,
    summary,
    annotations: [],
  });
}

async function create(
  checks: Checks,
  head: Oid,
  name: string,
  fields: Readonly<Record<string, unknown>>,
): Promise<CheckRun> {
  const before = new Set((await listOwnRuns(checks, head)).map(({ id }) => id));
  return checks.client.request(
    'POST /repos/{owner}/{repo}/check-runs',
    { ...inRepository(checks.name), name, head_sha: head, ...fields },
    run,
    {
      // The request may have been carried out although its answer got lost.
      findDone: async () => {
        const { client, name: repository, app } = checks;
        const asked = {
          ...inRepository(repository),
          ref: head,
          app_id: app,
          filter: 'latest',
          per_page: 100,
        };
        const raw = z.object({ check_runs: z.array(z.looseObject({ id: z.int(), name: z.string() })) });
        const found = await client.request('GET /repos/{owner}/{repo}/commits/{ref}/check-runs', asked, raw);
        return found.check_runs.find((one) => one.name === name && !before.has(one.id));
      },
    },
  );
}

function update(checks: Checks, id: number, fields: Readonly<Record<string, unknown>>): Promise<CheckRun> {
  return checks.client.request(
    'PATCH /repos/{owner}/{repo}/check-runs/{check_run_id}',
    { ...inRepository(checks.name), check_run_id: id, ...fields },
    run,
  );
}

function describeAnnotation({ path, line, column, endColumn, level, message }: Annotation): unknown {
  return {
    path,
    start_line: line,
    end_line: line,
    start_column: column,
    end_column: endColumn,
    annotation_level: level,
    message,
  };
}
