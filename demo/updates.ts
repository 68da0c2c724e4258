import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { writeCommit } from '../test/github/git/commit.ts';
import { openMachine, type Machine } from './machine.ts';
import type { Ending, Narrator, Scene } from './scenes.ts';
import type { Stage } from './stage.ts';

/** The computer of frank, who uses the fork, and that of alice, who keeps the ledger. */
interface Story {
  readonly frank: Machine;
  readonly alice: Machine;
  /** The newest commit of master that frank has, and was right to take. */
  readonly proven: string;
}

interface Wanted {
  /** Part of the line that tells frank how it went. */
  readonly said: string;
  readonly code: number;
}

/** Scenes about somebody who updates from the fork: what they get, whatever the forge serves. */
export function makeUpdateScenes(): {
  /** To be played while every step of master holds. */
  readonly proven: Scene;
  /** To be played once somebody has pushed what nobody reviewed. */
  readonly attacks: readonly Scene[];
} {
  let story: Promise<Story> | null = null;
  const told = (stage: Stage): Promise<Story> => (story ??= open(stage));
  const scene =
    (play: (stage: Stage, narrator: Narrator, story: Story) => Promise<Ending>): Scene =>
    async (stage, narrator) =>
      play(stage, narrator, await told(stage));
  return { proven: scene(firstUpdate), attacks: [unreviewed, oldHead, forgedMerge].map(scene) };
}

async function open({ github, repository, makeFolder }: Stage): Promise<Story> {
  const { token } = github.user('alice');
  const asked = { GITHUB_TOKEN: token, GITHUB_API_URL: github.apiUrl };
  const alice = openMachine('alice', await makeFolder('alice'), asked);
  await alice.git('clone', '--quiet', repository.cloneUrl(token), '.');
  const frank = openMachine('frank', await makeFolder('frank'));
  await frank.git('init', '--quiet', '--initial-branch=master', '.');
  await frank.git('remote', 'add', 'origin', repository.cloneUrl());
  return { frank, alice, proven: (await repository.branch('master')) ?? '' };
}

async function firstUpdate({ repository, base }: Stage, narrator: Narrator, story: Story): Promise<Ending> {
  const { alice, frank } = story;
  narrator.scene('Somebody updates to what is proven');
  narrator.say('alice puts the signed reviews where every clone has them, and publishes where trust begins:');
  narrator.show((await alice.countersign('archive')).out);
  const introduction = (await alice.countersign('introduce', '--commit', base)).out.trim();
  narrator.show(introduction);
  narrator.say('frank, who uses the fork, has compared that string in two places. He trusts nothing else.');
  narrator.show((await frank.countersign('trust', 'add', repository.cloneUrl(), introduction)).out);
  return update('who updates gets what is proven', narrator, story, { said: 'every step up to', code: 0 });
}

async function unreviewed({ repository }: Stage, narrator: Narrator, story: Story): Promise<Ending> {
  narrator.scene('A commit that nobody reviewed does not reach who updates');
  narrator.say('What was pushed to master past all checks is served to everybody. frank updates:');
  const served = await repository.branch('master');
  const wanted = { said: `${served?.slice(0, 10) ?? ''} is 1 step ahead`, code: 0 };
  return update('an unreviewed commit does not reach who updates', narrator, story, wanted);
}

async function oldHead({ repository, fork, base }: Stage, narrator: Narrator, story: Story): Promise<Ending> {
  narrator.scene('A forge that serves an old head is found out');
  narrator.say('The forge hands out master as it was in the beginning: every signature in it is good.');
  await fork.git('push', '--quiet', '--force', repository.gitDir, `${base}:refs/heads/master`);
  const wanted = { said: '[history-downgrade]', code: 1 };
  return update('an old head is refused by who updates', narrator, story, wanted);
}

async function forgedMerge(stage: Stage, narrator: Narrator, story: Story): Promise<Ending> {
  const { fork } = stage;
  const { alice, proven } = story;
  narrator.scene("A merge that is forged with the forge's own key is found out");
  narrator.say(
    'alice proposes a change, bob reviews it; the policy lets the merge button of the forge merge it.',
  );
  const files = { 'pkgs/dust.nix': '{ }: "dust"\n' };
  const head = await fork.commit({ files, message: 'dust: init', as: 'alice', on: proven });
  const review = join(alice.folder, 'review.txt');
  await writeFile(review, await fork.review({ as: 'bob', base: proven, head }));
  await alice.countersign('archive', '--statements', review);
  narrator.say('Somebody at the forge makes that merge, signs it as the button does, and adds a file to it.');
  const forged = await mergeAtForge(stage, proven, head, { 'lib/trapdoor.nix': '{ }: "surprise"\n' });
  const name = "a merge forged with the forge's own key does not reach who updates";
  const ended = await update(name, narrator, story, { said: `step ${forged.slice(0, 10)}: `, code: 0 });
  narrator.say('The same merge without that file is what the policy allows:');
  const honest = await mergeAtForge(stage, proven, head, {});
  const wanted = { said: 'every step up to', code: 0 };
  const { ok } = await update(name, narrator, { ...story, proven: honest }, wanted);
  return { ...ended, ok: ended.ok && ok };
}

/** What the merge button makes, with files that neither side has, and master moved to it behind everybody's back. */
async function mergeAtForge(
  { github, repository, fork }: Stage,
  tip: string,
  head: string,
  files: Readonly<Record<string, string>>,
): Promise<string> {
  const merged = await fork.merge(tip, head, { files });
  const date = new Date();
  const commit = {
    tree: await fork.git('rev-parse', `${merged}^{tree}`),
    parents: [tip, head],
    author: { name: 'alice', email: 'alice@example.org', date },
    committer: { name: 'GitHub', email: 'noreply@github.com', date },
    message: 'Merge pull request from acme/dust\n',
  };
  const button = await github.webFlow();
  const id = await writeCommit(join(fork.dir, '.git'), commit, (payload) => button.sign(payload, date));
  await fork.git('push', '--quiet', '--force', repository.gitDir, `${id}:refs/heads/master`);
  return id;
}

/** frank updates. However it goes, he ends at the commit that is proven. */
async function update(
  name: string,
  narrator: Narrator,
  { frank, proven }: Story,
  { said, code }: Wanted,
): Promise<Ending> {
  const ran = await frank.countersign('pull');
  narrator.show(`$ countersign pull\n${ran.out}`);
  const title = ran.out.split('\n').find((line) => line.includes(said)) ?? `${ran.out}${ran.err}`;
  const at = await frank.git('rev-parse', 'HEAD').catch(() => '');
  return {
    name,
    check: 'countersign pull',
    conclusion: ['pass', 'fail', 'undetermined', 'pending'][ran.code] ?? `exit code ${ran.code}`,
    title: title.trim(),
    ok: ran.code === code && title.includes(said) && at === proven,
  };
}
