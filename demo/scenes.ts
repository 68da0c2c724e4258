import { policyFiles } from '../test/fork/policy.ts';
import type { CheckView } from '../test/github/start.ts';
import { makeReviewScenes } from './reviews.ts';
import { REQUIRED_CHECK, type Stage } from './stage.ts';
import { makeUpdateScenes } from './updates.ts';

/** How a scene ended: the check, or the command, that decided it. */
export interface Ending {
  readonly name: string;
  readonly check: string;
  readonly conclusion: string;
  readonly title: string;
  /** Whether it ended as it should. */
  readonly ok: boolean;
}

export interface Narrator {
  scene(title: string): void;
  say(text: string): void;
  show(text: string): void;
}

export type Scene = (stage: Stage, narrator: Narrator) => Promise<Ending>;

/** What the scenes hand on to each other: the pull request that most of them are about. */
interface Story {
  pull: number;
  head: string;
}

/** All scenes in their order. They play on one stage, one after the other. */
export function makeScenes(): readonly Scene[] {
  const story: Story = { pull: 0, head: '' };
  const updates = makeUpdateScenes();
  return [
    unsigned,
    (stage, narrator) => signed(stage, narrator, story),
    (stage, narrator) => approveButton(stage, narrator, story),
    (stage, narrator) => signedReview(stage, narrator, story),
    (stage, narrator) => forcePush(stage, narrator, story),
    ownKey,
    ownBranch,
    ...makeReviewScenes(),
    updates.proven,
    directPush,
    ...updates.attacks,
  ];
}

const unsigned: Scene = async ({ github, repository, fork, base, push, checkOf }, narrator) => {
  narrator.scene('An unsigned commit is blocked');
  narrator.say(
    'erin, whom the policy does not know, proposes a change from her fork. Her commit has no signature.',
  );
  const theirs = await github.fork('acme/nixpkgs', 'erin');
  const head = await fork.commit({
    files: { 'pkgs/hello.nix': '{ }: "hello"\n' },
    message: 'hello: init',
    on: base,
  });
  await push(head, 'hello', 'erin', { to: theirs });
  const pull = repository.openPullRequest({
    head: 'erin:hello',
    base: 'master',
    title: 'hello: init',
    as: 'erin',
  });
  const { number } = await pull;
  const check = await checkOf(head);
  return ending('an unsigned commit is blocked', narrator, check, {
    conclusion: 'action_required',
    also: !repository.mergeable(number).mergeable,
  });
};

const signed = async (
  { repository, fork, base, push, checkOf }: Stage,
  narrator: Narrator,
  story: Story,
): Promise<Ending> => {
  narrator.scene('Signed by a maintainer, it waits for a second person');
  narrator.say(
    'alice, a maintainer, makes the same change and signs it with the SSH key that the policy lists under her name.',
  );
  const head = await fork.commit({
    files: { 'pkgs/hello.nix': '{ }: "hello"\n' },
    message: 'hello: init at 1.0',
    as: 'alice',
    on: base,
  });
  await push(head, 'hello', 'alice');
  const pull = await repository.openPullRequest({
    head: 'hello',
    base: 'master',
    title: 'hello: init at 1.0',
    as: 'alice',
  });
  story.pull = pull.number;
  story.head = head;
  const check = await checkOf(head);
  return ending('signed by a maintainer, it waits for a second person', narrator, check, {
    conclusion: 'action_required',
    also: !repository.mergeable(pull.number).mergeable,
  });
};

const approveButton = async (
  { repository, checkOf }: Stage,
  narrator: Narrator,
  { pull, head }: Story,
): Promise<Ending> => {
  narrator.scene('The approve button changes nothing');
  narrator.say(
    'bob presses "Approve" on GitHub. Whoever controls GitHub, or his account, could have pressed it too.',
  );
  await repository.review(pull, { event: 'APPROVE', body: 'Looks good to me!', as: 'bob' });
  const check = await checkOf(head);
  return ending('a GitHub approval without a signature changes nothing', narrator, check, {
    conclusion: 'action_required',
    also: !repository.mergeable(pull).mergeable,
  });
};

const signedReview = async (stage: Stage, narrator: Narrator, { pull, head }: Story): Promise<Ending> => {
  const { repository, fork, base, checkOf } = stage;
  narrator.scene('A signed review turns the check green');
  narrator.say(
    'bob looks at the change in his own clone, has the text of his review made there, and signs it with gpg:',
  );
  const review = await fork.review({ as: 'bob', base, head, note: 'built and ran it' });
  narrator.show(review);
  narrator.say('He posts that as a comment. Who posts it does not matter: the signature does.');
  repository.comment(pull, `Built it, works.\n\n\`\`\`\n${review}\`\`\`\n`, { as: 'bob' });
  const check = await checkOf(head);
  return ending('a signed review turns the check green', narrator, check, {
    conclusion: 'success',
    also: repository.mergeable(pull).mergeable,
  });
};

