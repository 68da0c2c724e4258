import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Oid } from '../../src/core/object/id.ts';
import { gitIn, oid } from '../git/scratch.ts';
import { knowsGitHub } from '../verdicts/make/github.ts';
import { openStore, type ObjectStore } from '../verdicts/make/objects.ts';
import { openScene, type CommitOptions, type Scene } from '../verdicts/make/scene.ts';
import { sshSigner, type Signer } from '../verdicts/make/signers.ts';
import type { History, Policy, PolicyChange, Step } from './history.ts';
import { openLedgerWriter, type Entry, type LedgerWriter } from './ledger.ts';

/** A history as a repository. */
export interface Built {
  readonly history: History;
  /** A repository whose work tree is empty. */
  readonly dir: string;
  readonly store: ObjectStore;
  readonly scene: Scene;
  /** The introduction, then the commits of the steps. */
  readonly line: readonly Oid[];
  readonly steps: readonly BuiltStep[];
  readonly ledger: LedgerWriter;
  /** Runs git in it and gives what it printed, without the last line feed. */
  readonly git: (args: readonly string[], input?: string | Uint8Array) => string;
  /** The commit of a step; 0: the introduction, negative: from the end. */
  readonly at: (step: number) => Oid;
  /** Lands one more step on a commit of the line, as an attacker or a maintainer would; moves no branch. */
  readonly extend: (on: Oid, step: Step) => BuiltStep;
  readonly remove: () => void;
}

export interface BuiltStep {
  readonly parent: Oid;
  readonly commit: Oid;
  /** What reviews are about: the step's commit, or what it merges. */
  readonly head: Oid;
  readonly entries: readonly Entry[];
}

const EVERYBODY = ['alice', 'bob', 'carol', 'dave'] as const;

/** What most histories have: outside work is adopted, and who signs a merge counts as its approver. */
const USUAL: Policy = { unsigned: 'adopt', merges: '{ github-button: clean, signer-counts-as: approver }' };

/** @param signers other keys than those that a test makes by itself, such as real tools'. */
export function buildHistory(history: History, signers: ReadonlyMap<string, Signer> = new Map()): Built {
  const { format = 'sha1', steps } = history;
  const dir = mkdtempSync(join(tmpdir(), 'ch-'));
  execFileSync('git', ['init', '-q', '-b', 'master', `--object-format=${format}`, dir]);
  const store = openStore(join(dir, '.git/objects'), format);
  const scene = openScene(store);
  for (const [name, signer] of signers) scene.signers.set(name, signer);
  const git = (args: readonly string[], input: string | Uint8Array = ''): string =>
    gitIn(dir, args, input).toString().replace(/\n$/, '');
  const ledger = openLedgerWriter(store, git);
  const builder = openBuilder(scene, history);

  const line: Oid[] = [builder.introduction];
  const built: BuiltStep[] = [];
  for (const step of steps) {
    const one = builder.land(line, line.at(-1) ?? builder.introduction, step, line.length);
    line.push(one.commit);
    built.push(one);
    if (one.entries.length > 0) ledger.append(one.entries);
  }
  const late = built.flatMap((one, index) => builder.repair(one, steps[index], index + 1));
  if (late.length > 0) ledger.append(late);
  git(['update-ref', 'refs/heads/master', line.at(-1) ?? builder.introduction]);
  return {
    history,
    dir,
    store,
    scene,
    line,
    steps: built,
    ledger,
    git,
    at(step) {
      const id = line.at(step);
      if (id === undefined) throw new Error(`no step ${step}`);
      return id;
    },
    extend: (on, step) => builder.land(line, on, step, line.length),
    remove() {
      rmSync(dir, { recursive: true, force: true, maxRetries: 3 });
    },
  };
}

interface Builder {
  readonly introduction: Oid;
  land(line: readonly Oid[], parent: Oid, step: Step, number: number): BuiltStep;
  repair(one: BuiltStep, step: Step | undefined, number: number): readonly Entry[];
}

