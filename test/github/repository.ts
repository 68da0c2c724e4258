import type { EventEmitter } from 'node:events';
import {
  createCheckRun,
  findCheckRun,
  rerequestCheckRun,
  rerequestSuite,
  updateCheckRun,
} from './actions/checks.ts';
import { addComment, deleteComment, editComment, findComment } from './actions/comments.ts';
import { blockers } from './actions/mergeability.ts';
import { mergePull } from './actions/merging.ts';
import type { MergeMethod, MergeWish } from './actions/merging.ts';
import { editPull, finishPull, openPull, readyPull, reopenPull } from './actions/pulls.ts';
import type { NewPull } from './actions/pulls.ts';
import { deleteBranch, pushLocal, setBranch } from './actions/pushing.ts';
import type { LocalPush } from './actions/pushing.ts';
import { requestMergeGroup } from './actions/merge-group.ts';
import { addReview, dismissReview, editReview, findReview } from './actions/reviews.ts';
import type { NewReview } from './actions/reviews.ts';
import { readRef } from './git/store.ts';
import type { JsonObject } from './json.ts';
import type {
  App,
  CheckRun,
  CheckStatus,
  Conclusion,
  IssueComment,
  PullRequest,
  Repository,
  Review,
} from './model.ts';
import { findPull, findUser, fullName, inTurn } from './world.ts';
import type { World } from './world.ts';

/** What a test or the demo sees of a check run. */
export interface CheckView {
  id: number;
  name: string;
  app: string;
  headSha: string;
  status: CheckStatus;
  conclusion: Conclusion | null;
  title: string | null;
  summary: string | null;
  text: string | null;
  detailsUrl: string;
  externalId: string;
  annotations: JsonObject[];
  actions: JsonObject[];
}

export interface CheckWish {
  sha: string;
  name: string;
  /** Slug; left out: any app's. */
  app?: string;
  status?: CheckStatus;
  conclusion?: Conclusion;
  where?: (run: CheckView) => boolean;
}

export interface As {
  /** Login of the person who does it. Left out: the repository's owner. */
  as?: string;
}

/** One repository: what people do to it in a browser or from a terminal, without going through HTTP. */
export type RepositoryHandle = ReturnType<typeof openRepository>;

export function viewCheck(run: CheckRun): CheckView {
  return {
    id: run.id,
    name: run.name,
    app: run.app.slug,
    headSha: run.headSha,
    status: run.status,
    conclusion: run.conclusion,
    title: run.title,
    summary: run.summary,
    text: run.text,
    detailsUrl: run.detailsUrl,
    externalId: run.externalId,
    annotations: [...run.annotations],
    actions: [...run.actions],
  };
}

