import { clean, cleanSentence } from '../../core/report/clean.ts';
import { jsonText } from '../../core/report/json.ts';
import { LEDGER_BRANCH } from '../../core/statement/names.ts';
import type { Oid } from '../../core/object/id.ts';
import { findObjectFolder, readBundle, unpackBundle, type BundleHeader } from '../../git/bundle.ts';
import { openRepository } from '../../git/reader.ts';
import { refsOf } from '../../git/refs.ts';
import { readTop } from '../../git/worktree.ts';
import type { TrustEntry } from '../../trust/entry.ts';
import { findEntries, openTrust } from '../../trust/find.ts';
import { conceal } from '../../trust/url.ts';
import { proveTrusted } from '../history/trusted.ts';
import { EXIT, type Io } from '../io.ts';
import { OTHER_LEDGER, readRef } from '../pull/ledgers.ts';
import { answering } from '../pull/answering.ts';
import { trustedOptions } from '../pull/proof.ts';
import { reasons } from '../hooks/judge-ref.ts';
import { allRemotes } from '../pull/remote-url.ts';
import { findingsJson } from '../history/report.ts';
import { short } from '../history/words.ts';
import { sizeOf } from '../pull/words.ts';
import { UsageError } from '../revisions.ts';

export interface VerifyBundleOptions {
  readonly repository?: string;
  readonly url?: string;
  readonly branch?: string;
  readonly trust?: string;
  readonly allowDowngrade?: boolean;
  readonly json?: boolean;
}

/** `countersign bundle verify`: proves a bundle in a folder of ours, which is thrown away. */
export function verifyBundle(file: string, options: VerifyBundleOptions, io: Io): Promise<number> {
  return answering('bundle verify', io, async () => {
    const path = io.path(file);
    const header = await readBundle(path);
    const directory = io.path(options.repository ?? '.');
    const around = await findObjectFolder(directory).catch(() => null);
    if (around === null && options.repository !== undefined) {
      throw new UsageError(`\`${directory}\` is not inside a git repository`);
    }
    const entry = await chooseEntry(header, around === null ? null : directory, options, io);
    const to = header.refs.get(`refs/heads/${entry.branch}`);
    if (to === undefined) throw new UsageError(`the bundle has no branch \`${entry.branch}\``);
    io.err(`${clean(path)} (${sizeOf(header.bytes)}) has ${clean(entry.branch)} at ${short(to)}\n`);
    const known = around === null ? [] : await knownLedgers(directory, entry);
    // A complete bundle stands for itself: nothing of another repository is needed, or looked at.
    const borrowed = header.needs.length > 0 || known.length > 0 ? around : null;
    const workspace = await unpackBundle(path, header, borrowed);
    try {
      const opened = await openRepository(workspace.gitDir);
      try {
        const carried = [`refs/heads/${LEDGER_BRANCH}`, OTHER_LEDGER].flatMap(
          (ref) => header.refs.get(ref) ?? [],
        );
        const question = {
          to,
          ledgers: [...carried, ...known],
          allowDowngrade: options.allowDowngrade === true,
          newestProven: false,
        };
        const trusted = await proveTrusted(trustedOptions(opened, entry, question), io);
        const { outcome, accepted, answer, summary } = trusted;
        if (options.json === true) {
          const { from, steps, commits, ahead } = answer;
          const about = { file: path, branch: entry.branch, url: conceal(entry.url), outcome, accepted };
          const findings = findingsJson(trusted);
          io.out(`${jsonText({ ...about, from, to, steps, commits, ahead, findings, summary })}\n`);
        } else {
          const words =
            accepted === to ? summary.map(cleanSentence) : reasons(trusted, 'countersign bundle verify FILE');
          io.out(`${io.paint(outcome, outcome)}: ${clean(entry.branch)} at ${short(to)}\n`);
          io.out(words.map((line) => `  ${line}\n`).join(''));
        }
        if (accepted === to) return EXIT.pass;
        return EXIT[outcome === 'pass' ? 'undetermined' : outcome];
      } finally {
        await opened.dispose();
      }
    } finally {
      await workspace.dispose();
    }
  });
}

/** The entry of the trust file that the bundle is judged by. Which one it is, the bundle itself has no say in. */
async function chooseEntry(
  { refs }: BundleHeader,
  directory: string | null,
  options: VerifyBundleOptions,
  io: Io,
): Promise<TrustEntry> {
  const trust = await openTrust({
    file: options.trust === undefined ? null : io.path(options.trust),
    // A repository's own lock is whatever was pushed into it: no word on where trust in that repository begins.
    folder: null,
    environment: io.environment,
  });
  for (const { message } of trust.warnings) io.err(`countersign: ${clean(message)}\n`);
  const fits = (entry: TrustEntry): boolean =>
    (options.branch === undefined || entry.branch === options.branch) &&
    refs.has(`refs/heads/${entry.branch}`);
  let found = (options.url === undefined ? trust.entries : findEntries(trust, options.url)).filter(fits);
  if (found.length > 1 && options.url === undefined && directory !== null) {
    const top = await readTop(directory);
    const urls = (await allRemotes(directory, top)).map(({ url }) => url);
    const ofRemotes = found.filter((entry) =>
      urls.some((url) => findEntries({ entries: [entry] }, url).length > 0),
    );
    if (ofRemotes.length > 0) found = ofRemotes;
  }
  const [entry, ...others] = found;
  if (entry === undefined) {
    const branches = [...refs.keys()].filter(
      (ref) => ref.startsWith('refs/heads/') && !ref.endsWith(LEDGER_BRANCH),
    );
    throw new UsageError(
      `your trust file says nothing of what is in the bundle (${branches.map((ref) => `\`${ref}\``).join(', ')}): add it with \`countersign trust add URL --introduction COMMIT --branch NAME\``,
    );
  }
  if (others.length > 0) {
    const all = found.map(({ url, branch }) => `\`${conceal(url)}\` \`${branch}\``).join(', ');
    throw new UsageError(
      `several entries of your trust file fit the bundle (${all}): say which with --url and --branch`,
    );
  }
  return entry;
}

/** The ledgers of the repository that a bundle builds on: what is in them counts as well. */
async function knownLedgers(directory: string, entry: TrustEntry): Promise<readonly Oid[]> {
  const refs = refsOf(directory);
  const top = await readTop(directory);
  const names = [`refs/heads/${LEDGER_BRANCH}`];
  for (const { name, url } of await allRemotes(directory, top)) {
    const same = findEntries({ entries: [entry] }, url);
    if (same.length > 0) names.push(`refs/remotes/${name}/${LEDGER_BRANCH}`);
  }
  const found = await Promise.all(names.map((name) => readRef(refs, name)));
  return found.filter((id) => id !== null);
}
