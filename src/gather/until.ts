import { Unreadable, type Repository } from './ports.ts';

/** A port until something is over: what is begun for steps behind one that ends a walk is not gone on with. */
export function until(isOver: () => boolean, port: Repository): Repository {
  const guard =
    <A extends readonly unknown[], R>(ask: (...asked: A) => Promise<R>) =>
    (...asked: A): Promise<R> =>
      isOver()
        ? Promise.reject(new Unreadable('git-failed', 'an earlier step has ended the walk'))
        : ask(...asked);
  return {
    readCommits: guard((ids) => port.readCommits(ids)),
    listCommits: guard((tip, head, limit) => port.listCommits(tip, head, limit)),
    mergeBases: guard((a, b) => port.mergeBases(a, b)),
    isReachable: guard((ancestor, descendant) => port.isReachable(ancestor, descendant)),
    firstParents: guard((from, to, limit) => port.firstParents(from, to, limit)),
    diffTrees: guard((before, after, limit) => port.diffTrees(before, after, limit)),
    readPolicyFolder: guard((tree) => port.readPolicyFolder(tree)),
    contentHashes: guard((blobs) => port.contentHashes(blobs)),
    mergeCommits: guard((tip, head, union) => port.mergeCommits(tip, head, union)),
    obtain: guard((ids) => port.obtain(ids)),
    findRepeats: guard((tip, asked) => port.findRepeats(tip, asked)),
  };
}
