import { parseCommit } from '../src/core/object/commit.ts';
import { objectId } from '../src/core/object/hash.ts';
import { type ObjectFormat } from '../src/core/object/id.ts';
import { parseTag } from '../src/core/object/tag.ts';
import { parseTree, type TreeEntry } from '../src/core/object/tree.ts';
import { must, same } from '../test/properties/violation.ts';
import type { Target } from './target.ts';

const ID = '1'.repeat(40);
const WIDE_ID = '2'.repeat(64);
const WHO = 'Somebody <somebody@example.org> 1700000000 +0000';
const ARMOR = '-----BEGIN SSH SIGNATURE-----\n AAAA\n -----END SSH SIGNATURE-----';

/** The parsers of git's objects. Each input is given its own right id, so that no hash stands before the parser. */
export function objectTargets(armors: readonly Buffer[]): Target[] {
  const folded = armors.map((armor) => armor.toString('latin1').trimEnd().replaceAll('\n', '\n '));
  const head = (id: string) => `tree ${id}\nparent ${id}\nauthor ${WHO}\ncommitter ${WHO}\n`;
  const tag = (id: string) => `object ${id}\ntype commit\ntag v1\ntagger ${WHO}\n\nversion 1\n`;
  const commits = [
    `${head(ID)}\nmessage\n`,
    `${head(WIDE_ID)}gpgsig-sha256 ${ARMOR}\n\nmessage\n`,
    `${head(ID)}encoding ISO-8859-1\ngpgsig ${ARMOR}\ngpgsig-sha256 ${ARMOR}\n\nmes\r\nsage\xff`,
    `${head(ID)}mergetag ${tag(ID).trimEnd().replaceAll('\n', '\n ')}\ngpgsig ${ARMOR}\n\nmessage\n`,
    ...folded.slice(0, 4).map((armor) => `${head(ID)}gpgsig ${armor}\n\nmessage\n`),
  ];
  const tags = [
    tag(ID),
    tag(WIDE_ID),
    `${tag(ID)}${armors[0]?.toString('latin1') ?? ''}`,
    `object ${ID}\ntype tree\ntag x\n`,
  ];
  return [
    { name: 'commit', seeds: commits.map(bytesOf), words: WORDS, run: runCommit },
    { name: 'tag', seeds: tags.map(bytesOf), words: WORDS, run: runTag },
    {
      name: 'tree',
      seeds: trees(),
      words: ['100644 ', '40000 ', '160000 ', '120000 ', '100755 ', '\0', '/', '.git', '..'],
      run: runTree,
    },
  ];
}

const WORDS = [
  '\n',
  '\n ',
  '\n\n',
  '\0',
  '\r\n',
  'tree ',
  'parent ',
  'author ',
  'committer ',
  'encoding UTF-8\n',
  'gpgsig ',
  'gpgsig-sha256 ',
  'gpgsig-x ',
  'mergetag ',
  'object ',
  'type commit\n',
  'tag ',
  'tagger ',
  `${ID}\n`,
  `${WIDE_ID}\n`,
  '-----BEGIN PGP SIGNATURE-----\n',
  '-----BEGIN SSH SIGNATURE-----\n',
];

function bytesOf(text: string): Buffer {
  return Buffer.from(text, 'latin1');
}

function trees(): Buffer[] {
  const entry = (mode: string, name: string, width: number) =>
    Buffer.concat([Buffer.from(`${mode} ${name}\0`), Buffer.alloc(width, 0x31)]);
  return [20, 32].flatMap((width) => [
    Buffer.concat([entry('100644', 'a', width), entry('40000', 'b', width), entry('160000', 'c', width)]),
    Buffer.concat([entry('100644', 'a.b', width), entry('40000', 'a', width), entry('120000', 'é', width)]),
    Buffer.alloc(0),
  ]);
}

const FORMATS: readonly ObjectFormat[] = ['sha1', 'sha256'];

