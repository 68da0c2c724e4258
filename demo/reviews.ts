import type { Narrator, Ending, Scene } from './scenes.ts';
import { ending } from './scenes.ts';
import type { Stage } from './stage.ts';

/** What the scenes about signed reviews hand on to each other. */
interface Story {
  /** The tip of master, as it advances. */
  tip: string;
  evil: { readonly commit: string; readonly pull: number } | null;
}

/** Scenes about what people sign: adoption, a "no", a review that is carried over a rebase, an evil merge, its repair. */
export function makeReviewScenes(): readonly Scene[] {
  const story: Story = { tip: '', evil: null };
  return [
    adopt,
    reject,
    (stage, narrator) => carryOver(stage, narrator, story),
    (stage, narrator) => evilMerge(stage, narrator, story),
    (stage, narrator) => repair(stage, narrator, story),
  ];
}

const fenced = (statement: string): string => `\`\`\`\n${statement}\`\`\`\n`;

/** A pull request of a person of the policy, with one signed commit on master's tip. */
async function propose(
  { fork, repository, push }: Stage,
  branch: string,
  { on, as, content }: { on: string; as: string; content: string },
): Promise<{ head: string; number: number }> {
  const files = { [`pkgs/${branch}.nix`]: content };
  const head = await fork.commit({ files, message: `${branch}: init`, as, on });
  await push(head, branch, as);
  const pull = await repository.openPullRequest({ head: branch, base: 'master', title: branch, as });
  return { head, number: pull.number };
}

const adopt: Scene = async ({ github, repository, fork, base, push, checkOf }, narrator) => {
  narrator.scene('Outside work is adopted by one and approved by another');
  narrator.say('erin proposes another change, unsigned. Nothing is wanted of her.');
  const head = await fork.commit({
    files: { 'pkgs/figlet.nix': '{ }: "figlet"\n' },
    message: 'figlet: init',
    on: base,
  });
  await push(head, 'figlet', 'erin', { to: github.repository('erin', 'nixpkgs') });
  const { number } = await repository.openPullRequest({
    head: 'erin:figlet',
    base: 'master',
    title: 'figlet: init',
    as: 'erin',
  });
  narrator.say('carol reads it and adopts exactly these commits; she now answers for them as their author:');
  const adoption = await fork.adopt({ as: 'carol', base, head });
  narrator.show(adoption);
  repository.comment(number, fenced(adoption), { as: 'carol' });
  narrator.say('bob, who had no part in it, approves.');
  repository.comment(number, fenced(await fork.review({ as: 'bob', base, head })), { as: 'bob' });
  const check = await checkOf(head);
  return ending('outside work, adopted by one and approved by another, is green', narrator, check, {
    conclusion: 'success',
    also: repository.mergeable(number).mergeable,
  });
};

const reject: Scene = async (stage, narrator) => {
  const { repository, fork, base, push, checkOf } = stage;
  narrator.scene('A signed "no" is not shed by a push');
  const { head, number } = await propose(stage, 'cowsay', { on: base, as: 'alice', content: '{ }: "moo"\n' });
  repository.comment(number, fenced(await fork.review({ as: 'bob', base, head })), { as: 'bob' });
  const no = { as: 'dave', base, head, decision: 'reject', note: 'the hash is of another release' } as const;
  const comment = repository.comment(number, fenced(await fork.review(no)), { as: 'dave' });
  const objected = await checkOf(head);
  narrator.say(`bob approves, dave signs a "no": ${objected?.title ?? 'missing'}.`);
  narrator.say('The "no" is deleted, and alice pushes a new version, which bob approves as well.');
  repository.deleteComment(comment.id, { as: 'alice' });
  const next = await fork.commit({
    files: { 'pkgs/cowsay.nix': '{ }:  "moo"\n' },
    message: 'cowsay: init',
    as: 'alice',
    on: base,
  });
  await push(next, 'cowsay', 'alice', { force: true });
  const second = await fork.review({ as: 'bob', base, head: next, serial: 2 });
  repository.comment(number, fenced(second), { as: 'bob' });
  const check = await checkOf(next);
  return ending('a signed "no" outlasts its deletion and a push', narrator, check, {
    conclusion: 'failure',
    also: objected?.conclusion === 'failure' && !repository.mergeable(number).mergeable,
  });
};