const forcePush = async (stage: Stage, narrator: Narrator, { pull, head }: Story): Promise<Ending> => {
  const { repository, fork, push, checkOf } = stage;
  narrator.scene('A force push takes it back');
  narrator.say(
    'Somebody with push rights replaces the reviewed commit by another one, signed by alice as well.',
  );
  const other = await fork.commit({
    files: { 'pkgs/hello.nix': '{ }: "hello, and something else"\n' },
    message: 'hello: init at 1.0',
    as: 'alice',
    on: `${head}^`,
  });
  await push(other, 'hello', 'alice', { force: true });
  const check = await checkOf(other);
  return ending('a force push takes it back', narrator, check, {
    conclusion: 'action_required',
    also: !repository.mergeable(pull).mergeable,
  });
};

const ownKey: Scene = async ({ repository, fork, base, policyFor, push, checkOf }, narrator) => {
  narrator.scene('A pull request that adds its own key waits for the admins');
  narrator.say('mallory has push rights, a key of her own, and a pull request that lists her in the policy.');
  fork.people.set('mallory', await fork.keys.makeSshKey('mallory'));
  const files = policyFor(fork.people);
  const head = await fork.commit({ files, message: 'policy: add mallory', as: 'mallory', on: base });
  await push(head, 'add-mallory', 'mallory');
  const pull = await repository.openPullRequest({
    head: 'add-mallory',
    base: 'master',
    title: 'policy: add mallory',
    as: 'mallory',
  });
  const check = await checkOf(head);
  return ending('a pull request that adds its own key waits for the admins', narrator, check, {
    conclusion: 'action_required',
    also: !repository.mergeable(pull.number).mergeable && (check?.title ?? '').includes('admins'),
  });
};

const ownBranch: Scene = async ({ repository, fork, base, project, push, checkOf }, narrator) => {
  narrator.scene('A branch that enrols itself gets nothing but its own name');
  narrator.say(
    'mallory makes a branch `easy` whose policy asks for nobody but her, and proposes a change there.',
  );
  const mallory = fork.people.get('mallory');
  const files = policyFiles(new Map(mallory ? [['mallory', mallory]] : []), {
    project,
    match: '[easy]',
    governance: '{ people: 1, from: admins }',
    require: ['{ name: nobody, people: 1, from: maintainers }'],
  });
  const easy = await fork.commit({ files, message: 'policy: easy', as: 'mallory', on: base });
  await push(easy, 'easy', 'mallory');
  const head = await fork.commit({
    files: { 'pkgs/evil.nix': 'evil\n' },
    message: 'evil: init',
    as: 'mallory',
    on: easy,
  });
  await push(head, 'evil', 'mallory');
  await repository.openPullRequest({ head: 'evil', base: 'easy', title: 'evil: init', as: 'mallory' });
  const own = await checkOf(head, 'countersign / easy');
  narrator.say(
    `There it is green: \`countersign / easy\` is ${own?.conclusion ?? 'missing'}. The same commit, proposed for master:`,
  );
  const pull = await repository.openPullRequest({
    head: 'evil',
    base: 'master',
    title: 'evil: init',
    as: 'mallory',
  });
  const check = await checkOf(head);
  return ending('a branch that enrols itself gets nothing but its own name', narrator, check, {
    conclusion: 'action_required',
    also: own?.conclusion === 'success' && !repository.mergeable(pull.number).mergeable,
  });
};

const directPush: Scene = async ({ fork, repository, base, push, checkOf }, narrator) => {
  narrator.scene('A direct push to the branch is reported');
  narrator.say('Somebody who may bypass the rules pushes to master without a pull request. GitHub takes it.');
  const head = await fork.commit({
    files: { 'lib/default.nix': '{ }\n' },
    message: 'lib: quick fix',
    as: 'alice',
    on: (await repository.branch('master')) ?? base,
  });
  await push(head, 'master', 'alice');
  const check = await checkOf(head);
  return ending('a direct push to the branch is reported', narrator, check, {
    conclusion: 'failure',
    also: true,
  });
};

export function ending(
  name: string,
  narrator: Narrator,
  check: CheckView | null,
  wanted: { readonly conclusion: string; readonly also: boolean },
): Ending {
  const found = {
    check: check?.name ?? REQUIRED_CHECK,
    conclusion: check?.conclusion ?? 'missing',
    title: check?.title ?? '',
  };
  narrator.show(`${found.check}: ${found.conclusion}\n${found.title}`);
  return { name, ...found, ok: found.conclusion === wanted.conclusion && wanted.also };
}
