import { ofRoster } from '../core/facts/needs.ts';
import type { PolicyFolder } from '../core/policy/folder.ts';
import { extractStatements, type SignedText, type StatementSource } from '../core/statement/extract.ts';

/** The sources that hold a statement signed by a key of the very person of a roster whom it names. */
export async function sourcesOfRoster(
  folder: PolicyFolder,
  sources: readonly StatementSource[],
): Promise<readonly StatementSource[]> {
  const texts = new Map(sources.map((source) => [source, extractStatements(source).signed]));
  const signed = await textsOfRoster(folder, [...texts.values()].flat());
  return sources.filter((source) => texts.get(source)?.some((one) => signed.has(one)) === true);
}

/** The same for texts that were cut out already. */
export async function textsOfRoster(
  folder: PolicyFolder,
  texts: readonly SignedText[],
): Promise<ReadonlySet<SignedText>> {
  return new Set((await ofRoster(folder, texts)).map(({ signed }) => signed));
}