const carryOver = async (stage: Stage, narrator: Narrator, story: Story): Promise<Ending> => {
  const { repository, fork, base, push, checkOf } = stage;
  narrator.scene('A review is carried over a rebase that changes nothing');
  const { head, number } = await propose(stage, 'jq', { on: base, as: 'alice', content: '{ }: "jq"\n' });
  repository.comment(number, fenced(await fork.review({ as: 'bob', base, head })), { as: 'bob' });
  const before = await checkOf(head);
  narrator.say('bob has approved. Meanwhile another reviewed change is merged, by a merge that alice signs.');
  const other = await propose(stage, 'sl', { on: base, as: 'carol', content: '{ }: "sl"\n' });
  const reviewed = await fork.review({ as: 'bob', base, head: other.head });
  repository.comment(other.number, fenced(reviewed), { as: 'bob' });
  await checkOf(other.head);
  story.tip = await fork.merge(base, other.head, { as: 'alice' });
  await push(story.tip, 'master', 'alice');
  const landed = await checkOf(story.tip);
  narrator.say(
    `It landed: ${landed?.title ?? 'missing'}. alice rebases hers onto it: a new commit, signed anew.`,
  );
  const rebased = await fork.commit({
    files: { 'pkgs/jq.nix': '{ }: "jq"\n' },
    message: 'jq: init',
    as: 'alice',
    on: story.tip,
  });
  await push(rebased, 'jq', 'alice', { force: true });
  const check = await checkOf(rebased);
  narrator.say('The merge of what bob saw onto the new base gives this very tree: his review counts for it.');
  return ending('a review is carried over a rebase that changes nothing', narrator, check, {
    conclusion: 'success',
    also: before?.conclusion === 'success' && landed?.conclusion === 'success' && rebased !== head,
  });
};

const evilMerge = async (stage: Stage, narrator: Narrator, story: Story): Promise<Ending> => {
  const { repository, fork, push, checkOf } = stage;
  narrator.scene('An evil merge is found');
  const { head, number } = await propose(stage, 'tree', {
    on: story.tip,
    as: 'carol',
    content: '{ }: "tree"\n',
  });
  const review = await fork.review({ as: 'bob', base: story.tip, head });
  repository.comment(number, fenced(review), { as: 'bob' });
  const before = await checkOf(head);
  narrator.say('A green change is merged by dave, who adds a file of his own in the merge commit.');
  const files = { 'lib/backdoor.nix': '{ }: "surprise"\n' };
  const commit = await fork.merge(story.tip, head, { as: 'dave', files });
  await push(commit, 'master', 'dave');
  story.evil = { commit, pull: number };
  const check = await checkOf(commit);
  return ending('content that only the merge brings is found', narrator, check, {
    conclusion: 'failure',
    also: before?.conclusion === 'success',
  });
};

const repair = async (stage: Stage, narrator: Narrator, story: Story): Promise<Ending> => {
  const { repository, fork, checkOf } = stage;
  narrator.scene('What has landed is completed later');
  const evil = story.evil ?? { commit: '', pull: 0 };
  await fork.git('branch', '--force', 'master', evil.commit);
  const listed = await fork.cli('repair', evil.commit, '--branch', 'master');
  narrator.say(
    'The admins look at it. The file is harmless after all, and they want to stand by it. What lacks:',
  );
  narrator.show(listed.err);
  narrator.say('carol and bob review the merge itself, as it landed, and sign that.');
  for (const as of ['carol', 'bob']) {
    const review = await fork.review({ as, base: story.tip, head: evil.commit });
    repository.comment(evil.pull, fenced(review), { as });
  }
  const check = await checkOf(evil.commit);
  return ending('a landed step is completed by reviews of what landed', narrator, check, {
    conclusion: 'success',
    also: true,
  });
};
