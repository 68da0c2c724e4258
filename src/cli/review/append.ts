import type { PolicyFolder } from '../../core/policy/folder.ts';
import { extractStatements } from '../../core/statement/extract.ts';
import { ledgerFile, ledgerPaths } from '../../core/statement/ledger.ts';
import { Unreadable } from '../../gather/ports.ts';
import { sourcesOfRoster } from '../../gather/roster.ts';
import { appendToLedger, type Appended } from '../../git/ledger-append.ts';
import { UsageError } from '../revisions.ts';
import { stateFolder } from '../state-folder.ts';
import type { Delivered } from './deliver.ts';
import { Refusal } from './refusal.ts';
import { signedText, type SignedBatch } from './sign.ts';
import type { Workplace } from './workplace.ts';

/**
 * Puts signed texts that belong to no pull request into the ledger of the remote, with the person's own git. What could
 * not be put there is printed, so that no signature is lost.
 *
 * @param folder whose people's statements are kept where the ledger was rewritten
 */
export async function appendSigned(
  work: Workplace,
  signed: readonly SignedBatch[],
  folder: PolicyFolder,
): Promise<readonly Delivered[]> {
  const state = stateFolder(work.io.environment);
  if (state === null) {
    printAll(work, signed);
    throw new UsageError('there is no place to remember the state of the ledger: set HOME or XDG_STATE_HOME');
  }
  const appended = await append(work, signed, folder, state);
  if (appended.kind === 'rewritten') {
    printAll(work, signed);
    throw new Refusal(
      'ledger-rewritten',
      'the ledger was rewritten since you last saw it, and nothing was written into it; what you signed is printed above',
      '`countersign archive` says what is gone',
    );
  }
  return [{ to: `the ledger of \`${work.remote ?? ''}\``, url: null }];
}

async function append(
  work: Workplace,
  signed: readonly SignedBatch[],
  folder: PolicyFolder,
  state: string,
): Promise<Appended> {
  const files = new Map<string, Uint8Array>();
  for (const batch of signed) {
    const [text] = extractStatements({ from: '', text: signedText(batch) }).signed;
    if (text === undefined) throw new Error('what was signed cannot be read again');
    const file = ledgerFile(text);
    const statements = batch.drafts.map(({ statement }) => statement);
    for (const path of ledgerPaths(file, statements)) files.set(path, file);
  }
  try {
    return await appendToLedger(work.opened, {
      directory: work.directory,
      remote: work.remote ?? '',
      project: signed[0]?.drafts[0]?.statement.project ?? '',
      state,
      files,
      acceptRewrite: false,
      keep: (sources) => sourcesOfRoster(folder, sources),
    });
  } catch (error) {
    if (error instanceof Unreadable) printAll(work, signed);
    throw error;
  }
}

function printAll({ io }: Workplace, signed: readonly SignedBatch[]): void {
  for (const batch of signed) io.err(signedText(batch));
}