export function openRepository(world: World, repository: Repository) {
  const actor = (who?: As) => (who?.as === undefined ? repository.owner : findUser(world, who.as));
  const pull = (number: number): PullRequest => findPull(repository, number);
  const appOf = (slug: string): App => {
    const app = world.apps.get(slug);
    if (!app) throw new Error(`no app \`${slug}\``);
    return app;
  };
  const checkRuns = (sha?: string): CheckView[] =>
    [...repository.checkRuns.values()]
      .filter((run) => sha === undefined || run.headSha === sha)
      .map(viewCheck);

  return {
    id: repository.id,
    owner: repository.owner.login,
    name: repository.name,
    fullName: fullName(repository),
    gitDir: repository.gitDir,
    /** To clone from; with a token in it when one is given. */
    cloneUrl(token?: string): string {
      const url = new URL(`${world.url}/${fullName(repository)}.git`);
      if (token !== undefined) Object.assign(url, { username: 'x-access-token', password: token });
      return url.href;
    },
    addCollaborator(login: string): void {
      repository.writers.add(findUser(world, login).login);
    },

    branch: (name: string): Promise<string | undefined> => readRef(repository.gitDir, `refs/heads/${name}`),
    push: (push: LocalPush & As): Promise<string> =>
      inTurn(repository, () => pushLocal(world, repository, push, actor(push))),
    deleteBranch: (branch: string, who?: As): Promise<void> =>
      inTurn(repository, () => deleteBranch(world, repository, branch, actor(who))),
    setBranch: (branch: string, sha: string, who?: As): Promise<void> =>
      inTurn(repository, () => setBranch(world, repository, branch, sha, actor(who))),

    pull,
    openPullRequest: (wanted: NewPull & As): Promise<PullRequest> =>
      inTurn(repository, () => openPull(world, repository, wanted, actor(wanted))),
    editPullRequest: (number: number, wanted: { title?: string; body?: string } & As): Promise<void> =>
      inTurn(repository, () => editPull(world, pull(number), wanted, actor(wanted))),
    retarget: (number: number, base: string, who?: As): Promise<void> =>
      inTurn(repository, () => editPull(world, pull(number), { base }, actor(who))),
    markReady(number: number, who?: As): void {
      readyPull(world, pull(number), actor(who));
    },
    close(number: number, who?: As): void {
      finishPull(world, pull(number), actor(who));
    },
    reopen: (number: number, who?: As): Promise<void> =>
      inTurn(repository, () => reopenPull(world, pull(number), actor(who))),
    mergePullRequest: (
      number: number,
      method: MergeMethod = 'merge',
      wish: Omit<MergeWish, 'method'> & As = {},
    ): Promise<string> =>
      inTurn(repository, () => mergePull(world, pull(number), { ...wish, method }, actor(wish))),
    mergeable(number: number): { mergeable: boolean; blockedBy: string[] } {
      const blockedBy = blockers(pull(number));
      return { mergeable: blockedBy.length === 0, blockedBy };
    },

    comment: (number: number, body: string, who?: As): IssueComment =>
      addComment(world, pull(number), body, actor(who)),
    editComment(id: number, body: string, who?: As): void {
      editComment(world, findComment(repository, id), body, actor(who));
    },
    deleteComment(id: number, who?: As): void {
      deleteComment(world, findComment(repository, id), actor(who));
    },
    comments: (number: number): IssueComment[] =>
      [...repository.comments.values()].filter((comment) => comment.pull.number === number),

    review: (number: number, review: NewReview & As): Promise<Review> =>
      addReview(world, pull(number), review, actor(review)),
    editReview(number: number, id: number, body: string, who?: As): void {
      editReview(world, findReview(pull(number), id), body, actor(who));
    },
    dismissReview(number: number, id: number, who?: As): void {
      dismissReview(world, findReview(pull(number), id), actor(who));
    },

    /** `app` pins the check to one app. `onPush`: pushes of commits without it are refused as well. */
    requireCheck(
      branch: string,
      name: string,
      { app, onPush = false }: { app?: string; onPush?: boolean } = {},
    ): void {
      repository.required.push({ branch, name, app: app === undefined ? undefined : appOf(app), onPush });
    },
    unrequireCheck(branch: string, name: string): void {
      repository.required = repository.required.filter(
        (check) => check.branch !== branch || check.name !== name,
      );
    },
    checkRuns,
    /** Posts a check run as an app, with the body of `POST …/check-runs`. */
    postCheck: async (slug: string, body: JsonObject): Promise<CheckView> =>
      viewCheck(await createCheckRun(world, repository, body, appOf(slug))),
    updateCheck(id: number, body: JsonObject): void {
      updateCheckRun(world, findCheckRun(repository, id), body);
    },
    /** "Re-run" of one check. */
    rerequestCheck(id: number, who?: As): void {
      rerequestCheckRun(world, findCheckRun(repository, id), actor(who));
    },
    /** "Re-run all checks" of an app on a commit. */
    async rerequestChecks(slug: string, sha: string, who?: As): Promise<void> {
      const app = appOf(slug);
      const suite = [...repository.checkSuites.values()].find(
        (each) => each.app === app && each.headSha === sha,
      );
      if (!suite) throw new Error(`\`${slug}\` has no checks on \`${sha}\``);
      await rerequestSuite(world, suite, actor(who));
    },
    waitForCheck: (wish: CheckWish, timeoutMs = 10_000): Promise<CheckView> =>
      waitForCheck(world.changes, checkRuns, wish, timeoutMs),

    /** Puts a pull request into a merge queue: makes the group's branch and asks for its checks. */
    requestMergeGroup: (
      number: number,
      who?: As,
    ): Promise<{ headSha: string; headRef: string; baseSha: string }> =>
      inTurn(repository, () => requestMergeGroup(world, pull(number), actor(who))),
  };
}

async function waitForCheck(
  changes: EventEmitter<{ check: [CheckRun] }>,
  checkRuns: (sha?: string) => CheckView[],
  wish: CheckWish,
  timeoutMs: number,
): Promise<CheckView> {
  const find = (): CheckView | undefined =>
    checkRuns(wish.sha)
      .reverse()
      .find(
        (run) =>
          run.name === wish.name &&
          (wish.app === undefined || run.app === wish.app) &&
          (wish.status === undefined || run.status === wish.status) &&
          (wish.conclusion === undefined || run.conclusion === wish.conclusion) &&
          (wish.where?.(run) ?? true),
      );
  return await new Promise((resolve, reject) => {
    const look = (): void => {
      const found = find();
      if (!found) return;
      done();
      resolve(found);
    };
    const timer = setTimeout(() => {
      done();
      const seen = checkRuns(wish.sha).map((run) =>
        `\`${run.name}\` ${run.status} ${run.conclusion ?? ''}`.trim(),
      );
      reject(
        new Error(
          `no check \`${wish.name}\` as wanted on ${wish.sha}; there is: ${seen.join(', ') || 'none'}`,
        ),
      );
    }, timeoutMs);
    const done = (): void => {
      clearTimeout(timer);
      changes.off('check', look);
    };
    changes.on('check', look);
    look();
  });
}
