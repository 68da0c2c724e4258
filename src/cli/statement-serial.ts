import { ofRoster } from '../core/facts/needs.ts';
import type { Oid } from '../core/object/id.ts';
import { extractStatements } from '../core/statement/extract.ts';
import { signerNameOf } from '../core/statement/statement.ts';
import type { OpenRepository } from '../git/reader.ts';
import { readFolder } from './at-commit.ts';
import type { Io } from './io.ts';
import { readKept } from './review/kept.ts';
import { openLedgers } from './verify-ledger.ts';

/**
 * A serial above all that is known here of a person on a branch (trust.md C14): what they signed on this machine, and what
 * the ledger has about this head. Only what a key of theirs really signed: anybody may write a high number.
 */
export async function findSerial(
  opened: OpenRepository,
  about: {
    readonly project: string;
    readonly branch: string;
    readonly base: Oid;
    readonly head: Oid;
    readonly person: string;
  },
  io: Io,
): Promise<number> {
  const { project, branch, base, head, person } = about;
  const commits = [head];
  const archived = await openLedgers(opened, base, io).about({
    branch,
    heads: commits,
    commits,
    earlier: [],
  });
  const sources = [...(await readKept(io.environment, project)), ...archived];
  const texts = sources.flatMap((source) => extractStatements(source).signed);
  const signed = await ofRoster(await readFolder(opened.repository, base), texts);
  const serials = signed
    .flatMap(({ statements }) => statements)
    .filter((one) => signerNameOf(one) === person)
    .flatMap((one) => ('serial' in one && one.branch === branch ? [one.serial] : []));
  return Math.max(0, ...serials) + 1;
}
