import type { KeyFile } from '../identity/keyring.ts';
import type { ParsedCommit } from '../object/commit.ts';
import type { Oid } from '../object/id.ts';
import { parsedCommit } from '../object/parsed-commit.ts';
import type { OpenedFolder } from '../policy/folder.ts';
import type { ParsedPolicy } from '../policy/parse.ts';
import type { SignedText } from '../statement/extract.ts';
import { isTestimony, parseStatements, type ParsedBatch, type Testimony } from '../statement/statement.ts';
import type { Facts, RawCommit } from './facts.ts';
import { openedFolder, policyIn } from './opened.ts';

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
  /**
   * Every signed text once, as it was found, but for those that hold nothing that a judgement could rest on: what is said to
   * users alone. `Proofs.statements` is in this order.
   */
  readonly texts: readonly StatementText[];
  /** The statements in these texts, one after the other: a batch holds several under one signature. */
  readonly statements: readonly ReadStatement[];
  /** The texts that hold no statements, or one that is wrong: one bad statement refuses its batch. */
  readonly malformed: readonly MalformedText[];
  /** What foreign heads bring over the tip, by the head: in the order of `SignedSpan.commits`. */
  readonly carried: ReadonlyMap<Oid, readonly ParsedCommit[]>;
}

export interface StatementText {
  readonly signed: SignedText;
  readonly parsed: ParsedBatch;
}

export interface ReadStatement {
  readonly signed: SignedText;
  /** Into `Reading.texts`, and so into `Proofs.statements`. */
  readonly index: number;
  readonly statement: Testimony;
}

export interface MalformedText {
  readonly signed: SignedText;
  readonly index: number;
  readonly line: number;
  readonly problem: string;
}

/** Parses facts. Texts that occur several times (a statement quoted in a reply) are read, and later counted, once. */
export function readFacts(facts: Facts): Reading {
  const folder = openedFolder(facts.policy);
  const seen = new Set<string>();
  const texts: StatementText[] = [];
  for (const signed of facts.statements) {
    const key = `${latin1(signed.text)}\0${latin1(signed.armor)}`;
    if (seen.has(key)) continue;
    seen.add(key);
    const parsed = parseStatements(signed.text);
    if (!parsed.ok || parsed.statements.some(isTestimony)) texts.push({ signed, parsed });
  }
  const carried = new Map<Oid, readonly ParsedCommit[]>();
  for (const { head, commits } of facts.spans) {
    if (commits.length > 0 && !carried.has(head)) carried.set(head, parseAll(commits));
  }
  return {
    facts,
    folder,
    policy: policyIn(folder),
    keys: folder.keys,
    proposed: facts.proposedPolicy && openedFolder(facts.proposedPolicy),
    tip: parsedCommit(facts.tip.id, facts.tip.raw),
    commits: parseAll(facts.commits),
    texts,
    statements: texts.flatMap(({ signed, parsed }, index) =>
      parsed.ok
        ? parsed.statements
            .filter(isTestimony)
            .map((statement): ReadStatement => ({ signed, index, statement }))
        : [],
    ),
    malformed: texts.flatMap(({ signed, parsed }, index): MalformedText[] =>
      parsed.ok ? [] : [{ signed, index, line: parsed.line, problem: parsed.problem }],
    ),
    carried,
  };
}

function parseAll(commits: readonly RawCommit[]): ParsedCommit[] {
  return commits.map(({ id, raw }) => parsedCommit(id, raw));
}

function latin1(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('latin1');
}
