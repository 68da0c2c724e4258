import { join } from 'node:path';
import type { PinHolder } from '../../core/policy/edit.ts';
import type { Policy } from '../../core/policy/policy.ts';
import { clean, cleanSentence } from '../../core/report/clean.ts';
import { jsonText } from '../../core/report/json.ts';
import { EXIT, type Io } from '../io.ts';
import { whoMustAgree } from './governance-words.ts';
import { cleaned, findingText, type KeyFinding } from './outcome.ts';
import type { PolicyOnDisk } from './policy.ts';
import { howToSign, possessionText, type Claim } from './possession.ts';
import type { FileChange } from './write.ts';

type Claimed = Pick<Claim, 'person' | 'kind' | 'pin'>;

/** What `keys add` did: `brought` a certificate that was missing, `updated` one that was there, or found all of it there. */
export type AddResult = 'added' | 'person-added' | 'updated' | 'brought' | 'unchanged';

interface Printing {
  readonly dryRun?: boolean;
  readonly json?: boolean;
}

interface Done {
  readonly disk: PolicyOnDisk;
  readonly changes: readonly FileChange[];
  readonly findings: readonly KeyFinding[];
}

/** Prints the text that the owner signs, and how. */
export function ask(claim: Claim, stranger: KeyFinding | null, options: Printing, io: Io): number {
  const statement = possessionText(claim);
  if (options.json === true) {
    const findings = stranger === null ? [] : [cleaned(stranger)];
    const fields = { ok: false, result: 'pending', dryRun: options.dryRun === true, ...fieldsOf(claim) };
    io.out(`${jsonText({ ...fields, statement, files: [], findings })}\n`);
    return EXIT.pending;
  }
  io.out(statement);
  const shown = io.terminal?.out === true;
  if (shown) io.err('\n');
  if (stranger !== null) io.err(noteOf(stranger));
  io.err(howToSign(claim, shown));
  return EXIT.pending;
}

export function report(
  result: AddResult,
  claimed: Claimed,
  { disk, changes, findings }: Done,
  { json, dryRun }: Printing,
  io: Io,
): void {
  const files = changes.map(({ path }) => shownPath(path, disk));
  if (json === true) {
    const fields = { ok: true, result, dryRun: dryRun === true, ...fieldsOf(claimed) };
    io.out(`${jsonText({ ...fields, statement: null, files, findings: findings.map(cleaned) })}\n`);
    return;
  }
  const would = dryRun === true && result !== 'unchanged' ? 'nothing was written; without --dry-run: ' : '';
  const { person, pin } = claimed;
  const what: Readonly<Record<AddResult, string>> = {
    added: `\`${person}\` gets the key ${pin.fingerprint}`,
    'person-added': `\`${person}\` becomes a person with the key ${pin.fingerprint}`,
    updated: `\`${person}\` has the key ${pin.fingerprint} already: its certificate is renewed`,
    brought: `\`${person}\` has the key ${pin.fingerprint} already: its certificate was missing, and is brought`,
    unchanged: `\`${person}\` has the key ${pin.fingerprint} already: nothing was changed`,
  };
  io.out(`${would}${what[result]}\n`);
  for (const file of files) io.out(`  ${clean(file)}\n`);
  for (const finding of findings) io.err(findingText(finding));
}

/** A finding that stops nothing, in one line. */
export function noteOf({ message, remedy }: KeyFinding): string {
  return `${cleanSentence(remedy === null ? message : `${message}: ${remedy}`)}\n`;
}

/** What must still happen before the key counts. */
export function hintsAfter(policy: Policy, person: string, { list }: PinHolder): KeyFinding[] {
  const inGroup = [...policy.groups.values()].some((members) => members.has(person));
  const hints: KeyFinding[] = [
    {
      code: 'governance-needed',
      message: `it counts once it has landed: ${whoMustAgree(policy)}`,
      remedy: null,
    },
  ];
  if (list === 'people' && !inGroup) {
    hints.unshift({
      code: 'person-in-no-group',
      message: `\`${person}\` is in no group: their signatures count for nothing yet`,
      remedy: `add \`${person}\` to a group under \`groups\``,
    });
  }
  return hints;
}

function fieldsOf({ person, kind, pin }: Claimed): Readonly<Record<string, string>> {
  return { person, kind, format: pin.kind, fingerprint: pin.fingerprint };
}

function shownPath(path: string, { place }: PolicyOnDisk): string {
  return path === place.path ? place.shown : join(place.shownKeys, path.slice(place.keys.length + 1));
}
