import { NO_PRINCIPAL, parseAllowedSigners, type AllowedSigner } from '../../core/policy/allowed-signers.ts';
import { addPins } from '../../core/policy/edit.ts';
import { parsePin } from '../../core/policy/pin.ts';
import type { Pin, Policy } from '../../core/policy/policy.ts';
import { MOST_KEYS } from '../../core/policy/schema.ts';
import { buildRoster } from '../../core/policy/roster.ts';
import { refusalOfSsh } from '../../core/policy/ssh-refusal.ts';
import { parseSshPublicKey } from '../../core/signature/ssh-key.ts';
import { cleanSentence, shellWord } from '../../core/report/clean.ts';
import { jsonText } from '../../core/report/json.ts';
import type { Keyring } from '../../core/identity/keyring.ts';
import { EXIT, type Io } from '../io.ts';
import { ownersOf } from './certificate.ts';
import { readInput, refusePrivate } from './offer.ts';
import { cleaned, findingText, KeysRefusal, runKeys, type KeyFinding } from './outcome.ts';
import { openPolicy, parseOrThrow, type OpenPolicy } from './policy.ts';
import { namespaceProblem, optionProblem, skip } from './unfit.ts';
import { changeFiles } from './write.ts';

export interface ImportOptions {
  readonly policy?: string;
  readonly format: string;
  readonly dryRun?: boolean;
  readonly json?: boolean;
}

interface Imported {
  readonly line: number;
  readonly person: string;
  /** As the line names them. */
  readonly principals: readonly string[];
  readonly pin: Extract<Pin, { kind: 'ssh' }>;
}

type Skipped = KeyFinding & { readonly line: number };

/** `countersign keys import`: SSH keys of people whom the policy knows already, out of a file of allowed signers. */
export function importKeys(file: string, options: ImportOptions, io: Io): Promise<number> {
  return runKeys('import', options, io, async () => {
    if (options.format !== 'allowed-signers') {
      throw new KeysRefusal('usage', `\`${options.format}\` is no format: allowed-signers`, null, EXIT.usage);
    }
    const disk = await openPolicy(options.policy, io);
    const text = new TextDecoder().decode(await readInput(file, io));
    refusePrivate(file, text);
    refuseOneKey(file, text);
    const { imported, skipped } = choose(text, disk, Math.floor(Date.now() / 1000));
    const edited = addPins(
      disk.bytes,
      imported.map(({ person, pin }) => ({
        holder: { list: disk.policy.people.has(person) ? 'people' : 'bots', name: person },
        pin: { ssh: `${pin.type} ${pin.blob}` },
      })),
    );
    if (!edited.ok) {
      throw new KeysRefusal(
        edited.problem,
        `\`${disk.place.shown}\` is written in a way that cannot be edited without touching more than these keys`,
        `add them by hand; the first one goes to \`${imported[0]?.person ?? ''}\``,
      );
    }
    const { bytes } = edited;
    parseOrThrow(bytes, disk.place, 'with these keys the policy would have errors');
    if (imported.length > 0 && options.dryRun !== true) {
      await changeFiles([{ path: disk.place.path, bytes, before: disk.bytes }], disk.place);
    }
    report(imported, skipped, disk, options, io);
    return EXIT.pass;
  });
}

function report(
  imported: readonly Imported[],
  skipped: readonly Skipped[],
  disk: OpenPolicy,
  { json, dryRun }: ImportOptions,
  io: Io,
): void {
  const files = imported.length === 0 ? [] : [disk.place.shown];
  if (json === true) {
    const added = imported.map(({ line, person, pin }) => ({ line, person, fingerprint: pin.fingerprint }));
    const left = skipped.map((one) => ({ line: one.line, ...cleaned(one) }));
    io.out(
      `${jsonText({ ok: true, result: 'imported', dryRun: dryRun === true, files, added, skipped: left })}\n`,
    );
    return;
  }
  if (dryRun === true) io.out('nothing was written; without --dry-run:\n');
  for (const { line, person, principals, pin } of imported) {
    io.out(
      cleanSentence(`line ${line}: ${nameOf(person, principals)} gets the key ${pin.fingerprint}`) + '\n',
    );
  }
  for (const one of skipped) io.err(`line ${one.line}: skipped: ${findingText(one)}`);
  const keys = `${imported.length} ${imported.length === 1 ? 'key' : 'keys'} added`;
  io.err(`${keys}, ${skipped.length} ${skipped.length === 1 ? 'line' : 'lines'} skipped\n`);
  if (imported.length === 0) return;
  io.err(
    'nobody has shown that they hold these keys: an import believes the file. Ask each person for a signed review or\n' +
      'commit before you rely on it, or use `countersign keys add`, which asks for a proof\n',
  );
}

/** The name in the policy, and how the line calls them where that is something else. */
function nameOf(person: string, principals: readonly string[]): string {
  const list = principals.join(',');
  return list === person ? `\`${person}\`` : `\`${person}\` (\`${list}\`)`;
}