function openBuilder(scene: Scene, { people = EVERYBODY, policy = {} }: History): Builder {
  let roster = people;
  let extra = 0;
  const introduction = scene.commit({
    files: { ...filesOf(scene, { ...USUAL, ...policy }, people), README: 'a fork\n' },
    as: people[0] ?? 'alice',
    message: 'the policy',
  });

  const changePolicy = ({ people: next, newKeys = [], ...options }: PolicyChange): CommitOptions['files'] => {
    roster = next ?? roster;
    for (const name of newKeys) {
      const before = scene.signers.get(name);
      if (before === undefined) throw new Error(`nobody is called ${name}`);
      scene.signers.set(`old ${name}`, before);
      extra += 1;
      scene.signers.set(name, sshSigner(`${name} ${extra}`));
    }
    return filesOf(scene, { ...USUAL, ...policy, ...options }, roster);
  };

  return {
    introduction,
    land(line, parent, step, number) {
      const before = new Map(scene.signers);
      // A change of keys is still signed with the keys that it ends.
      const policyFiles = step.policy === undefined ? {} : changePolicy(step.policy);
      const after = new Map(scene.signers);
      restore(scene.signers, before);
      const start = step.from === undefined ? parent : (line[step.from] ?? parent);
      const made = commitStep(scene, { step, number, parent, start, policyFiles });
      const entries = entriesOf(scene, step, number, { parent, ...made });
      restore(scene.signers, after);
      return { parent, ...made, entries };
    },
    repair: ({ parent, head }, step, number) =>
      (step?.repaired ?? []).map((as) =>
        entry('repaired', number, as, scene.review({ as, base: parent, head })),
      ),
  };
}

interface ToCommit {
  readonly step: Step;
  readonly number: number;
  readonly parent: Oid;
  /** Where the work that is merged started. */
  readonly start: Oid;
  readonly policyFiles: CommitOptions['files'];
}

function commitStep(
  scene: Scene,
  { step, number, parent, start, policyFiles }: ToCommit,
): Pick<BuiltStep, 'commit' | 'head'> {
  const { by, brings, at, policy } = step;
  const dated = at === undefined ? {} : { at };
  const commitAs = (who: string | null) => (who === null ? dated : { ...dated, as: who });
  if (brings === undefined) {
    const own = policy === undefined ? { [`pkgs/step-${number}.nix`]: `${number}\n` } : {};
    const files = { ...(step.files ?? own), ...policyFiles };
    const commit = scene.commit({ on: parent, files, message: `step ${number}`, ...commitAs(by) });
    return { commit, head: commit };
  }
  const inMerge = policy?.inMerge === true;
  let head = start;
  for (const [index, work] of brings.entries()) {
    const isLast = index === brings.length - 1;
    const files = work.files ?? { [`pkgs/step-${number}-${index + 1}.nix`]: `${number}\n` };
    head = scene.commit({
      on: head,
      files: isLast && !inMerge ? { ...files, ...policyFiles } : files,
      message: `work ${number}.${index + 1}`,
      ...commitAs(work.by),
    });
  }
  const files = { ...step.files, ...(inMerge ? policyFiles : {}) };
  const message = `step ${number}, a merge`;
  return { commit: scene.merge(parent, head, { files, message, ...commitAs(by) }), head };
}

function entriesOf(
  scene: Scene,
  { approved = [], adopted = [], approvedMerge = [], ratified = [] }: Step,
  number: number,
  { parent, commit, head }: Omit<BuiltStep, 'entries'>,
): readonly Entry[] {
  const about = { base: parent, head };
  return [
    ...approved.map((as) => entry('approved', number, as, scene.review({ as, ...about }))),
    ...adopted.map((as) => entry('adopted', number, as, scene.adopt({ as, ...about }))),
    ...approvedMerge.map((as) =>
      entry('approved merge', number, as, scene.review({ as, base: parent, head: commit })),
    ),
    ...ratified.map((as) => entry('ratified', number, as, scene.ratify({ as, parent, commit }))),
  ];
}

function entry(kind: Entry['kind'], step: number, by: string, text: string): Entry {
  return { kind, step, by, text };
}

function restore(signers: Map<string, Signer>, to: ReadonlyMap<string, Signer>): void {
  signers.clear();
  for (const [name, signer] of to) signers.set(name, signer);
}

/** `.countersign/` with this policy, and the certificates of those whom it lists. */
function filesOf(
  scene: Scene,
  { knowsGitHub: github = false, bot = false, ...given }: Policy,
  people: readonly string[],
): Record<string, string> {
  const withBot = bot ? { ...given, extra: `${given.extra ?? ''}${botLines()}` } : given;
  const [options, certificates] = github ? knowsGitHub(withBot) : [withBot, {}];
  const texts = Object.entries(certificates ?? {}).flatMap(([path, content]) =>
    typeof content === 'string' ? [[path, content] as const] : [],
  );
  return { ...scene.policyFiles(options, people), ...Object.fromEntries(texts) };
}

function botLines(): string {
  const { key } = sshSigner('updater');
  const pin = key.kind === 'ssh' ? key.publicKey.split(' ').slice(0, 2).join(' ') : '';
  return `bots:\n  updater: { keys: [{ ssh: "${pin}" }], paths: ["pkgs/by-name/**"] }\n`;
}

/** The id that git printed. */
export function idFrom(text: string): Oid {
  return oid(text.trim());
}
