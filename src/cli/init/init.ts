import { lstat } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import { openKeyring } from '../../core/identity/certificate.ts';
import { keepVerified } from '../../core/identity/keep-verified.ts';
import { encodeCertificate } from '../../core/policy/edit-certificate.ts';
import { POLICY_PATH } from '../../core/policy/folder.ts';
import { buildRoster } from '../../core/policy/roster.ts';
import { clean } from '../../core/report/clean.ts';
import { jsonText } from '../../core/report/json.ts';
import { isBranchName, isProjectName } from '../../core/statement/names.ts';
import { findRemoteUrl } from '../../git/ledger-remote.ts';
import { listRemotes } from '../../git/own.ts';
import { refsOf } from '../../git/refs.ts';
import { parseForgeUrl } from '../../github/personal.ts';
import { EXIT, type Io } from '../io.ts';
import { BrokenPolicy } from '../keys/outcome.ts';
import { parseOrThrow } from '../keys/policy.ts';
import { changeFiles, refuseLinkedFolders, type FileChange } from '../keys/write.ts';
import type { PolicyPlace } from '../policy-place.ts';
import { UsageError } from '../revisions.ts';
import { canAsk } from '../review/ask.ts';
import { Refusal, runGuarded } from '../review/refusal.ts';
import { rosterDiagnostics } from '../roster-diagnostics.ts';
import { showDiagnostics } from '../diagnostics.ts';
import { askPeople, askUntil } from './ask-people.ts';
import { nextStepsText } from './next.ts';
import { parseName, pinOf, readOwnKey, readPerson, shownKey, type FirstPerson } from './people.ts';
import { defaultGovernance, firstPolicy } from './template.ts';

export interface InitOptions {
  readonly repository: string;
  readonly project?: string;
  readonly as?: string;
  readonly person?: readonly string[];
  readonly branch?: readonly string[];
  readonly quorum?: string;
  readonly governance?: string;
  readonly json?: boolean;
}

/** `countersign init`: the first policy of a repository, in observe mode, and what to do with it. */
export function init(options: InitOptions, io: Io): Promise<number> {
  return runGuarded('init', options, io, () => write(options, io), 'written');
}

async function write(options: InitOptions, io: Io): Promise<number> {
  const directory = io.path(options.repository);
  const place = await findPlace(directory, io);
  await refuseLinkedFolders(place);
  await refuseExisting(place);
  const asking = canAsk(io) && options.json !== true;
  const people = await peopleOf(directory, options, asking, io);
  const project = await projectOf(directory, options, asking, io);
  const branches = await branchesOf(directory, options, asking, io);
  const quorum = numberOf(options.quorum, Math.min(2, people.length), people.length, '--quorum');
  const governance = numberOf(
    options.governance,
    defaultGovernance(people.length),
    people.length,
    '--governance',
  );
  const pins = people.map((one) => ({ name: one.name, pin: pinOf(one) }));
  const bytes = firstPolicy({ project, people: pins, branches, quorum, governance });
  if (bytes === null) {
    throw new Refusal(
      'policy-not-editable',
      'these people cannot be written into one policy: is a name there twice?',
    );
  }
  const changes = await filesOf(place, bytes, people);
  const found = await refuseBroken(place, bytes, changes);
  await changeFiles(changes, place);
  const files = changes.map(({ path }) => relative(io.path('.'), path));
  if (options.json === true) {
    const names = people.map(({ name }) => name);
    io.out(
      `${jsonText({ ok: true, project, branches, people: names, quorum, governance, files, diagnostics: found })}\n`,
    );
  } else {
    for (const file of files) io.out(`${clean(file)}\n`);
    if (found.length > 0)
      io.err(showDiagnostics(found, place.shown, new TextDecoder().decode(bytes), io.paint));
    io.err(
      nextStepsText({
        branches,
        people: people.map(({ name }) => name),
        governance,
        webFlow: project.startsWith('github.com/'),
      }),
    );
  }
  return EXIT.pass;
}

/** In the top folder of the work tree: upwards, up to the first folder with a `.git` in it. */
async function findPlace(directory: string, io: Io): Promise<PolicyPlace> {
  for (let folder = directory; ; folder = dirname(folder)) {
    if (await exists(join(folder, '.git'))) {
      const path = join(folder, POLICY_PATH);
      const keys = join(dirname(path), 'keys');
      return { path, shown: relative(io.path('.'), path), keys, shownKeys: relative(io.path('.'), keys) };
    }
    if (folder === dirname(folder)) {
      throw new Refusal(
        'no-repository',
        'there is no repository around this folder',
        '`git init`, or `git clone` first',
        EXIT.undetermined,
      );
    }
  }
}

async function refuseExisting({ path, shown, keys, shownKeys }: PolicyPlace): Promise<void> {
  for (const [what, name] of [
    [path, shown],
    [keys, shownKeys],
  ] as const) {
    if (!(await exists(what))) continue;
    throw new Refusal(
      'policy-exists',
      `\`${name}\` is there already, and is not overwritten`,
      'change the policy that is there: `countersign keys add`, `countersign policy lint`',
    );
  }
}

