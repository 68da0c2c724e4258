import { lstat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { openKeyring } from '../../core/identity/certificate.ts';
import type { KeyFile, Keyring } from '../../core/identity/keyring.ts';
import { at, placeOf, type PolicyText } from '../../core/policy/document.ts';
import { KEYS_PATH, openFolder, POLICY_PATH } from '../../core/policy/folder.ts';
import { findLockouts, tellLockout, type Lockout } from '../../core/policy/lockout.ts';
import { parsePolicy } from '../../core/policy/parse.ts';
import { matches } from '../../core/policy/pattern.ts';
import type { Policy } from '../../core/policy/policy.ts';
import { clean } from '../../core/report/clean.ts';
import { jsonText } from '../../core/report/json.ts';
import { Unreadable } from '../../gather/ports.ts';
import { openRepository } from '../../git/reader.ts';
import { refsOf, type Refs } from '../../git/refs.ts';
import { inOrder, showDiagnostics, type Located } from '../diagnostics.ts';
import { NO_SUCH_FILE } from '../file-problem.ts';
import { EXIT, type Io } from '../io.ts';
import { findingText } from '../keys/outcome.ts';
import {
  findLinkedFolder,
  findPolicy,
  FIRST_POLICY,
  NO_POLICY,
  readKeys,
  type PolicyPlace,
} from '../policy-place.ts';
import { readSmall } from '../small-file.ts';
import { rosterDiagnostics } from '../roster-diagnostics.ts';
import {
  attributeDiagnostics,
  foldersOf,
  readFromDisk,
  readFromTree,
  type AttributesFile,
} from './attributes.ts';
import { answering, findAtRevision, isFile, NoPolicy } from './open.ts';
import { suggest } from './suggest.ts';

/** What is checked, from a work tree or at a commit. */
interface Checked {
  /** As messages name it. */
  readonly file: string;
  readonly bytes: Uint8Array;
  readonly keys: readonly KeyFile[];
  readonly shownKeys: string;
  readonly attributes: (folders: readonly string[]) => Promise<readonly AttributesFile[]>;
  readonly shownAs: (path: string) => string;
  /** Names of the branches that are here; `null` where no repository is at hand. */
  readonly branches: readonly string[] | null;
}

/** `countersign policy lint`: every error with file, line, column, the line itself and a caret under what is wrong. */
export async function lintPolicy(given: string, options: { json?: boolean }, io: Io): Promise<number> {
  return answering('lint', io, async () => {
    // The default is that of `countersign keys`: the policy of the repository around the current folder.
    const place = await findPolicy(given === POLICY_PATH ? undefined : given, io);
    if (place === null) {
      io.err(`countersign policy lint: ${NO_POLICY} [policy-missing]\n  → ${FIRST_POLICY}\n`);
      return EXIT.undetermined;
    }
    const linked = await findLinkedFolder(place);
    if (linked !== null) {
      const found = { code: 'folder-linked', ...linked };
      io.err(`countersign policy lint: ${findingText(found)}`);
      return EXIT.undetermined;
    }
    const bytes = await readSmall(place.path);
    if (typeof bytes !== 'string') return report(await checkedOnDisk(place, bytes), options, io);
    if (bytes === NO_SUCH_FILE && !isFile(given) && given !== POLICY_PATH) {
      return lintRevision(given, options, io);
    }
    const remedy = bytes === NO_SUCH_FILE && given === POLICY_PATH ? `  → ${FIRST_POLICY}\n` : '';
    io.err(
      `countersign policy lint: \`${clean(place.shown)}\` cannot be read: ${bytes} [file-unreadable]\n${remedy}`,
    );
    return EXIT.undetermined;
  });
}

async function checkedOnDisk(place: PolicyPlace, bytes: Uint8Array): Promise<Checked> {
  const top = dirname(dirname(place.path));
  const shownTop = dirname(dirname(place.shown));
  const isPlaced =
    basename(dirname(place.path)) === dirname(POLICY_PATH) && (await exists(join(top, '.git')));
  return {
    file: place.shown,
    bytes,
    keys: await readKeys(place.keys),
    shownKeys: place.shownKeys,
    attributes: (folders) => (isPlaced ? readFromDisk(top, folders) : Promise.resolve([])),
    shownAs: (path) => join(shownTop, path),
    branches: isPlaced ? await branchesOf(refsOf(top)) : null,
  };
}

async function lintRevision(revision: string, options: { json?: boolean }, io: Io): Promise<number> {
  const opened = await openRepository(io.path('.'));
  try {
    const { commit, folder } = await findAtRevision(opened, revision);
    const { policy, keys } = openFolder(folder);
    if (policy.state !== 'present') {
      throw new NoPolicy(`there is no policy at \`${revision}\``, EXIT.undetermined, revision);
    }
    const checked: Checked = {
      file: `${revision}:${POLICY_PATH}`,
      bytes: policy.bytes,
      keys,
      shownKeys: `${revision}:${KEYS_PATH}`,
      attributes: (folders) => readFromTree(opened, commit.tree, folders),
      shownAs: (path) => `${revision}:${path}`,
      branches: await branchesOf(opened.refs),
    };
    return await report(checked, options, io);
  } finally {
    await opened.dispose();
  }
}

async function report(checked: Checked, options: { json?: boolean }, io: Io): Promise<number> {
  const { file, bytes } = checked;
  const text = new TextDecoder().decode(bytes);
  const parsed = parsePolicy(bytes);
  const said = (parsed.ok ? parsed.warnings : parsed.diagnostics).map((one) => ({ ...one, file }));
  const found: Located[] = [...suggest(said, parsed.text)];
  if (parsed.ok) {
    const { keyring } = await openKeyring(checked.keys);
    const now = Math.floor(Date.now() / 1000);
    found.push(...rosterDiagnostics(parsed.policy, keyring, { file, text, keys: checked.shownKeys }, now));
    if (parsed.text !== null) {
      found.push(...lockoutDiagnostics(parsed.policy, keyring, file, parsed.text, now));
      found.push(...surroundingDiagnostics(parsed.policy, keyring, checked, parsed.text));
    }
  }
  const attributes = await checked.attributes(foldersOf(parsed.ok ? parsed.policy : null));
  found.push(...attributeDiagnostics(attributes, checked.shownAs));
  const shown = inOrder(found);
  const failed = found.some(({ severity }) => severity === 'error');
  if (options.json === true) io.out(`${jsonText({ ok: !failed, diagnostics: shown })}\n`);
  else io.out(showDiagnostics(shown, file, text, io.paint));
  return failed ? EXIT.fail : EXIT.pass;
}

/** The branches of the repository and of its remotes. A git that does not answer is no reason not to check a file. */
async function branchesOf(refs: Refs): Promise<readonly string[] | null> {
  try {
    const names = (await refs.readAll()).flatMap(
      ({ ref }) => /^refs\/(?:heads|remotes\/[^/]+)\/(.+)$/.exec(ref)?.[1] ?? [],
    );
    return names.length === 0 ? null : names.filter((name) => name !== 'HEAD');
  } catch (error) {
    if (error instanceof Unreadable) return null;
    throw error;
  }
}

/** What the policy expects of its surroundings: branches that are there, and the certificate of GitHub's button. */
function surroundingDiagnostics(
  policy: Policy,
  keyring: Keyring,
  { file, branches }: Checked,
  text: PolicyText,
): Located[] {
  const encode = (name: string): Uint8Array => new TextEncoder().encode(name);
  const names = branches?.map(encode) ?? null;
  const knowsGitHub =
    !policy.project.startsWith('github.com/') ||
    keyring.certificates.some(({ primary }) => policy.webFlow.includes(primary));
  const warning = (
    path: readonly (string | number)[],
    code: string,
    message: string,
    remedy: string,
  ): Located => ({
    ...at(text, placeOf(text, path), code, message, { severity: 'warning', remedy }),
    file,
  });
  return policy.branches.flatMap((branch, index) => {
    const isIdle =
      names !== null && !names.some((name) => branch.match.some((pattern) => matches(pattern, name)));
    const patterns = branch.match.map(({ source }) => `\`${source}\``).join(', ');
    return [
      ...(isIdle
        ? [
            warning(
              ['branches', index, 'match'],
              'policy-branch-unmatched',
              `no branch here is called ${patterns}`,
              'is the name right? A branch that nothing matches is judged by nothing',
            ),
          ]
        : []),
      ...(knowsGitHub || branch.merges.githubButton !== 'clean'
        ? []
        : [
            warning(
              ['branches', index, 'merges', 'github-button'],
              'web-flow-certificate-missing',
              "merges by GitHub's button cannot be recognised: its certificate is not among the keys",
              'put it there: `curl --output .countersign/keys/web-flow.asc https://github.com/web-flow.gpg`',
            ),
          ]),
    ];
  });
}

async function exists(path: string): Promise<boolean> {
  return lstat(path).then(
    () => true,
    () => false,
  );
}

/** Warnings of lock-out at their places. What the parser or the keys' own diagnostics say already is not said twice. */
function lockoutDiagnostics(
  policy: Policy,
  keyring: Keyring,
  file: string,
  text: PolicyText,
  now: number,
): Located[] {
  return findLockouts(policy, keyring, now)
    .filter((lockout) => !isKnown(lockout))
    .map((lockout) => {
      const { message, remedy } = tellLockout(lockout);
      const place = placeOf(text, lockout.place, lockout.code === 'lockout-no-key');
      return { ...at(text, place, lockout.code, message, { severity: 'warning', remedy }), file };
    });
}

function isKnown(lockout: Lockout): boolean {
  if (lockout.code === 'lockout-no-key') return lockout.data.keys === 1;
  if (lockout.code !== 'lockout-quorum-tight') return false;
  return lockout.data.kind !== 'signers' && lockout.data.usable.length === lockout.data.members;
}
