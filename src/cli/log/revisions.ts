import type { Oid } from '../../core/object/id.ts';
import { Unreadable } from '../../gather/ports.ts';
import type { Selection } from '../../git/commit-stream.ts';
import type { OpenRepository } from '../../git/reader.ts';
import { refuseAmbiguous, UsageError } from '../revisions.ts';

export interface LogSelection {
  readonly all?: boolean;
  readonly maxCount?: string;
}

const MAX_REVISIONS = 10_000;
/** Names that are looked up side by side: each starts git twice. */
const AT_ONCE = 8;

/**
 * The commits that a command line names, as `git log` understands it (gitrevisions(7), SPECIFYING RANGES): `REV`, `^REV`,
 * `A..B`, `A...B` with HEAD where a side is left out, `REV^@`, `REV^!`, `REV^-` and `REV^-N`. Names are looked up in the
 * user's repository and become ids here; an ambiguous name is refused. Nothing named but what is left out: HEAD. `null`:
 * HEAD is a branch without a commit yet.
 */
export async function selectCommits(
  opened: OpenRepository,
  given: readonly string[],
  options: LogSelection,
): Promise<Selection | null> {
  const maxCount = parseCount(options.maxCount);
  if (given.length > MAX_REVISIONS) throw new UsageError(`more than ${MAX_REVISIONS} revisions`);
  const named: string[] = [];
  for (let from = 0; from < given.length; from += AT_ONCE) {
    const terms = given.slice(from, from + AT_ONCE);
    named.push(...(await Promise.all(terms.map((text) => resolveTerm(opened, text)))).flat());
  }
  const all = options.all === true ? await allCommits(opened) : [];
  const revisions = [...named, ...all];
  if (options.all !== true && revisions.every((term) => term.startsWith('^'))) {
    const head = await opened.resolve('HEAD');
    if (head === null) {
      if (given.length === 0 && (await opened.refs.currentBranch()) !== null) return null;
      throw unknown('HEAD');
    }
    revisions.push(head);
  }
  return { revisions: [...new Set(revisions)], maxCount };
}

async function allCommits(opened: OpenRepository): Promise<readonly Oid[]> {
  const refs = await opened.refs.readAll();
  return (await opened.peel(refs.map(({ id }) => id))).filter((id) => id !== null);
}

async function resolveTerm(opened: OpenRepository, text: string): Promise<readonly string[]> {
  const [, count] = /^-([0-9]+)$/.exec(text) ?? [];
  if (count !== undefined) throw new UsageError(`\`${text}\`: write \`-n ${count}\``);
  const range = /^(.*?)(\.{2,3})(.*)$/su.exec(text);
  if (range !== null) {
    const [, left = '', dots = '', right = ''] = range;
    const [from, to] = await Promise.all([
      resolveName(opened, left === '' ? 'HEAD' : left),
      resolveName(opened, right === '' ? 'HEAD' : right),
    ]);
    return dots === '..' ? [`^${from}`, to] : [`${from}...${to}`];
  }
  if (text.startsWith('^')) return [`^${await resolveName(opened, text.slice(1))}`];
  const [, name = text, suffix = ''] = /^(.+?)(\^@|\^!|\^-[0-9]{0,4})$/su.exec(text) ?? [];
  return [`${await resolveName(opened, name)}${suffix}`];
}

async function resolveName(opened: OpenRepository, name: string): Promise<Oid> {
  // Side by side, since git takes its time to start; that a name is ambiguous is said first.
  const resolved = opened.resolve(name);
  resolved.catch(() => undefined);
  await refuseAmbiguous(opened, name, 'revision');
  const id = await resolved;
  if (id === null) throw unknown(name);
  return id;
}

function unknown(name: string): Unreadable {
  return new Unreadable(
    'object-missing',
    `the revision \`${name}\` names no commit in this repository: fetch it, or check its spelling`,
    { passing: false },
  );
}

function parseCount(text: string | undefined): number | null {
  if (text === undefined) return null;
  if (/^[0-9]{1,9}$/.test(text)) return Number(text);
  throw new UsageError(`\`${text}\` is no number of commits`);
}
