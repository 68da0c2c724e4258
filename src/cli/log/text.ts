import { clean, cleanSentence } from '../../core/report/clean.ts';
import type { Paint } from '../../core/report/paint.ts';
import type { ProofStatus, SignerKey } from '../../core/signature/proof.ts';
import { personOf } from './line.ts';
import type { Holder, LogLine, VerifiedCommit, VerifiedMergetag } from './line.ts';

/** Wide enough for the longest status. */
const STATUS_WIDTH = 11;
const WHO_WIDTH = 18;
/** These say no more than the status itself. */
const SAID_BY_STATUS: readonly string[] = ['unsigned', 'key-unknown'];

/** A commit for a person: a line with id, status, signer and subject, then a line for each finding and merged tag. */
export function textOf(
  commit: VerifiedCommit,
  line: LogLine,
  holderOf: (key: SignerKey) => Holder,
  paint: Paint,
): string {
  const who = commit.ok ? whoSigned(commit.proof.key, line, holderOf) : '-';
  const subject = commit.ok ? clean(commit.subject) : '';
  const first = [
    paint('dim', line.commit.slice(0, 12)),
    paintStatus(line, paint),
    who.padEnd(WHO_WIDTH),
    subject,
  ];
  const tags = commit.ok ? commit.mergetags.map((tag) => `merged tag ${tagInWords(tag, holderOf)}`) : [];
  const findings = line.findings
    .filter(({ code }) => !SAID_BY_STATUS.includes(code))
    .map(({ message, code }) => `${cleanSentence(message)} (${code})`);
  const more = [...findings, ...tags].map((text) => `    ${paint('dim', text)}\n`);
  return `${first.join('  ').trimEnd()}\n${more.join('')}`;
}

function paintStatus({ status, findings }: LogLine, paint: Paint): string {
  const word = status.padEnd(STATUS_WIDTH);
  switch (status) {
    case 'good':
      return paint(findings.length === 0 ? 'pass' : 'pending', word);
    case 'bad':
    case 'malformed':
      return paint('fail', word);
    case 'unknown-key':
    case 'unsupported':
      return paint('undetermined', word);
    case 'unsigned':
      return paint('dim', word);
  }
}

function whoSigned(
  key: SignerKey | null,
  { status, fingerprint }: Pick<LogLine, 'status' | 'fingerprint'>,
  holderOf: (key: SignerKey) => Holder,
): string {
  const holder = status === 'good' && key !== null ? holderOf(key) : null;
  if (holder?.webFlow === true) return 'GitHub';
  const person = holder === null ? null : personOf(holder);
  if (person !== null) return clean(person);
  // An OpenPGP fingerprint is known by its last digits, an SSH one by its first.
  return fingerprint === null
    ? '-'
    : fingerprint.slice(...(fingerprint.startsWith('SHA256:') ? [0, 18] : [-16]));
}

function tagInWords(tag: VerifiedMergetag, holderOf: (key: SignerKey) => Holder): string {
  if (!tag.ok) return 'that cannot be read';
  const { key, status, issuer } = tag.proof;
  const fingerprint = key?.fingerprint ?? issuer;
  return `${clean(tag.name)}: ${status}, ${whoSigned(key, { status, fingerprint }, holderOf)}`;
}

/** How many commits there were of each status. */
export interface Tally {
  readonly counts: Map<ProofStatus, number>;
  commits: number;
  withFindings: number;
}

export function newTally(): Tally {
  return { counts: new Map(), commits: 0, withFindings: 0 };
}

export function count(tally: Tally, { status, findings }: LogLine): void {
  tally.commits += 1;
  tally.counts.set(status, (tally.counts.get(status) ?? 0) + 1);
  if (status === 'good' && findings.length > 0) tally.withFindings += 1;
}

const ORDER: readonly ProofStatus[] = ['good', 'bad', 'malformed', 'unknown-key', 'unsupported', 'unsigned'];

/** `2,000 commits: 1,990 good (3 with findings), 10 unsigned`. */
export function summary({ counts, commits, withFindings }: Tally): string {
  const parts = ORDER.flatMap((status) => {
    const number = counts.get(status) ?? 0;
    if (number === 0) return [];
    const doubts = status === 'good' && withFindings > 0 ? ` (${grouped(withFindings)} with findings)` : '';
    return [`${grouped(number)} ${status}${doubts}`];
  });
  const total = `${grouped(commits)} commit${commits === 1 ? '' : 's'}`;
  return parts.length === 0 ? total : `${total}: ${parts.join(', ')}`;
}

/** A whole number with a comma between thousands. */
export function grouped(number: number): string {
  return String(number).replace(/\B(?=(?:[0-9]{3})+$)/g, ',');
}
