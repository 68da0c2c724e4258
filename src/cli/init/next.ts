import { clean, shellWord, showInvisible } from '../../core/report/clean.ts';

const WEB_FLOW = `For merges by GitHub's button to be recognised, put its certificate beside the others:
     curl --output .countersign/keys/web-flow.asc https://github.com/web-flow.gpg
   `;

/** What to commit, who signs the introduction, and what comes after. */
export function nextStepsText({
  branches,
  people,
  governance,
  webFlow,
}: {
  readonly branches: readonly string[];
  readonly people: readonly string[];
  readonly governance: number;
  /** Whether it is a repository on github.com, whose certificate is not there yet. */
  readonly webFlow: boolean;
}): string {
  const branch = showInvisible(shellWord(branches[0] ?? ''));
  const names = people.map(clean).join(', ');
  return `
Nobody has shown yet that these keys are theirs. Everybody looks for their own name and key: countersign keys list

1. ${webFlow ? WEB_FLOW : ''}Commit it, signed, on ${branch}. Whoever signs must be one of ${names}:
     git add .countersign && git commit --gpg-sign --message 'introduce countersign'
2. No earlier policy can judge that commit: it is trusted because people look at it. So each of ${names} does.
3. Push it to ${branch}${branches.length > 1 ? ` (and the same commit to ${branches.slice(1).map(clean).join(', ')})` : ''}. From then on a change of .countersign/ needs ${governance} of them.
4. Install the app (docs/running.md). The policy only observes: nothing is blocked yet. See how past merges would have
   fared, and then set \`mode: enforce\`:
     countersign policy backtest
   Once it enforces, publish where your users may begin to trust the branch, as one string (docs/verifying.md):
     countersign introduce
5. Review what waits for you: countersign review
`;
}
