import { parseCommit, type Commit } from '../../core/object/commit.ts';
import type { Oid } from '../../core/object/id.ts';
import { cleanSentence } from '../../core/report/clean.ts';
import { jsonText } from '../../core/report/json.ts';
import { deciding } from '../../core/report/title.ts';
import { Unreadable } from '../../gather/ports.ts';
import { tipsOfLedgers } from '../../git/ledger.ts';
import { openRepository, type OpenRepository } from '../../git/reader.ts';
import { findArchiveAttributes } from '../../nix/archive-attributes.ts';
import { narHash } from '../../nix/nar.ts';
import { EXPORT_IGNORE, isBefore, NAR_HASH, parseNixVersion, showVersion } from '../../nix/nix-version.ts';
import type { NixVersion } from '../../nix/nix-version.ts';
import { encodeFetch } from '../../nix/snippet.ts';
import type { Fetch } from '../../nix/snippet.ts';
import { short } from '../history/words.ts';
import { proveTrusted, type TrustedAnswer } from '../history/trusted.ts';
import { EXIT, type Io } from '../io.ts';
import { answering } from '../pull/answering.ts';
import { findingLines, remedyLines } from '../finding-lines.ts';
import { keep } from '../keep.ts';
import { trustedOptions } from '../pull/proof.ts';
import { refuseAmbiguous, UsageError } from '../revisions.ts';
import { findPlace, type Place, type PlaceOptions } from './place.ts';
import { readSigners } from './signers.ts';

export interface SnippetOptions extends PlaceOptions {
  readonly repository: string;
  readonly newestProven?: boolean;
  readonly allowDowngrade?: boolean;
  readonly strict?: boolean;
  readonly form: string;
  readonly nixVersion?: string;
  readonly json?: boolean;
}

/** `countersign fetcher-snippet`: proves a revision and prints what fetches it. */
export async function fetcherSnippet(revision: string, options: SnippetOptions, io: Io): Promise<number> {
  const say = (text: string): void => {
    io.err(`countersign fetcher-snippet: ${cleanSentence(text)}\n`);
  };
  return answering('fetcher-snippet', io, async () => {
    const form = formOf(options.form);
    const version = versionOf(options.nixVersion);
    const opened = await openRepository(io.path(options.repository), [revision]);
    try {
      if (opened.format !== 'sha1') throw new UsageError('nix can name no commit of a SHA-256 repository');
      const place = await findPlace(opened, options, io);
      for (const { message } of place.warnings) say(message);
      const to = await resolve(opened, revision);
      const proof = await prove(opened, place, to, options, io);
      for (const line of proof?.summary ?? []) say(line);
      const rev = proof === null ? to : proof.accepted;
      if (rev === null) {
        say('nothing is printed: the revision is not proven');
        if (proof !== null) for (const line of wayOut(proof)) io.err(`${line}\n`);
        return EXIT[proof?.outcome ?? 'undetermined'];
      }
      if (proof === null) {
        say('UNVERIFIED: nothing was proven of this revision, since no introduction is known for it');
        say('`countersign trust add` or --introduction says from which commit on to trust the repository');
        if (options.strict === true) return EXIT.fail;
      }
      const snippet = await describe(opened, place, { rev, form, version, proven: proof !== null });
      const unkept = proof === null ? null : await keep(proof, io);
      if (unkept !== null) for (const line of findingLines(unkept)) io.err(`${line}\n`);
      await print(snippet, options, io);
      return EXIT.pass;
    } finally {
      await opened.dispose();
    }
  });
}

async function prove(
  opened: OpenRepository,
  { entry, branch }: Place,
  to: Oid,
  options: SnippetOptions,
  io: Io,
): Promise<TrustedAnswer | null> {
  if (entry === null) return null;
  const ledgers = await tipsOfLedgers(opened.refs, 'origin');
  const { allowDowngrade = false, newestProven = false } = options;
  return proveTrusted(
    trustedOptions(opened, { ...entry, branch }, { to, ledgers, allowDowngrade, newestProven }),
    io,
  );
}

