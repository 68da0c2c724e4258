import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { objectId } from '../../src/core/object/hash.ts';
import { type Oid } from '../../src/core/object/id.ts';
import { openPack, type PackWriter } from '../pack.ts';
import { keyNames, person, type KeyName } from '../people.ts';
import { seeded } from '../seeded.ts';
import { runTool } from '../tool.ts';
import { plant, writeBlob, writeTree, type Forest } from './forest.ts';

/** A repository whose branch `master` is proven from its introduction on. */
export interface BuiltHistory {
  readonly name: string;
  readonly dir: string;
  readonly introduction: Oid;
  readonly head: Oid;
  readonly steps: number;
  /** Above the introduction. */
  readonly commits: number;
}

export interface HistoryPlan {
  readonly name: string;
  readonly files: number;
  /** Of sixteen folders each between `pkgs` and the files. */
  readonly levels: number;
  readonly steps: number;
  /** Commits that each step brings besides its merge commit; 0: steps are single commits. */
  readonly brings: number;
  /** Parts of a hundred: who signs commits. */
  readonly signers: Readonly<Partial<Record<KeyName, number>>>;
  /** Who signs merges. */
  readonly merger: KeyName;
}

/** Merges whose change was begun so many steps earlier have to be re-created: every second one. */
const BEHIND = 3;
const FIRST_AT = 1717200000;

/** Builds a repository below `root`, signatures by node:crypto, objects in one packfile. The same at each run. */
export async function buildHistory(root: string, plan: HistoryPlan): Promise<BuiltHistory> {
  const dir = join(root, `${plan.name}.git`);
  mkdirSync(root, { recursive: true });
  await runTool('git', ['init', '--quiet', '--bare', '--initial-branch', 'master', dir], { cwd: root });
  const pack = openPack(join(dir, 'objects', 'pack'));
  const source = seeded(`history ${plan.name}`);
  const turns = keyNames(plan.signers).flatMap((key) => new Array<KeyName>(plan.signers[key] ?? 0).fill(key));
  const author = (): KeyName => turns[source.number(turns.length)] ?? plan.merger;
  let at = FIRST_AT;
  const commit = (by: KeyName, tree: Oid, parents: readonly Oid[]): Oid => {
    at += 60;
    return writeCommit(pack, { by, tree, parents, at });
  };
  let forest = plant(pack, plan.files, plan.levels, writePolicy(pack, plan));
  let tip = commit(plan.merger, forest.id, []);
  const introduction = tip;
  let past: { readonly tip: Oid; readonly forest: Forest }[] = [{ tip, forest }];
  let file = 0;
  for (let step = 0; step < plan.steps; step += 1) {
    if (plan.brings === 0) {
      file = (file + 1) % plan.files;
      forest = forest.change(file, `step ${step}\n`);
      tip = commit(author(), forest.id, [tip]);
      continue;
    }
    const base = step % 2 === 0 ? { tip, forest } : (past[0] ?? { tip, forest });
    let side = base.forest;
    let head = base.tip;
    const before = forest;
    for (let index = 0; index < plan.brings; index += 1) {
      file = (file + 1) % plan.files;
      const content = `step ${step}, commit ${index}\n`;
      side = side.change(file, content);
      forest = base.forest === before ? side : forest.change(file, content);
      head = commit(author(), side.id, [head]);
    }
    tip = commit(plan.merger, forest.id, [tip, head]);
    past = [...past, { tip, forest }].slice(-BEHIND);
  }
  await runTool('git', ['index-pack', pack.finish()], { cwd: dir });
  await runTool('git', ['update-ref', 'refs/heads/master', tip], { cwd: dir });
  const commits = plan.steps * (plan.brings + 1);
  return { name: plan.name, dir, introduction, head: tip, steps: plan.steps, commits };
}

function writeCommit(
  pack: PackWriter,
  { by, tree, parents, at }: { by: KeyName; tree: Oid; parents: readonly Oid[]; at: number },
): Oid {
  const signer = person(by);
  const who = `${signer.name} <${signer.name}@example.org> ${at} +0000`;
  const ancestry = parents.map((parent) => `parent ${parent}\n`).join('');
  const headers = Buffer.from(`tree ${tree}\n${ancestry}author ${who}\ncommitter ${who}\n`);
  const message = Buffer.from('\npkgs: change something\n');
  const { armor } = signer.sign(Buffer.concat([headers, message]), at);
  const signature = Buffer.from(`gpgsig ${armor.trimEnd().replaceAll('\n', '\n ')}\n`);
  const raw = Buffer.concat([headers, signature, message]);
  pack.add('commit', raw);
  return objectId('commit', raw, 'sha1');
}

/** `.countersign/` with everybody who signs here: one person's word for a single commit, two people's for a merge. */
function writePolicy(pack: PackWriter, { signers, merger, brings }: HistoryPlan) {
  const keys = new Map<string, { mode: string; id: Oid }>();
  const pins = new Map<string, string[]>();
  for (const each of new Set([...keyNames(signers), merger])) {
    const { name, kind, published } = person(each);
    const own = pins.get(name) ?? [];
    pins.set(name, own);
    if (kind === 'ssh') own.push(`{ ssh: "${published.split(' ').slice(0, 2).join(' ')}" }`);
    else {
      keys.set(`${name}.asc`, { mode: '100644', id: writeBlob(pack, published) });
      own.push(`{ openpgp: ${person(each).fingerprint ?? ''} }`);
    }
  }
  const names = [...pins.keys()].join(', ');
  const people = brings === 0 ? 1 : 2;
  const policy = [
    'version: 1',
    'project: github.com/acme/bench',
    'people:',
    ...[...pins].map(([name, own]) => `  ${name}: { keys: [${own.join(', ')}] }`),
    'groups:',
    `  maintainers: [${names}]`,
    `governance: { people: ${Math.min(2, pins.size)}, from: maintainers }`,
    'branches:',
    '  - name: stable',
    '    match: [master]',
    '    mode: enforce',
    '    commits: { signed-by: maintainers, unsigned: refuse }',
    '    require:',
    `      - { name: everything, people: ${people}, approvals: 0, from: maintainers }`,
    '      - name: foundations',
    '        paths: ["pkgs/0/**", "lib/**", ".github/**"]',
    `        people: ${people}`,
    '        approvals: 0',
    '        from: maintainers',
    '',
  ].join('\n');
  const folder = new Map([['policy.yaml', { mode: '100644', id: writeBlob(pack, policy) }]]);
  if (keys.size > 0) folder.set('keys', { mode: '40000', id: writeTree(pack, keys) });
  return new Map([['.countersign', { mode: '40000', id: writeTree(pack, folder) }]]);
}
