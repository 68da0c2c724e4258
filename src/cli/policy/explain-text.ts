import type {
  ExplainedBranch,
  ExplainedPath,
  ExplainedQuorum,
  ExplainedRequirement,
  Explanation,
} from '../../core/policy/explain.ts';
import { tellLockout } from '../../core/policy/lockout.ts';
import { counted, quote, quoted } from '../../core/policy/words.ts';
import { clean, cleanSentence } from '../../core/report/clean.ts';
import type { Io } from '../io.ts';

/** An explanation as text for a terminal, ended by a line end. */
export function explanationText(explanation: Explanation, shown: string, paint: Io['paint']): string {
  const { project, branches, governance, people, bots, paths, lockouts } = explanation;
  const title = (text: string): string => paint('bold', cleanSentence(text));
  const lines = [title(`the policy of ${quote(project)}`) + paint('dim', ` (${clean(shown)})`)];
  // Whoever asks about paths wants that answered first.
  if (paths.length > 0) lines.push('', title('these paths'), ...paths.flatMap(pathLines));
  for (const branch of branches) {
    lines.push('', title(`changes of ${quoted(branch.match)}`), ...branchLines(branch));
  }
  lines.push('', title('changes of the policy itself'), ...governanceLines(governance));
  lines.push('', title('who could block'), ...blockLines(explanation));
  lines.push('', title('people'));
  for (const { name, keys, usable, groups } of people) {
    const can =
      usable === keys ? counted(keys, 'key') : `${counted(keys, 'key')}, ${usable} of them usable now`;
    const where = groups.length === 0 ? 'in no group' : `in ${quoted(groups)}`;
    lines.push(`  ${clean(name)}: ${can}; ${cleanSentence(where)}`);
  }
  for (const { name, paths: within } of bots) {
    lines.push(
      `  ${clean(name)}: a bot, may sign commits within ${cleanSentence(quoted(within))}; never a person`,
    );
  }
  if (lockouts.length > 0) lines.push('', title('warnings'));
  for (const lockout of lockouts) {
    const { message, remedy } = tellLockout(lockout);
    lines.push(`  ${paint('pending', 'warning')}: ${cleanSentence(message)} [${lockout.code}]`);
    lines.push(`    → ${cleanSentence(remedy)}`);
  }
  return `${lines.join('\n')}\n`;
}

function branchLines(branch: ExplainedBranch): string[] {
  const { mode, signers, unsigned, merges, carryOver, freshness, require } = branch;
  const lines = [
    mode === 'enforce'
      ? 'what is missing blocks the merge'
      : 'only observed: nothing blocks a merge, and nothing ever passes',
    `commits are signed by ${membersOf(signers.group, signers.members)}`,
    unsigned === 'adopt'
      ? 'a commit that nobody on the roster signed waits for one of them to adopt it'
      : 'a commit that nobody on the roster signed fails',
    ...require.flatMap(requirementLines),
    merges.githubButton === 'clean'
      ? "GitHub's button may merge, if the merge adds nothing of its own"
      : "GitHub's button may not merge: somebody merges and signs that",
    merges.conflicts === 'reviewed'
      ? 'a merge with content of its own is reviewed as a change of its own'
      : 'a merge with content of its own fails',
    merges.signerCountsAs === 'approver'
      ? 'who signs the merge stands behind it and approves it, if they wrote none of it'
      : 'who signs the merge stands behind it, and approves nothing by that',
    carryOver === 're-created'
      ? 'reviews still count after a rebase that changes nothing'
      : 'every push needs new reviews',
    ...(freshness === null ? [] : freshnessLines(freshness)),
    ...(merges.union.length === 0 ? [] : [`conflicts in ${quoted(merges.union)} are merged line by line`]),
  ];
  return lines.map((line) => `  ${cleanSentence(line)}`);
}

function requirementLines(rule: ExplainedRequirement): string[] {
  const { name, paths, people, approvals } = rule;
  const what = paths === null ? 'every change' : `a change of ${quoted(paths)}`;
  const group = membersOf(rule.from, rule.members);
  const behind = `${counted(people, 'person', 'people')} of ${group} behind it, its signer included`;
  const who = people > 0 ? quote(rule.from) : group;
  const approving = `${counted(approvals, 'approval')} by people of ${who} who wrote none of it`;
  const wants = [...(people > 0 ? [behind] : []), ...(approvals > 0 ? [approving] : [])].join(', and ');
  const why = approvals > 0 ? ' where one of them wrote the change' : '';
  return [`${quote(name)}: ${what} needs ${wants}`, `  ${sparing(rule)}${why}`];
}

function freshnessLines(freshness: NonNullable<ExplainedBranch['freshness']>): string[] {
  const { days, people, from, members } = freshness;
  const who = `${counted(people, 'person', 'people')} of ${membersOf(from, members)}`;
  return [
    `users update to a commit that ${who} called the newest within ${counted(days, 'day')}`,
    `  ${sparing(freshness)}`,
  ];
}

function governanceLines(governance: Explanation['governance']): string[] {
  const { people, from, members, paths } = governance;
  const governed = quoted(['.countersign/', '.gitattributes', '.gitmodules', ...paths]);
  return [
    `${governed} need ${counted(people, 'person', 'people')} of ${membersOf(from, members)} behind them, the author included, on top of all else`,
    `  ${sparing(governance)}`,
  ].map((line) => `  ${cleanSentence(line)}`);
}

function pathLines({ path, governed, branches }: ExplainedPath): string[] {
  const rules = branches.map(({ name, requirements }) =>
    requirements.length === 0
      ? `under ${quote(name)} no requirement is about it: such a change can never pass`
      : `under ${quote(name)}: ${quoted(requirements)}`,
  );
  return [quote(path), ...[...rules, ...(governed ? ['and governance'] : [])].map((line) => `  ${line}`)].map(
    (line) => `  ${cleanSentence(line)}`,
  );
}

/** By a word, which anybody can; and by silence, which only those can who cannot be spared. */
function blockLines({ people, branches, governance }: Explanation): string[] {
  const quorums: [string, ExplainedQuorum][] = [
    ...branches.flatMap(({ require }) =>
      require.map((rule): [string, ExplainedQuorum] => [quote(rule.name), rule]),
    ),
    ...branches.flatMap(({ name, freshness }): [string, ExplainedQuorum][] =>
      freshness === null ? [] : [[`freshness under ${quote(name)}`, freshness]],
    ),
    ['governance', governance],
  ];
  const silent = quorums.flatMap(([name, { indispensable, mayLose }]) => {
    if (mayLose < 0) return [`${name}: out of reach now, whoever signs`];
    return indispensable.length === 0
      ? []
      : [`by signing nothing, for ${name}: each of ${quoted(indispensable)}`];
  });
  const anybody = `by a signed "no" to a proposed change, until governance overrules it: each of ${quoted(people.map(({ name }) => name))}`;
  return [anybody, ...(silent.length === 0 ? ['by signing nothing: nobody alone'] : silent)].map(
    (line) => `  ${cleanSentence(line)}`,
  );
}

function membersOf(group: string, members: readonly string[]): string {
  return `${quote(group)} (${members.join(', ')})`;
}

function sparing({ mayLose, usable, need }: ExplainedQuorum): string {
  const can = `${usable.length} can sign now, and it takes ${need}`;
  if (mayLose < 0) return `out of reach: ${can}`;
  return mayLose === 0 ? `nobody may be lost: ${can}` : `${mayLose} may be lost: ${can}`;
}
