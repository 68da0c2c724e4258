import { openKeyring } from '../../core/identity/certificate.ts';
import type { Certificate } from '../../core/identity/keyring.ts';
import { addPin, pinLines, type PinHolder } from '../../core/policy/edit.ts';
import { parsePolicy } from '../../core/policy/parse.ts';
import { parsePin, type PinDocument } from '../../core/policy/pin.ts';
import type { Pin, Policy } from '../../core/policy/policy.ts';
import { isPersonName } from '../../core/statement/names.ts';
import { EXIT, type Io } from '../io.ts';
import { keyProblems } from '../roster-diagnostics.ts';
import { ask, hintsAfter, noteOf, report } from './add-report.ts';
import { certificateChange, certificateFile, ownersOf, refuseShared } from './certificate.ts';
import { readOffer, refuseUnusable, type OfferedKey } from './offer.ts';
import { newPerson } from './name.ts';
import { KeysRefusal, runKeys, type KeyFinding } from './outcome.ts';
import { parseOrThrow, readPolicyOnDisk, type PolicyOnDisk } from './policy.ts';
import { checkProof, readProof, signHere, type Claim } from './possession.ts';
import { changeFiles, type FileChange } from './write.ts';

export interface AddOptions {
  readonly policy?: string;
  readonly proof?: string;
  readonly sign?: boolean;
  readonly presence?: string;
  readonly dryRun?: boolean;
  readonly json?: boolean;
}

/** `countersign keys add`: pins a key whose owner has shown that they hold it, or brings a newer certificate of a pinned one. */
export function addKey(person: string, file: string, options: AddOptions, io: Io): Promise<number> {
  return runKeys('add', options, io, async () => {
    refuseOptions(person, file, options);
    const now = Math.floor(Date.now() / 1000);
    const disk = await readPolicyOnDisk(options.policy, io);
    const offered = await readOffer(file, io);
    const known = findOwner(disk, pinDocument(offered, options));
    if (known !== null) return updateKey(known, { person, file, offered, disk, now }, options, io);
    return pinKey({ person, file, offered, disk, now }, options, io);
  });
}

interface Addition {
  readonly person: string;
  readonly file: string;
  readonly offered: OfferedKey;
  readonly disk: PolicyOnDisk;
  readonly now: number;
}

async function pinKey(addition: Addition, options: AddOptions, io: Io): Promise<number> {
  const { person, file, offered, disk, now } = addition;
  const document = pinDocument(offered, options);
  const pin = pinOf(document);
  const before = parsePolicy(disk.bytes);
  if (offered.kind === 'openpgp') {
    refuseUnusable(offered.certificate, before.ok ? before.policy.webFlow : [], now);
  }
  const holder: PinHolder = {
    list: before.ok && before.policy.bots.has(person) ? 'bots' : 'people',
    name: person,
  };
  const stranger = before.ok ? newPerson(person, before.policy) : null;
  const edited = addPin(disk.bytes, holder, document);
  if (!edited.ok) {
    // A broken policy says what is wrong with it; a sound one that can't be edited is edited by hand.
    parseOrThrow(disk.bytes, disk.place, null);
    throw new KeysRefusal(
      edited.problem,
      `\`${disk.place.shown}\` is written in a way that cannot be edited without touching more than this key`,
      `add to the keys of \`${person}\` by hand: ${pinLines(document).join(' / ')}`,
    );
  }
  const after = before.ok
    ? parseOrThrow(edited.bytes, disk.place, `with this key of \`${person}\` the policy would have errors`)
    : parseEither(edited.bytes, disk);
  const certificate = offered.kind === 'openpgp' ? await certificateFile(offered.packets, disk, after) : null;
  await refuseShared(before.ok ? before.policy : null, after, { person, pin }, disk, certificate);

  const claim: Claim = {
    project: after.project,
    person,
    kind: holder.list === 'bots' ? 'bot' : 'person',
    pin,
    certificate: certificate === null ? null : { path: certificate.path, bytes: certificate.bytes },
    file,
    again: [
      ...(options.presence === undefined ? [] : ['--presence', options.presence]),
      ...(options.policy === undefined ? [] : ['--policy', options.policy]),
    ],
  };
  if (options.proof === undefined && options.sign !== true) return ask(claim, stranger, options, io);
  // Before a card is touched or a passphrase typed for a misspelt name.
  if (stranger !== null && options.json !== true) io.err(noteOf(stranger));
  const proof =
    options.proof === undefined ? await signHere(claim, io, now) : await readProof(options.proof, io);
  await checkProof(claim, proof, now);

  const changes: FileChange[] = [
    ...(certificate === null ? [] : [certificateChange(certificate, disk)]),
    { path: disk.place.path, bytes: edited.bytes, before: disk.bytes },
  ];
  if (options.dryRun !== true) await changeFiles(changes, disk.place);
  const findings = [
    ...(stranger === null || options.json !== true ? [] : [stranger]),
    ...hintsAfter(after, person, holder),
  ];
  report(stranger === null ? 'added' : 'person-added', claim, { disk, changes, findings }, options, io);
  return EXIT.pass;
}