async function peopleOf(
  directory: string,
  options: InitOptions,
  asking: boolean,
  io: Io,
): Promise<readonly FirstPerson[]> {
  const people: FirstPerson[] = [];
  if (options.as !== undefined) {
    const key = await readOwnKey(directory, io);
    people.push({ name: parseName(options.as), key });
    if (options.json !== true)
      io.err(`${options.as}'s key is the one that git signs with here: ${shownKey(key)}\n`);
  }
  for (const text of options.person ?? []) people.push(await readPerson(text, io));
  if (people.length === 0 && asking) people.push(...(await askPeople(directory, io)));
  if (people.length === 0) {
    throw new Refusal(
      'people-missing',
      'a policy needs people',
      'name them: `--as YOUR-NAME` for the key that your git signs with, `--person NAME=KEY` for each other',
      EXIT.usage,
    );
  }
  return people;
}

async function projectOf(
  directory: string,
  { project }: InitOptions,
  asking: boolean,
  io: Io,
): Promise<string> {
  const guess = await guessProject(directory);
  const take = (given: string): string => {
    const chosen = given === '' ? guess : given;
    if (chosen === null) {
      throw new Refusal(
        'project-missing',
        'no remote says what this project is called',
        'name it: `--project github.com/acme/nixpkgs`',
        EXIT.usage,
      );
    }
    if (isProjectName(chosen)) return chosen;
    throw new UsageError(`\`${chosen}\` is no project such as \`github.com/acme/nixpkgs\``);
  };
  if (project !== undefined || !asking) return take(project ?? '');
  return askUntil(`project [${guess ?? 'host/owner/name'}]: `, take, io);
}

async function guessProject(directory: string): Promise<string | null> {
  const remotes = await listRemotes(directory);
  const remote = remotes.includes('origin') ? 'origin' : remotes[0];
  if (remote === undefined) return null;
  const found = parseForgeUrl(await findRemoteUrl(directory, remote));
  return found === null ? null : `${found.host}/${found.owner}/${found.repo}`;
}

async function branchesOf(
  directory: string,
  { branch }: InitOptions,
  asking: boolean,
  io: Io,
): Promise<readonly string[]> {
  const refs = refsOf(directory);
  const guess = (await refs.defaultBranch()) ?? (await refs.currentBranch());
  const take = (chosen: readonly string[]): readonly string[] => {
    const branches = chosen.length > 0 ? chosen : guess === null ? [] : [guess];
    if (branches.length === 0) throw new UsageError('name the branch that the policy is for: --branch NAME');
    const bad = branches.find((name) => !isBranchName(name));
    if (bad !== undefined) throw new UsageError(`\`${bad}\` cannot be the name of a branch`);
    return [...new Set(branches)];
  };
  if (branch !== undefined || !asking) return take(branch ?? []);
  const split = (typed: string): readonly string[] =>
    take(typed.split(/[ ,]+/).filter((name) => name !== ''));
  return askUntil(`branch [${guess ?? 'name'}]: `, split, io);
}

function numberOf(text: string | undefined, usual: number, most: number, option: string): number {
  if (text === undefined) return usual;
  const number = /^[1-9][0-9]{0,3}$/.test(text) ? Number(text) : 0;
  if (number >= 1 && number <= most) return number;
  throw new UsageError(`${option} takes a number of people from 1 to ${most}, who are in the policy`);
}

async function filesOf(
  place: PolicyPlace,
  bytes: Uint8Array,
  people: readonly FirstPerson[],
): Promise<readonly FileChange[]> {
  const certificates: FileChange[] = [];
  for (const { key } of people) {
    if (key.kind !== 'openpgp') continue;
    const path = join(place.keys, `${key.packets.primary.key.fingerprint}.asc`);
    // Nobody's certifications but the owner's: a first policy has no other people yet who could have meant them.
    const certificate = encodeCertificate(await keepVerified(key.packets), () => false);
    certificates.push({ path, bytes: certificate, before: null });
  }
  return [...certificates, { path: place.path, bytes, before: null }];
}

/** What lint says of it; an error, or a key of two people, and nothing is written. */
async function refuseBroken(
  place: PolicyPlace,
  bytes: Uint8Array,
  changes: readonly FileChange[],
): Promise<ReturnType<typeof rosterDiagnostics>> {
  const policy = parseOrThrow(bytes, place, 'the policy would have errors');
  const text = new TextDecoder().decode(bytes);
  const files = changes.flatMap(({ path, bytes: content }) =>
    path === place.path || content === null ? [] : [{ path: relative(place.keys, path), bytes: content }],
  );
  const { keyring } = await openKeyring(files);
  const where = { file: place.shown, text, keys: place.shownKeys };
  const found = rosterDiagnostics(policy, keyring, where, Math.floor(Date.now() / 1000));
  const shared = buildRoster(policy, keyring).problems.some(({ kind }) => kind === 'key-shared');
  if (shared || found.some(({ severity }) => severity === 'error')) {
    throw new BrokenPolicy(found, place.shown, text, 'the policy would have errors');
  }
  return found;
}

async function exists(path: string): Promise<boolean> {
  return lstat(path).then(
    () => true,
    () => false,
  );
}
