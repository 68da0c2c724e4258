import type { JsonObject } from '../json.ts';
import type { Repository } from '../model.ts';
import { fullName } from '../world.ts';
import type { World } from '../world.ts';
import { instant, nodeId } from './names.ts';

/** What git says of a commit, read by `readCommit`. */
export interface CommitText {
  sha: string;
  tree: string;
  parents: string[];
  author: Person;
  committer: Person;
  message: string;
}

export interface Person {
  name: string;
  email: string;
  date: Date;
}

/** A `simple-commit`, as suites and merge groups carry it. */
export function describePayloadCommit(commit: CommitText): JsonObject {
  return {
    id: commit.sha,
    tree_id: commit.tree,
    message: commit.message,
    timestamp: instant(commit.committer.date),
    author: { name: commit.author.name, email: commit.author.email },
    committer: { name: commit.committer.name, email: commit.committer.email },
  };
}

/** A commit in a `push` payload. */
export function describePushedCommit(
  world: World,
  repository: Repository,
  commit: CommitText,
  files: { added: string[]; removed: string[]; modified: string[] },
): JsonObject {
  return {
    ...describePayloadCommit(commit),
    distinct: true,
    url: `${world.url}/${fullName(repository)}/commit/${commit.sha}`,
    ...files,
  };
}

/** A REST `commit`. */
export function describeCommit(world: World, repository: Repository, commit: CommitText): JsonObject {
  const api = `${world.apiUrl}/repos/${fullName(repository)}`;
  const html = `${world.url}/${fullName(repository)}/commit`;
  const person = (who: Person): JsonObject => ({ name: who.name, email: who.email, date: instant(who.date) });
  return {
    sha: commit.sha,
    node_id: nodeId('C_', repository.id) + commit.sha,
    url: `${api}/commits/${commit.sha}`,
    html_url: `${html}/${commit.sha}`,
    comments_url: `${api}/commits/${commit.sha}/comments`,
    commit: {
      url: `${api}/git/commits/${commit.sha}`,
      author: person(commit.author),
      committer: person(commit.committer),
      message: commit.message,
      comment_count: 0,
      tree: { sha: commit.tree, url: `${api}/git/trees/${commit.tree}` },
    },
    author: null,
    committer: null,
    parents: commit.parents.map((sha) => ({ sha, url: `${api}/commits/${sha}`, html_url: `${html}/${sha}` })),
  };
}
