import { objectId } from '../src/core/object/hash.ts';
import type { Oid } from '../src/core/object/id.ts';
import type { Branch } from './branches.ts';
import { keyNames, person } from './people.ts';
import type { KeyName } from './people.ts';
import { seeded } from './seeded.ts';
import type { Seeded } from './seeded.ts';
import type { RawCheck } from './signing-key.ts';

export interface MadeCommit {
  readonly id: Oid;
  readonly raw: Uint8Array;
  readonly check: RawCheck;
}

/** 2024-06-01T00:00:00Z, seconds since the epoch. */
const FIRST_COMMIT_AT = 1717200000;
const SECONDS_APART = 60;

/** The commits of a branch from its root on, each the parent of the next, all with the one `tree`. */
export function* makeCommits(branch: Branch, tree: Oid): Generator<MadeCommit> {
  const source = seeded(`branch ${branch.name}`);
  const turns = turnsOf(branch);
  let parent: Oid | null = null;
  for (let index = 0; index < branch.count; index += 1) {
    const signer = person(turns[source.number(turns.length)] ?? 'carol');
    const at = FIRST_COMMIT_AT + index * SECONDS_APART;
    const who = `${signer.name} <${signer.name}@example.org> ${at} +0000`;
    const ancestry = parent === null ? '' : `parent ${parent}\n`;
    const headers = Buffer.from(`tree ${tree}\n${ancestry}author ${who}\ncommitter ${who}\n`);
    const message = Buffer.from(`\n${messageOf(source, index)}`);
    const { armor, check } = signer.sign(Buffer.concat([headers, message]), at);
    // Continuation lines of a header start with a space (git's signature-format).
    const signature = Buffer.from(`gpgsig ${armor.trimEnd().replaceAll('\n', '\n ')}\n`);
    const raw = Buffer.concat([headers, signature, message]);
    const id: Oid = objectId('commit', raw, 'sha1');
    parent = id;
    yield { id, raw, check };
  }
}

/** A hundred names, each as often as its part says. */
function turnsOf({ name, signers }: Branch): KeyName[] {
  const turns = keyNames(signers).flatMap((key) => new Array<KeyName>(signers[key] ?? 0).fill(key));
  if (turns.length !== 100) throw new Error(`the parts of \`${name}\` do not sum up to 100`);
  return turns;
}

/** Bytes of a message, of a hundred messages: most are short, some are changelogs. */
const SIZES = [
  { bytes: 200, part: 55 },
  { bytes: 500, part: 25 },
  { bytes: 1200, part: 12 },
  { bytes: 3000, part: 6 },
  { bytes: 8000, part: 2 },
];

const WORDS =
  'update package version source hash build input patch test module service option default remove deprecated alias'.split(
    ' ',
  );

const TEXT_BYTES = 64 << 10;
const text = makeText();

function makeText(): string {
  const source = seeded('words');
  let words = '';
  while (words.length < TEXT_BYTES) {
    words += WORDS[source.number(WORDS.length)] ?? '';
    words += source.number(9) === 0 ? '\n' : ' ';
  }
  return words;
}

function messageOf(source: Seeded, index: number): string {
  let draw = source.number(100);
  const size = SIZES.find(({ part }) => (draw -= part) < 0)?.bytes ?? 200;
  const start = source.number(TEXT_BYTES - size);
  return `pkgs: change number ${index}\n\n${text.slice(start, start + size).trim()}\n`;
}
