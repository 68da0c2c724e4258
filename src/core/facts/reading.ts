import type { KeyFile } from '../identity/keyring.ts';
import { parseCommit, type ParsedCommit } from '../object/commit.ts';
import { openFolder, type OpenedFolder } from '../policy/folder.ts';
import { parsePolicy, type ParsedPolicy } from '../policy/parse.ts';
import type { SignedText } from '../statement/extract.ts';
import { parseStatement, type ParsedStatement } from '../statement/review.ts';
import type { Facts } from './facts.ts';

/** Facts with every text in them parsed. What could not be parsed is a value here, for a rule to report. */
export interface Reading {
  readonly facts: Facts;
  readonly folder: OpenedFolder;
  /** `null` where there is no policy file to parse. */
  readonly policy: ParsedPolicy | null;
  readonly keys: readonly KeyFile[];
  /** The folder that the change would leave; `null` where it does not touch it. */
  readonly proposed: OpenedFolder | null;
  readonly tip: ParsedCommit;
  readonly commits: readonly ParsedCommit[];
  readonly statements: readonly StatementText[];
}

export interface StatementText {
  readonly signed: SignedText;
  readonly parsed: ParsedStatement;
}

/** Parses facts. Texts that occur several times (a statement quoted in a reply) are read, and later counted, once. */
export function readFacts(facts: Facts): Reading {
  const folder = openFolder(facts.policy);
  const seen = new Set<string>();
  const statements: StatementText[] = [];
  for (const signed of facts.statements) {
    const key = `${latin1(signed.text)}\0${latin1(signed.armor)}`;
    if (seen.has(key)) continue;
    seen.add(key);
    statements.push({ signed, parsed: parseStatement(signed.text) });
  }
  return {
    facts,
    folder,
    policy: folder.policy.state === 'present' ? parsePolicy(folder.policy.bytes) : null,
    keys: folder.keys,
    proposed: facts.proposedPolicy && openFolder(facts.proposedPolicy),
    tip: parseCommit(facts.tip.id, facts.tip.raw),
    commits: facts.commits.map(({ id, raw }) => parseCommit(id, raw)),
    statements,
  };
}

function latin1(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('latin1');
}
