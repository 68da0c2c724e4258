import { clean, cleanSentence } from '../../core/report/clean.ts';
import type { Paint } from '../../core/report/paint.ts';
import { keyIdOf } from '../../core/signature/openpgp-key.ts';
import type { ProofStatus, SignerKey } from '../../core/signature/proof.ts';
import { personOf } from './line.ts';
import type { Holder, LogLine, VerifiedCommit, VerifiedMergetag } from './line.ts';

/** Wide enough for the longest status. */
const STATUS_WIDTH = 11;
const WHO_WIDTH = 18;
/** These say no more than the line itself. */
const SAID_BY_LINE: readonly string[] = ['unsigned', 'key-unknown'];

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
  // What is wrong with a tag is a finding.
  const tags = commit.ok
    ? commit.mergetags
        .filter((tag) => tag.ok && tag.proof.status !== 'bad' && tag.proof.status !== 'malformed')
        .map((tag) => `merged tag ${tagInWords(tag, holderOf)}`)
    : [];
  const findings = line.findings
    .filter(({ code }) => !SAID_BY_LINE.includes(code))
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
  if (fingerprint === null) return '-';
  const short = fingerprint.startsWith('SHA256:') ? fingerprint.slice(0, 18) : keyIdOf(fingerprint);
  return holder !== null && holder.names.length === 0 ? `nobody's ${short}` : short;
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
  /** Good ones by a key that nobody here has. */
  strangers: number;
  /** Other good ones that something speaks against. */
  withFindings: number;
}

export function newTally(): Tally {
  return { counts: new Map(), commits: 0, strangers: 0, withFindings: 0 };
}

export function count(tally: Tally, { status, findings }: LogLine): void {
  tally.commits += 1;
  tally.counts.set(status, (tally.counts.get(status) ?? 0) + 1);
  if (status !== 'good' || findings.length === 0) return;
  if (findings.some(({ code }) => code === 'key-unknown')) tally.strangers += 1;
  else tally.withFindings += 1;
}

const ORDER: readonly ProofStatus[] = ['good', 'bad', 'malformed', 'unknown-key', 'unsupported', 'unsigned'];

/** `2,000 commits: 1,990 good (5 by keys that nobody here has, 3 with findings), 10 unsigned`. */
export function summary({ counts, commits, strangers, withFindings }: Tally): string {
  const doubts = [
    ...(strangers === 0 ? [] : [`${grouped(strangers)} by keys that nobody here has`]),
    ...(withFindings === 0 ? [] : [`${grouped(withFindings)} with findings`]),
  ].join(', ');
  const parts = ORDER.flatMap((status) => {
    const number = counts.get(status) ?? 0;
    if (number === 0) return [];
    return [`${grouped(number)} ${status}${status === 'good' && doubts !== '' ? ` (${doubts})` : ''}`];
  });
  const total = `${grouped(commits)} commit${commits === 1 ? '' : 's'}`;
  return parts.length === 0 ? total : `${total}: ${parts.join(', ')}`;
}

/** A whole number with a comma between thousands. */
export function grouped(number: number): string {
  return String(number).replace(/\B(?=(?:[0-9]{3})+$)/g, ',');
}