/** A policy that has errors may be one that a first key completes; if not, its own errors are shown. */
function parseEither(bytes: Uint8Array, disk: PolicyOnDisk): Policy {
  const after = parsePolicy(bytes);
  return after.ok ? after.policy : parseOrThrow(disk.bytes, disk.place, null);
}

/** A certificate that the policy pins already: its owner prolonged a key, added a subkey or revoked one. */
async function updateKey(owner: Owner, addition: Addition, options: AddOptions, io: Io): Promise<number> {
  const { person, offered, disk, now } = addition;
  if (owner.name !== person) {
    throw new KeysRefusal(
      'policy-key-shared',
      `this key is already \`${owner.name}\`'s: a key speaks for one person only`,
      `\`${person}\` needs a key of their own; if it is the same human under two names, keep one of them`,
    );
  }
  if (offered.kind === 'ssh') {
    throw new KeysRefusal(
      'policy-key-twice',
      `\`${person}\` has this key already, and there is nothing new in it`,
      'nothing to do',
    );
  }
  const certificate = await certificateFile(offered.packets, disk, owner.policy);
  const change = certificateChange(certificate, disk);
  const { kind, pin } = owner;
  if (!certificate.news) {
    const findings = [nothingNew(person, pin)];
    report('unchanged', { person, kind, pin }, { disk, changes: [], findings }, options, io);
    return EXIT.pass;
  }
  await refuseShared(owner.policy, owner.policy, { person, pin: owner.pin }, disk, certificate);
  if (options.dryRun !== true) await changeFiles([change], disk.place);
  const { keyring } = await openKeyring([{ path: certificate.path, bytes: certificate.bytes }]);
  // A revocation must be brought too: that is how the key stops to count.
  const findings = keyring.certificates.flatMap((one) => findingsOf(one, owner, now));
  const result = certificate.known ? 'updated' : 'brought';
  report(result, { person, kind, pin }, { disk, changes: [change], findings }, options, io);
  return EXIT.pass;
}

function findingsOf(certificate: Certificate, { name, policy }: Owner, now: number): KeyFinding[] {
  const problems = keyProblems(name, certificate, now);
  if (problems.length > 0) return problems;
  try {
    refuseUnusable(certificate, policy.webFlow, now);
    return [];
  } catch (error) {
    if (!(error instanceof KeysRefusal)) throw error;
    return [error.finding];
  }
}

/** No refusal: whoever brings a certificate a second time, or brings all of them every night, has what they want. */
function nothingNew(person: string, { fingerprint }: Pin): KeyFinding {
  return {
    code: 'policy-key-twice',
    message: `\`${person}\` has this key already, and there is nothing new in it`,
    remedy: `nothing to do; after a key was prolonged, export it again: \`gpg --armor --export ${fingerprint}\``,
  };
}

interface Owner {
  readonly name: string;
  readonly kind: 'person' | 'bot';
  readonly pin: Pin;
  readonly policy: Policy;
}

function findOwner(disk: PolicyOnDisk, document: PinDocument): Owner | null {
  const parsed = parsePolicy(disk.bytes);
  if (!parsed.ok) return null;
  const { fingerprint } = pinOf(document);
  for (const { name, kind, keys } of ownersOf(parsed.policy)) {
    const pin = keys.find((key) => key.fingerprint === fingerprint);
    if (pin) return { name, kind, pin, policy: parsed.policy };
  }
  return null;
}

function pinDocument(offered: OfferedKey, { presence }: AddOptions): PinDocument {
  if (offered.kind === 'openpgp') return { openpgp: offered.packets.primary.key.fingerprint };
  const { type, blob, sk } = offered.key;
  if (presence === undefined) return { ssh: `${type} ${blob}` };
  const wanted = (['none', 'touch', 'verified'] as const).find((one) => one === presence);
  if (!sk || wanted === undefined) {
    throw new KeysRefusal(
      'presence-impossible',
      `a key of type \`${type}\` cannot prove a touch: only \`sk-\` keys can`,
      'leave `--presence` out',
      EXIT.usage,
    );
  }
  return { ssh: `${type} ${blob}`, presence: wanted };
}

function pinOf(document: PinDocument): Pin {
  const parsed = parsePin(document);
  if (!parsed.ok) throw new KeysRefusal('not-a-key', parsed.problem);
  return parsed.pin;
}

function refuseOptions(person: string, file: string, { proof, sign, presence }: AddOptions): void {
  const usage = (message: string): never => {
    throw new KeysRefusal('usage', message, null, EXIT.usage);
  };
  if (!isPersonName(person)) {
    usage(`\`${person}\` cannot be a person's name: 1 to 64 letters, digits, \`.\`, \`_\` or \`-\``);
  }
  if (proof !== undefined && sign === true) usage('give either --proof or --sign');
  if (file === '-' && proof === '-') usage('standard input is either the key or the proof');
  if (presence !== undefined && !['none', 'touch', 'verified'].includes(presence)) {
    usage(`\`${presence}\` is no presence: none, touch or verified`);
  }
}
