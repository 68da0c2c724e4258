import { describeCheckSuite, describePayloadCheckRun } from '../describe/check-run.ts';
import { announce } from '../deliveries.ts';
import { readCommit } from '../git/commit.ts';
import { integerAt, objectAt, objectsAt, textAt } from '../json.ts';
import type { JsonObject } from '../json.ts';
import { conclusions } from '../model.ts';
import type { App, CheckRun, CheckStatus, CheckSuite, Conclusion, Repository, User } from '../model.ts';
import { notFound, Refusal } from '../world.ts';
import type { World } from '../world.ts';
import { requireCommit } from './pulls.ts';

function invalid(message: string): Refusal {
  return new Refusal(422, `Invalid request.\n\n${message}`);
}

/** Makes a check run from the body of `POST …/check-runs`, which the schema has passed. */
export async function createCheckRun(
  world: World,
  repository: Repository,
  body: JsonObject,
  app: App,
): Promise<CheckRun> {
  const headSha = textAt(body, 'head_sha') ?? '';
  await requireCommit(repository, headSha);
  const run: CheckRun = {
    id: world.nextId(),
    repository,
    app,
    suite: suiteFor(world, repository, app, headSha),
    name: textAt(body, 'name') ?? '',
    headSha,
    detailsUrl: '',
    externalId: '',
    status: 'queued',
    conclusion: null,
    startedAt: world.now(),
    completedAt: null,
    title: null,
    summary: null,
    text: null,
    annotations: [],
    actions: [],
  };
  change(world, run, body);
  repository.checkRuns.set(run.id, run);
  announceRun(world, run, 'created', app.bot);
  if (run.status === 'completed') announceRun(world, run, 'completed', app.bot);
  world.changes.emit('check', run);
  return run;
}

/** Changes a run as `PATCH …/check-runs/{id}` does: what is not named stays, annotations are added. */
export function updateCheckRun(world: World, run: CheckRun, body: JsonObject): void {
  const before = run.status;
  change(world, run, body);
  run.name = textAt(body, 'name') ?? run.name;
  if (run.status === 'completed' && before !== 'completed') announceRun(world, run, 'completed', run.app.bot);
  world.changes.emit('check', run);
}

function change(world: World, run: CheckRun, body: JsonObject): void {
  const wanted = textAt(body, 'conclusion');
  const status = wanted === undefined ? textAt(body, 'status') : 'completed';
  const completedAt = textAt(body, 'completed_at');
  if (
    wanted === undefined &&
    (status === 'completed' || completedAt !== undefined) &&
    run.conclusion === null
  ) {
    throw invalid('No subschema in "anyOf" matched. "conclusion" wasn\'t supplied.');
  }
  if (wanted !== undefined && !isConclusion(wanted)) throw invalid(`"${wanted}" can only be set by GitHub.`);
  if (isStatus(status)) {
    run.status = status;
    if (status !== 'completed') {
      run.conclusion = null;
      run.completedAt = null;
    }
  }
  if (wanted !== undefined && isConclusion(wanted)) run.conclusion = wanted;
  if (run.status === 'completed')
    run.completedAt = completedAt === undefined ? (run.completedAt ?? world.now()) : new Date(completedAt);
  const startedAt = textAt(body, 'started_at');
  if (startedAt !== undefined) run.startedAt = new Date(startedAt);
  run.detailsUrl = textAt(body, 'details_url') ?? run.detailsUrl;
  run.externalId = textAt(body, 'external_id') ?? run.externalId;
  if (body['actions'] !== undefined) run.actions = objectsAt(body, 'actions');
  const output = objectAt(body, 'output');
  if (!output) return;
  run.title = textAt(output, 'title') ?? run.title;
  run.summary = textAt(output, 'summary') ?? run.summary;
  run.text = textAt(output, 'text') ?? run.text;
  run.annotations.push(...objectsAt(output, 'annotations'));
}

function isConclusion(text: string): text is Conclusion {
  return (conclusions as readonly string[]).includes(text);
}

function isStatus(text: string | undefined): text is CheckStatus {
  return text === 'queued' || text === 'in_progress' || text === 'completed';
}

/** One suite for each app and commit. */
function suiteFor(world: World, repository: Repository, app: App, headSha: string): CheckSuite {
  for (const suite of repository.checkSuites.values()) {
    if (suite.app === app && suite.headSha === headSha) return suite;
  }
  const pull = [...repository.pulls.values()].find(
    (each) => each.head.sha === headSha && each.head.repository === repository,
  );
  const now = world.now();
  const headBranch = pull?.head.ref ?? null;
  const suite = { id: world.nextId(), repository, app, headSha, headBranch, createdAt: now, updatedAt: now };
  repository.checkSuites.set(suite.id, suite);
  return suite;
}

export function findCheckRun(repository: Repository, id: number): CheckRun {
  const run = repository.checkRuns.get(id);
  if (!run) throw notFound();
  return run;
}

function announceRun(world: World, run: CheckRun, action: string, sender: User, only?: App): void {
  const fields = { check_run: describePayloadCheckRun(world, run) };
  announce(world, run.repository, { event: 'check_run', action, sender, fields }, only);
}

/** Asks the app that made the run to run it again. The run itself stays as it is: that is the app's to change. */
export function rerequestCheckRun(world: World, run: CheckRun, sender: User): void {
  announceRun(world, run, 'rerequested', sender, run.app);
}

export async function rerequestSuite(world: World, suite: CheckSuite, sender: User): Promise<void> {
  const commit = await readCommit(suite.repository.gitDir, suite.headSha);
  const fields = { check_suite: describeCheckSuite(world, suite, commit) };
  announce(
    world,
    suite.repository,
    { event: 'check_suite', action: 'rerequested', sender, fields },
    suite.app,
  );
}

/** `GET …/annotations` prints every field, null where it was not given. */
export function describeAnnotation(world: World, run: CheckRun, annotation: JsonObject): JsonObject {
  return {
    path: textAt(annotation, 'path') ?? '',
    start_line: integerAt(annotation, 'start_line') ?? 0,
    end_line: integerAt(annotation, 'end_line') ?? 0,
    start_column: integerAt(annotation, 'start_column') ?? null,
    end_column: integerAt(annotation, 'end_column') ?? null,
    annotation_level: textAt(annotation, 'annotation_level') ?? null,
    title: textAt(annotation, 'title') ?? null,
    message: textAt(annotation, 'message') ?? null,
    raw_details: textAt(annotation, 'raw_details') ?? null,
    blob_href: `${world.url}/blob/${run.headSha}`,
  };
}