/** @throws KeysRefusal for a `.pub` file, which names nobody */
function refuseOneKey(file: string, text: string): void {
  const [first, ...more] = parseAllowedSigners(text);
  if (first?.ok !== false || first.problem !== NO_PRINCIPAL || more.length > 0) return;
  throw new KeysRefusal(
    'line-malformed',
    `\`${file}\` is one key, and no list of people with their keys`,
    `\`countersign keys add PERSON ${file === '-' ? 'FILE' : shellWord(file)}\``,
  );
}

/** @throws KeysRefusal where the policy would not be one any more, before much is done for it */
function refuseMore(person: string, policy: Policy): void {
  const keys = policy.people.get(person)?.keys ?? policy.bots.get(person)?.keys ?? [];
  if (keys.length < MOST_KEYS) return;
  throw new KeysRefusal(
    'too-many-keys',
    `\`${person}\` would have more than ${MOST_KEYS} keys`,
    `leave the keys out that \`${person}\` does not use`,
  );
}

function choose(text: string, disk: OpenPolicy, now: number): { imported: Imported[]; skipped: Skipped[] } {
  const imported: Imported[] = [];
  const skipped: Skipped[] = [];
  let { policy } = disk;
  for (const line of parseAllowedSigners(text)) {
    const found = line.ok
      ? chooseOne(line.signer, policy, disk.opened.keyring, now)
      : skip('line-malformed', line.problem, 'see ALLOWED SIGNERS in `man ssh-keygen`');
    if ('code' in found) skipped.push({ line: line.line, ...found });
    else {
      refuseMore(found.person, policy);
      imported.push({ line: line.line, ...found });
      policy = withPin(policy, found.person, found.pin);
    }
  }
  return { imported, skipped };
}

function chooseOne(
  signer: AllowedSigner,
  policy: Policy,
  keyring: Keyring,
  now: number,
): Omit<Imported, 'line'> | KeyFinding {
  const unfit = optionProblem(signer, now);
  if (unfit !== null) return unfit;
  const person = personOf(signer.principals, policy);
  if (typeof person !== 'string') return person;
  const limited = namespaceProblem(signer, person, policy);
  if (limited !== null) return limited;
  const key = parseSshPublicKey(signer.key);
  if (!key.ok) {
    const code = refusalOfSsh(signer.key);
    return skip(
      code,
      `the key of \`${person}\` cannot be pinned: ${key.reason}`,
      `\`${person}\` needs another key`,
    );
  }
  const parsed = parsePin({ ssh: `${key.key.type} ${key.key.blob}` });
  if (!parsed.ok || parsed.pin.kind !== 'ssh') return skip('not-a-key', 'the key cannot be pinned', null);
  const { pin } = parsed;
  const owner = ownersOf(policy).find(({ keys }) =>
    keys.some(({ fingerprint }) => fingerprint === pin.fingerprint),
  );
  if (owner?.name === person) {
    return skip('policy-key-twice', `${nameOf(person, signer.principals)} has this key already`, null);
  }
  const shared = buildRoster(withPin(policy, person, pin), keyring).problems.find(
    (problem) => problem.kind === 'key-shared' && problem.owners.includes(person),
  );
  if (shared?.kind === 'key-shared') {
    const other = shared.owners.find((name) => name !== person) ?? '';
    return skip(
      'policy-key-shared',
      `the key of \`${person}\` is already \`${other}\`'s: a key speaks for one person only`,
      `\`${person}\` needs a key of their own`,
    );
  }
  return { person, principals: signer.principals, pin };
}

/** A principal is a name in the policy, or an e-mail address whose part before the `@` is one. */
function personOf(principals: readonly string[], policy: Policy): string | KeyFinding {
  const known = new Set(
    principals.flatMap((principal) => {
      const local = principal.split('@', 1)[0] ?? '';
      return [principal, local].find((name) => policy.people.has(name) || policy.bots.has(name)) ?? [];
    }),
  );
  const [person, ...others] = known;
  const list = principals.join(', ');
  if (person === undefined) {
    return skip(
      'person-unknown',
      `nobody in the policy is called \`${list}\``,
      'for a new person: `countersign keys add PERSON FILE.pub`; for a known one put their name in the policy first',
    );
  }
  if (others.length > 0) {
    return skip(
      'principal-ambiguous',
      `\`${list}\` are several people, and a key speaks for one person only`,
      'leave one of them in the line',
    );
  }
  return person;
}

function withPin(policy: Policy, name: string, pin: Pin): Policy {
  const people = new Map(policy.people);
  const bots = new Map(policy.bots);
  const person = people.get(name);
  const bot = bots.get(name);
  if (person) people.set(name, { ...person, keys: [...person.keys, pin] });
  if (bot) bots.set(name, { ...bot, keys: [...bot.keys, pin] });
  return { ...policy, people, bots };
}