function runCommit(input: Buffer): void {
  for (const format of FORMATS) {
    const parsed = parseCommit(objectId('commit', input, format), input);
    if (!parsed.ok) {
      must(
        parsed.problem === 'commit-malformed' && parsed.detail.length < 500,
        'a right id that is called wrong',
      );
      continue;
    }
    const { commit } = parsed;
    // What was signed is a commit itself: the same one, without signature.
    const payload = Buffer.from(commit.payload);
    const unsigned = parseCommit(objectId('commit', payload, format), payload);
    if (!unsigned.ok) throw new Error(`a payload that is no commit: ${unsigned.detail}`);
    must(
      unsigned.commit.signature === null && same(unsigned.commit.payload, payload),
      'a payload with a signature in it',
    );
    for (const key of ['tree', 'subject', 'encoding'] as const)
      must(unsigned.commit[key] === commit[key], `a payload with another ${key}`);
    must(String(unsigned.commit.parents) === String(commit.parents), 'a payload with other parents');
    must(
      same(unsigned.commit.author, commit.author) && same(unsigned.commit.committer, commit.committer),
      'a payload of somebody else',
    );
    must(Array.from(commit.subject).length <= 200, 'a subject without bound');
    if (commit.signature === null && !input.includes('\ngpgsig'))
      must(same(payload, input), 'a payload that is not the unsigned commit');
    if (commit.signature !== null) checkSignature(input, payload, commit.signature.armor, format);
    other(input, format);
  }
}

/** The header and the payload are all of the commit, but for a signature of the other format. */
function checkSignature(input: Buffer, payload: Buffer, armor: Uint8Array, format: ObjectFormat): void {
  const header = format === 'sha1' ? 'gpgsig ' : 'gpgsig-sha256 ';
  const value = `${Buffer.from(armor).toString('latin1').slice(0, -1).replaceAll('\n', '\n ')}\n`;
  must(
    input.toString('latin1').includes(`\n${header}${value}`),
    'a signature that does not stand in the commit',
  );
  must(
    payload.length <= input.length - header.length - value.length,
    'a payload that covers its own signature',
  );
}

/** An id of another object is never taken. */
function other(input: Buffer, format: ObjectFormat): void {
  const parsed = parseCommit(objectId('blob', input, format), input);
  must(!parsed.ok && parsed.problem === 'commit-hash-mismatch', 'a commit with the id of a blob');
}

function runTag(input: Buffer): void {
  for (const format of FORMATS) {
    const parsed = parseTag(objectId('tag', input, format), input);
    if (!parsed.ok) {
      must(
        parsed.problem === 'tag-malformed' && parsed.detail.length < 500,
        'a right id that is called wrong',
      );
      continue;
    }
    const { payload, signature, subject } = parsed.tag;
    must(Array.from(subject).length <= 200, 'a subject without bound');
    if (signature === null) continue;
    must(
      same(signature.armor, input.subarray(input.length - signature.armor.length)),
      'a signature that is not the end',
    );
    const rest = input.subarray(0, input.length - signature.armor.length);
    if (!rest.includes('\ngpgsig'))
      must(same(payload, rest), 'a payload that is not what stands before the signature');
    must(payload.length <= rest.length, 'a payload that covers its own signature');
  }
}

function runTree(input: Buffer): void {
  for (const format of FORMATS) {
    const parsed = parseTree(objectId('tree', input, format), input);
    if (!parsed.ok) {
      must(parsed.problem === 'tree-malformed', 'a right id that is called wrong');
      continue;
    }
    must(same(encodeTree(parsed.entries), input), 'a tree whose entries are not the whole');
  }
}

export function encodeTree(entries: readonly TreeEntry[]): Buffer {
  return Buffer.concat(
    entries.flatMap(({ mode, name, id }) => [
      Buffer.from(`${mode} `),
      name,
      Uint8Array.of(0),
      Buffer.from(id, 'hex'),
    ]),
  );
}
