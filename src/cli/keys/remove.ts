import { join } from 'node:path';
import { parseKeyFile } from '../../core/identity/key-file.ts';
import { removePin } from '../../core/policy/edit.ts';
import type { Pin, Policy } from '../../core/policy/policy.ts';
import { clean } from '../../core/report/clean.ts';
import { jsonText } from '../../core/report/json.ts';
import { whoMustAgree } from './governance-words.ts';
import { EXIT, type Io } from '../io.ts';
import { ownersOf, type PinOwner } from './certificate.ts';
import { KeysRefusal, runKeys } from './outcome.ts';
import { openPolicy, parseOrThrow, type PolicyOnDisk } from './policy.ts';
import { changeFiles, type FileChange } from './write.ts';

export interface RemoveOptions {
  readonly policy?: string;
  readonly dryRun?: boolean;
  readonly json?: boolean;
}

/** `countersign keys remove`: takes one pin away, and its certificate where nobody else needs it. */
export function removeKey(person: string, key: string, options: RemoveOptions, io: Io): Promise<number> {
  return runKeys('remove', options, io, async () => {
    const disk = await openPolicy(options.policy, io);
    const { policy, place } = disk;
    const owner = findHolder(policy, person);
    const index = findPin(owner, key);
    const pin = owner.keys[index];
    if (pin === undefined || owner.keys.length === 1) throw lastKey(policy, owner);
    const list = owner.kind === 'person' ? 'people' : 'bots';
    const edited = removePin(disk.bytes, { list, name: person }, index);
    if (!edited.ok) {
      throw new KeysRefusal(
        edited.problem,
        `\`${place.shown}\` is written in a way that cannot be edited without touching more than this key`,
        `take ${pin.fingerprint} out of the keys of \`${person}\` by hand`,
      );
    }
    const after = parseOrThrow(
      edited.bytes,
      place,
      `without this key of \`${person}\` the policy would have errors`,
    );
    const certificates = certificatesToGo(pin, after, disk);
    const changes: FileChange[] = [
      { path: place.path, bytes: edited.bytes, before: disk.bytes },
      ...certificates.map(({ path, bytes }) => ({
        path: join(place.keys, path),
        bytes: null,
        before: bytes,
      })),
    ];
    if (options.dryRun !== true) await changeFiles(changes, place);
    const removed = certificates.map(({ path }) => join(place.shownKeys, path));
    report({ person, kind: owner.kind, pin, shown: place.shown, removed, policy: after }, options, io);
    return EXIT.pass;
  });
}

function report(
  { person, kind, pin, shown, removed, policy }: Removal,
  { json, dryRun }: RemoveOptions,
  io: Io,
): void {
  if (json === true) {
    const { kind: format, fingerprint } = pin;
    const fields = {
      ok: true,
      result: 'removed',
      dryRun: dryRun === true,
      person,
      kind,
      format,
      fingerprint,
    };
    io.out(`${jsonText({ ...fields, files: [shown], removed, findings: [] })}\n`);
    return;
  }
  const would = dryRun === true ? 'nothing was written; without --dry-run: ' : '';
  io.out(`${would}\`${person}\` loses the key ${pin.fingerprint}\n  ${clean(shown)}\n`);
  for (const file of removed) io.out(`  ${clean(file)} (removed)\n`);
  io.err(
    `it counts no more once this has landed: ${whoMustAgree(policy)}\n` +
      'what the key signed for earlier steps stays as it is; clients that have seen the new state will not go back\n',
  );
}

interface Removal {
  readonly person: string;
  readonly kind: PinOwner['kind'];
  readonly pin: Pin;
  readonly shown: string;
  readonly removed: readonly string[];
  readonly policy: Policy;
}

function findHolder(policy: Policy, person: string): PinOwner {
  const owners = ownersOf(policy);
  const owner = owners.find(({ name }) => name === person);
  if (owner) return owner;
  const names = owners.map(({ name }) => name).join(', ');
  throw new KeysRefusal('person-unknown', `nobody in the policy is called \`${person}\``, `it has ${names}`);
}

/** A whole fingerprint, or the first digits of one that no other key of this owner begins with. */
function findPin({ name, keys }: PinOwner, key: string): number {
  // As the possession statement, `keys list --json` and the policy name it.
  const given = key.replace(/^(?:openpgp:|ssh:(?=SHA256:))/, '');
  const hex = given.replace(/^0x/i, '').replaceAll(' ', '').toUpperCase();
  const matches = keys.flatMap(({ kind, fingerprint }, index) => {
    const wanted = kind === 'ssh' ? given.replace(/={1,2}$/, '') : hex;
    const short = kind === 'ssh' ? 'SHA256:'.length + FEWEST : FEWEST;
    return wanted.length >= short && fingerprint.startsWith(wanted) ? [index] : [];
  });
  const [index, ...more] = matches;
  if (index !== undefined && more.length === 0) return index;
  const list = keys.map(({ fingerprint }) => fingerprint).join(', ');
  throw new KeysRefusal(
    index === undefined ? 'key-unknown' : 'key-ambiguous',
    index === undefined
      ? (tooShort(given, hex) ??
          `\`${name}\` has no key \`${given}\`: name its fingerprint, or the first ${FEWEST} digits of it at least`)
      : `several keys of \`${name}\` begin with \`${given}\``,
    `\`${name}\` has ${list}`,
  );
}

const FEWEST = 16;

function tooShort(given: string, hex: string): string | null {
  const digits = given.startsWith('SHA256:') ? given.length - 'SHA256:'.length : hex.length;
  const isKey = given.startsWith('SHA256:') || /^[0-9A-F]+$/.test(hex);
  if (!isKey || digits >= FEWEST) return null;
  return `${digits} ${digits === 1 ? 'digit is' : 'digits are'} too few: ${FEWEST} at least`;
}

function lastKey(policy: Policy, { name, kind }: PinOwner): KeysRefusal {
  const groups = [...policy.groups]
    .filter(([, members]) => members.has(name))
    .map(([group]) => `\`${group}\``);
  const from = groups.length === 0 ? '' : ` and out of ${groups.join(', ')}`;
  return new KeysRefusal(
    'last-key',
    `it is the only key of \`${name}\`, and nobody is listed without a key`,
    kind === 'bot'
      ? `add the new key first, then remove this one; to remove the bot, take \`${name}\` out of \`bots\``
      : `add the new key first (\`countersign keys add ${name} FILE\`), then remove this one; to remove the person, take \`${name}\` out of \`people\`${from}`,
  );
}

/** Key files that hold this certificate alone, where no pin that is left names any key of it. */
function certificatesToGo(pin: Pin, after: Policy, disk: PolicyOnDisk): PolicyOnDisk['files'] {
  if (pin.kind !== 'openpgp') return [];
  const pinned = new Set([
    ...ownersOf(after).flatMap(({ keys }) => keys.map(({ fingerprint }) => fingerprint)),
    ...after.webFlow,
  ]);
  return disk.files.filter((file) => {
    const parsed = parseKeyFile(file);
    if (!parsed.ok) return false;
    return parsed.certificates.every(({ primary, subkeys }) => {
      const fingerprints = [primary, ...subkeys].map(({ key }) => key.fingerprint);
      return fingerprints.includes(pin.fingerprint) && !fingerprints.some((hex) => pinned.has(hex));
    });
  });
}