/** What to do about a revision that is not proven: of the findings, of the first step that does not hold, and here. */
function wayOut({ findings, answer: { failed, state } }: TrustedAnswer): readonly string[] {
  const wrong = findings.filter(({ outcome }) => outcome !== 'pass');
  const step = failed === null ? [] : deciding(failed.verdict);
  const instead =
    failed === null || state === null
      ? []
      : [`    → or take the newest proven commit, ${short(state.commit)}: \`--newest-proven\``];
  return [...new Set([...wrong, ...step].flatMap(remedyLines)), ...instead];
}

interface Wanted {
  readonly rev: Oid;
  readonly form: Fetch['form'];
  readonly version: NixVersion | null;
  readonly proven: boolean;
}

interface Described extends Fetch {
  readonly branch: string;
  readonly proven: boolean;
}

async function describe(
  opened: OpenRepository,
  { url, branch, entry }: Place,
  { rev, form, version, proven }: Wanted,
): Promise<Described> {
  const commit = await readCommit(opened, rev);
  const { keys, signer, notes } = await readSigners(
    commit,
    await opened.repository.readPolicyFolder(commit.tree),
    branch,
  );
  const attributes = await findArchiveAttributes(commit.tree, opened.objects);
  const [changed] = attributes;
  const by =
    changed === undefined
      ? []
      : [
          `nix before ${showVersion(EXPORT_IGNORE)} makes another tree of it: ${changed.path}:${changed.line} says ${changed.attribute}`,
        ];
  const comments = [
    `commit ${rev} of the branch ${branch}`,
    proven
      ? `proven by countersign from ${entry?.introduction ?? ''} on`
      : 'UNVERIFIED: countersign proved nothing of it',
    ...notes,
    ...by,
  ];
  const exportIgnore = attributes.length > 0;
  const hash = await narHash(commit.tree, opened.objects);
  return {
    ...{ form, url, ref: branch, rev, narHash: hash, keys, signer, exportIgnore, version, comments },
    ...{ branch, proven },
  };
}

async function print(fetch: Described, options: SnippetOptions, io: Io): Promise<void> {
  const { expression, verified, since } = encodeFetch(fetch);
  if (options.json !== true) {
    io.out(expression);
  } else {
    const { url, branch, rev, narHash: hash, proven } = fetch;
    const said = { proven, url, branch, rev, narHash: hash, verifyCommit: verified, nix: showVersion(since) };
    io.out(`${jsonText({ ...said, expression }, 2)}\n`);
  }
  await io.flushed?.();
}

async function resolve(opened: OpenRepository, revision: string): Promise<Oid> {
  await refuseAmbiguous(opened, revision, 'revision');
  const id = await opened.resolve(revision);
  if (id !== null) return id;
  const message = `\`${revision}\` names no commit in this repository: fetch it, or check its spelling`;
  throw new Unreadable('object-missing', message, { passing: false });
}

async function readCommit(opened: OpenRepository, id: Oid): Promise<Commit> {
  const [raw] = await opened.repository.readCommits([id]);
  const parsed = parseCommit(id, raw ?? new Uint8Array());
  if (parsed.ok) return parsed.commit;
  throw new Unreadable('object-forged', `commit \`${id}\`: ${parsed.detail}`, { passing: false });
}

function formOf(text: string): Fetch['form'] {
  if (text === 'fetchGit' || text === 'fetchTree') return text;
  throw new UsageError(`\`${text}\` is not a form: --form fetchGit or fetchTree`);
}

function versionOf(text: string | undefined): NixVersion | null {
  if (text === undefined) return null;
  const version = parseNixVersion(text);
  if (version === null) throw new UsageError(`\`${text}\` is not a version of nix, such as 2.18`);
  if (!isBefore(version, NAR_HASH)) return version;
  throw new UsageError(
    `nix \`${text}\` cannot compare a narHash: ${showVersion(NAR_HASH)} is the first that can`,
  );
}
