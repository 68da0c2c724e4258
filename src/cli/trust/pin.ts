import { policyDigest } from '../../core/policy/folder-digest.ts';
import type { PinDocument } from '../../core/policy/pin.ts';
import type { Person, Pin } from '../../core/policy/policy.ts';
import { counted } from '../../core/policy/words.ts';
import { cleanSentence } from '../../core/report/clean.ts';
import { jsonText } from '../../core/report/json.ts';
import { policyAt } from '../../gather/policy-at.ts';
import { openRepository } from '../../git/reader.ts';
import { followedFolder } from '../followed/followed.ts';
import { setField, setHeads } from '../../trust/edit.ts';
import type { TrustEntry } from '../../trust/entry.ts';
import { parseOrThrow, type Trust } from '../../trust/find.ts';
import { headsText, pinDocument } from '../../trust/pins.ts';
import { readForChange, saveTrustFile } from '../../trust/save.ts';
import { EXIT, type Io } from '../io.ts';
import { readPolicy } from '../policy/open.ts';
import { UsageError } from '../revisions.ts';
import { answering, TrustRefusal, warningsText } from './answer.ts';
import { chooseEntries } from './chosen.ts';
import { readTrust } from './place.ts';

export interface PinOptions {
  /** Left out: a repository of our own, as flakes and channels use it. */
  readonly repository?: string;
  readonly branch?: string;
  readonly trust?: string;
  readonly replace?: boolean;
  readonly json?: boolean;
}

interface Governed {
  readonly group: string;
  readonly digest: string;
  readonly people: readonly Person[];
}

/**
 * `countersign trust pin`: the keys of those who govern the policy at the introduction become those who may say what the
 * newest commit is (trust.md D20).
 */
export async function pinTrust(given: string, options: PinOptions, io: Io): Promise<number> {
  return answering('pin', options, io, async () => {
    const trust = await readTrust(options.trust, io);
    io.err(warningsText(trust.warnings, io));
    const entry = chooseOne(trust, given, options.branch, io);
    const { group, digest, people } = await readGoverned(entry, options, io);
    const pins = new Map(people.map(({ name, keys }) => [name, keys]));
    const same = headsText(pins) === headsText(entry.heads);
    if (entry.heads.size > 0 && !same && options.replace !== true) {
      throw new TrustRefusal(
        'trust-other-heads',
        `other keys are pinned under \`heads\` for branch \`${entry.branch}\` in \`${entry.from}\``,
        'if it is right that they change: --replace',
      );
    }
    const heads = Object.fromEntries(people.map(({ name, keys }) => [name, keys.map(pinDocument)]));
    if (!same || entry.policy === null) await write(entry, trust, heads, digest);
    if (options.json === true) {
      const shown = Object.entries(heads).map(([name, keys]) => ({ name, keys }));
      const { url, branch, from } = entry;
      io.out(
        `${jsonText({ ok: true, file: from, url, branch, policy: `sha256:${digest}`, heads: shown })}\n`,
      );
    } else io.out(asText(entry, group, digest, people));
    return EXIT.pass;
  });
}

function chooseOne(trust: Trust, given: string, branch: string | undefined, io: Io): TrustEntry {
  const found = chooseEntries(trust, given, branch === undefined ? undefined : [branch], io);
  const [only] = found;
  if (only !== undefined && found.length === 1) return only;
  const names = found.map((entry) => `\`${entry.branch}\``).join(', ');
  throw new UsageError(`several branches of it are trusted (${names}): choose with --branch`);
}

async function readGoverned(entry: TrustEntry, { repository }: PinOptions, io: Io): Promise<Governed> {
  const opened = await openRepository(
    repository === undefined ? await followedFolder(entry, io) : io.path(repository),
  );
  try {
    const folder = await policyAt(opened, entry.introduction);
    const digest = policyDigest(folder);
    if (entry.policy !== null && entry.policy !== digest) {
      throw new TrustRefusal(
        'trust-other-policy',
        `the policy at \`${entry.introduction}\` is sha256:${digest}, and \`${entry.from}\` trusts sha256:${entry.policy}`,
        'one of them was copied wrongly, or two commits have one id, which would be an attack: ask the project',
      );
    }
    const { policy } = await readPolicy({ shown: entry.introduction, folder });
    if (entry.project !== null && entry.project !== policy.project) {
      throw new TrustRefusal(
        'trust-other-project',
        `the policy there is of project \`${policy.project}\`, and \`${entry.from}\` trusts \`${entry.project}\``,
      );
    }
    const group = policy.governance.from;
    const members = [...(policy.groups.get(group) ?? [])];
    const people = members.flatMap((name) => policy.people.get(name) ?? []);
    return { group, digest, people };
  } finally {
    await opened.dispose();
  }
}

async function write(
  entry: TrustEntry,
  trust: Trust,
  heads: Readonly<Record<string, readonly PinDocument[]>>,
  digest: string,
): Promise<void> {
  const kind = trust.files.find(({ path }) => path === entry.from)?.kind ?? 'given';
  const before = await readForChange(entry.from, kind);
  const entries = before === null ? [] : parseOrThrow(before, entry.from);
  const index = entries.findIndex((one) => one.url === entry.url && one.branch === entry.branch);
  const pinned = before === null || index === -1 ? null : setHeads(before, index, heads);
  const bytes =
    pinned === null || entries[index]?.policy !== null
      ? pinned
      : setField(pinned, index, 'policy', `sha256:${digest}`);
  if (bytes === null) {
    throw new TrustRefusal(
      'trust-not-editable',
      `\`${entry.from}\` is written in a way that cannot be changed without losing something of it`,
      'write it by hand: `--json` prints the keys',
    );
  }
  await saveTrustFile(entry.from, kind, before, bytes);
}

function asText(
  { url, branch, from, policy }: TrustEntry,
  group: string,
  digest: string,
  people: readonly Person[],
): string {
  const lines = [
    `pinned for branch \`${branch}\` of \`${url}\`: ${counted(people.length, 'person', 'people')} of group \`${group}\``,
    ...people.flatMap(({ name, keys }) => keys.map((pin) => `  ${name}  ${pinWords(pin)}`)),
    ...(policy === null ? [`  policy sha256:${digest}`] : []),
    `written to \`${from}\``,
  ];
  return `${lines.map(cleanSentence).join('\n')}\n`;
}

function pinWords(pin: Pin): string {
  return pin.kind === 'ssh' ? `${pin.type} ${pin.fingerprint}` : `openpgp ${pin.fingerprint}`;
}
