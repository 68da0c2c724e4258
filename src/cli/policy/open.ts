import { openKeyring } from '../../core/identity/certificate.ts';
import type { Keyring } from '../../core/identity/keyring.ts';
import { parseCommit, type Commit } from '../../core/object/commit.ts';
import { objectId } from '../../core/object/hash.ts';
import { KEYS_PATH, openFolder, POLICY_PATH, type PolicyFolder } from '../../core/policy/folder.ts';
import { parsePolicy } from '../../core/policy/parse.ts';
import type { Diagnostic, Policy } from '../../core/policy/policy.ts';
import { cleanSentence } from '../../core/report/clean.ts';
import { Unreadable } from '../../gather/ports.ts';
import type { OpenRepository } from '../../git/reader.ts';
import { showDiagnostics } from '../diagnostics.ts';
import { EXIT, type Io } from '../io.ts';
import { findLinkedFolder, findPolicy, FIRST_POLICY, NO_POLICY, readKeys } from '../policy-place.ts';
import { refuseAmbiguous, UsageError } from '../revisions.ts';
import { readSmall } from '../small-file.ts';

/** A policy with its keys, and where they were found. */
export interface FoundPolicy {
  /** As messages name it: a file or a revision. */
  readonly shown: string;
  readonly folder: PolicyFolder;
}

export interface ReadPolicy extends FoundPolicy {
  readonly policy: Policy;
  readonly keyring: Keyring;
}

/** There is no policy that could be worked with: missing, refused, or with errors. */
export class NoPolicy extends Error {
  readonly code: number;
  readonly shown: string;
  readonly diagnostics: readonly Diagnostic[];
  readonly text: string;

  constructor(
    message: string,
    code: number,
    shown: string,
    diagnostics: readonly Diagnostic[] = [],
    text = '',
  ) {
    super(message);
    this.code = code;
    this.shown = shown;
    this.diagnostics = diagnostics;
    this.text = text;
  }
}

/** A name that ends like one is a file; everything else is a revision. */
export function isFile(given: string): boolean {
  return /\.ya?ml$/i.test(given);
}

/** The policy in a file, with the certificates in `keys` beside it. */
export async function findInFile(given: string | undefined, io: Io): Promise<FoundPolicy> {
  const place = await findPolicy(given, io);
  if (place === null) throw new NoPolicy(`${NO_POLICY}: ${FIRST_POLICY}`, EXIT.undetermined, POLICY_PATH);
  const linked = await findLinkedFolder(place);
  if (linked !== null) {
    throw new NoPolicy(`${linked.message}; ${linked.remedy}`, EXIT.undetermined, place.shown);
  }
  const bytes = await readSmall(place.path);
  if (typeof bytes === 'string') {
    throw new NoPolicy(`\`${place.shown}\` cannot be read: ${bytes}`, EXIT.undetermined, place.shown);
  }
  const files = [
    { path: POLICY_PATH, bytes },
    ...(await readKeys(place.keys)).map((file) => ({ path: `${KEYS_PATH}${file.path}`, bytes: file.bytes })),
  ];
  const text = new TextEncoder();
  const entries = files.map((file) => ({
    path: text.encode(file.path),
    mode: '100644',
    id: objectId('blob', file.bytes, 'sha1'),
    bytes: file.bytes,
  }));
  return { shown: place.shown, folder: { entries } };
}

/** The policy that lies at a commit. Throws `Unreadable` where there is no such commit. */
export async function findAtRevision(
  opened: OpenRepository,
  revision: string,
): Promise<FoundPolicy & { readonly commit: Commit }> {
  await refuseAmbiguous(opened, revision, 'revision');
  const id = await opened.resolve(revision);
  const [raw] = id === null ? [] : await opened.repository.readCommits([id]);
  const parsed = id === null || raw === undefined ? null : parseCommit(id, raw);
  if (parsed?.ok !== true) {
    throw new Unreadable(
      'object-missing',
      `\`${revision}\` names no commit in this repository: fetch it, or check its spelling (the name of a file ends in .yaml)`,
      { passing: false },
    );
  }
  const { commit } = parsed;
  return { shown: revision, commit, folder: await opened.repository.readPolicyFolder(commit.tree) };
}

/** Reads what was found. Throws `NoPolicy` for anything but a policy without errors. */
export async function readPolicy(found: FoundPolicy): Promise<ReadPolicy> {
  const { policy, keys } = openFolder(found.folder);
  if (policy.state === 'missing') {
    throw new NoPolicy(`there is no policy at \`${found.shown}\``, EXIT.undetermined, found.shown);
  }
  if (policy.state === 'refused') {
    const message = `\`${policy.path}\` (mode ${policy.mode}) is not a regular file under exactly that name`;
    throw new NoPolicy(message, EXIT.fail, found.shown);
  }
  const parsed = parsePolicy(policy.bytes);
  if (!parsed.ok) {
    const text = new TextDecoder().decode(policy.bytes);
    const message = `the policy at \`${found.shown}\` has errors`;
    throw new NoPolicy(message, EXIT.fail, found.shown, parsed.diagnostics, text);
  }
  const { keyring } = await openKeyring(keys);
  return { ...found, policy: parsed.policy, keyring };
}

/** Runs one command and turns what went wrong into words and an exit code. */
export async function answering(command: string, io: Io, run: () => Promise<number>): Promise<number> {
  try {
    return await run();
  } catch (error) {
    if (error instanceof NoPolicy) {
      const { diagnostics, shown, text } = error;
      const found = diagnostics.map((one) => ({ ...one, file: shown }));
      // Where its errors are shown, that it has some is said already.
      if (found.length > 0) io.err(showDiagnostics(found, shown, text, io.paint));
      else io.err(`countersign policy ${command}: ${cleanSentence(error.message)}\n`);
      return error.code;
    }
    if (!(error instanceof UsageError) && !(error instanceof Unreadable)) throw error;
    io.err(`countersign policy ${command}: ${cleanSentence(error.message)}\n`);
    return error instanceof UsageError ? EXIT.usage : EXIT.undetermined;
  }
}
