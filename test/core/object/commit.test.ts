import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { MAX_COMMIT_BYTES, parseCommit } from '../../../src/core/object/commit.ts';
import type { Commit, ParsedCommit } from '../../../src/core/object/commit.ts';
import { objectId } from '../../../src/core/object/hash.ts';
import { parseOid } from '../../../src/core/object/id.ts';
import type { ObjectFormat, Oid } from '../../../src/core/object/id.ts';
import { noKeys } from '../../../src/core/signature/verification-keys.ts';
import { verifySignature } from '../../../src/core/signature/verify.ts';
import { must, openKeys, run } from '../../keys/keys.ts';
import type { Keys } from '../../keys/keys.ts';

const TREE = 'tree 4b825dc642cb6eb9a060e54bf8d69288fbee4904\n';
const PARENT = 'parent 1111111111111111111111111111111111111111\n';
const AUTHOR = 'author alice <alice@example.org> 1700000000 +0000\n';
const COMMITTER = 'committer bob <bob@example.org> 1700000001 +0000\n';
const SIGNATURE = '-----BEGIN PGP SIGNATURE-----\n \n iQ==\n -----END PGP SIGNATURE-----\n';
const PLAIN = `${TREE}${AUTHOR}${COMMITTER}`;

function parse(raw: string | Uint8Array, format: ObjectFormat = 'sha1'): ParsedCommit {
  const bytes = typeof raw === 'string' ? Buffer.from(raw, 'latin1') : raw;
  return parseCommit(objectId('commit', bytes, format), bytes);
}

function commitOf(raw: string, format: ObjectFormat = 'sha1'): Commit {
  const parsed = parse(raw, format);
  if (!parsed.ok) throw new Error(parsed.detail);
  return parsed.commit;
}

describe('a commit', () => {
  it('is read with all that judgement needs', () => {
    const raw = `${TREE}${PARENT}${PARENT.replaceAll('1', '2')}${AUTHOR}${COMMITTER}gpgsig ${SIGNATURE}\nSubject\n\nBody\n`;
    const commit = commitOf(raw);
    expect(commit.tree).toBe('4b825dc642cb6eb9a060e54bf8d69288fbee4904');
    expect(commit.parents).toEqual(['1'.repeat(40), '2'.repeat(40)]);
    expect(Buffer.from(commit.author).toString()).toBe('alice <alice@example.org> 1700000000 +0000');
    expect(Buffer.from(commit.committer).toString()).toBe('bob <bob@example.org> 1700000001 +0000');
    expect(commit.subject).toBe('Subject');
    expect(commit.signature?.kind).toBe('openpgp');
    expect(Buffer.from(commit.signature?.armor ?? []).toString()).toBe(SIGNATURE.replaceAll('\n ', '\n'));
    expect(Buffer.from(commit.payload).toString()).toBe(raw.replace(`gpgsig ${SIGNATURE}`, ''));
  });

  it('keeps carriage returns and foreign encodings of the message in what was signed', () => {
    const raw = `${PLAIN}encoding ISO-8859-1\ngpgsig ${SIGNATURE}\nGr\xfc\xdfe\r\n\r\nmore\r\n`;
    const commit = commitOf(raw);
    expect(Buffer.from(commit.payload).toString('latin1')).toBe(raw.replace(`gpgsig ${SIGNATURE}`, ''));
    expect(commit.subject).toBe('Gr\ufffd\ufffde\r');
  });

  it('is what was signed with its signature before the encoding, as JGit writes it', () => {
    const payload = `${PLAIN}encoding ISO-8859-1\n\nGr\xfc\xdfe`;
    const canonical = commitOf(`${PLAIN}encoding ISO-8859-1\ngpgsig ${SIGNATURE}\nGr\xfc\xdfe`);
    for (const headers of [
      `gpgsig ${SIGNATURE}encoding ISO-8859-1\n`,
      `gpgsig-sha256 x\ngpgsig ${SIGNATURE}encoding ISO-8859-1\n`,
      `gpgsig ${SIGNATURE}encoding ISO-8859-1\ngpgsig-sha256 x\n`,
    ]) {
      const commit = commitOf(`${PLAIN}${headers}\nGr\xfc\xdfe`);
      expect(Buffer.from(commit.payload).toString('latin1')).toBe(payload);
      expect(commit).toEqual({ ...canonical, id: commit.id });
    }
  });

  it('keeps merge tags and unknown headers in what was signed', () => {
    const tag = 'mergetag object 1111111111111111111111111111111111111111\n type commit\n \n text\n';
    const raw = `${PLAIN}${tag}${tag}change-id abc\ngpgsig ${SIGNATURE}HG:extra x\n\nm`;
    expect(Buffer.from(commitOf(raw).payload).toString()).toBe(raw.replace(`gpgsig ${SIGNATURE}`, ''));
  });

  it('counts the signature of its own object format only, and leaves out both', () => {
    const both = `${PLAIN}gpgsig ${SIGNATURE}gpgsig-sha256 -----BEGIN SSH SIGNATURE-----\n x\n\nm`;
    expect(commitOf(both).signature?.kind).toBe('openpgp');
    expect(Buffer.from(commitOf(both).payload).toString()).toBe(`${PLAIN}\nm`);
    const long = both.replace('4b825dc642cb6eb9a060e54bf8d69288fbee4904', '4'.repeat(64));
    expect(commitOf(long, 'sha256').signature?.kind).toBe('ssh');
    expect(commitOf(`${PLAIN}gpgsig-sha256 ${SIGNATURE}\nm`).signature).toBeNull();
  });

  it('shows at most 200 characters of its subject', () => {
    expect(Array.from(commitOf(`${PLAIN}\n${'é'.repeat(300)}`).subject)).toHaveLength(200);
    expect(commitOf(`${PLAIN}\n`).subject).toBe('');
  });

  it('is refused when its bytes do not hash to its id', () => {
    const bytes = Buffer.from(`${PLAIN}\nm`);
    const id = objectId('commit', Buffer.from(`${PLAIN}\nn`), 'sha1');
    expect(parseCommit(id, bytes)).toMatchObject({ ok: false, id, problem: 'commit-hash-mismatch' });
  });

  it.each([
    ['no tree', `${AUTHOR}${COMMITTER}\nm`],
    ['two trees', `${TREE}${PLAIN}\nm`],
    ['a tree after the committer', `${PLAIN}${TREE}\nm`],
    ['a tree of the other format', `tree ${'4'.repeat(64)}\n${AUTHOR}${COMMITTER}\nm`],
    ['an upper-case tree', `${TREE.toUpperCase().replace('TREE', 'tree')}${AUTHOR}${COMMITTER}\nm`],
    ['a tree with a continuation line', `${TREE} x\n${AUTHOR}${COMMITTER}\nm`],
    ['a parent after the author', `${TREE}${AUTHOR}${PARENT}${COMMITTER}\nm`],
    ['a parent after the committer', `${PLAIN}${PARENT}\nm`],
    ['a short parent', `${TREE}parent 1111\n${AUTHOR}${COMMITTER}\nm`],
    ['two authors', `${TREE}${AUTHOR}${AUTHOR}${COMMITTER}\nm`],
    ['two committers', `${PLAIN}${COMMITTER}\nm`],
    ['committer before author', `${TREE}${COMMITTER}${AUTHOR}\nm`],
    ['an author of two lines', `${TREE}${AUTHOR} x\n${COMMITTER}\nm`],
    ['no committer', `${TREE}${AUTHOR}\nm`],
    ['two encodings', `${PLAIN}encoding a\nencoding b\n\nm`],
    ['an encoding after other headers', `${PLAIN}x y\nencoding a\n\nm`],
    ['an encoding on both sides of the signature', `${PLAIN}encoding a\ngpgsig ${SIGNATURE}encoding a\n\nm`],
    ['two encodings after the signature', `${PLAIN}gpgsig ${SIGNATURE}encoding a\nencoding a\n\nm`],
    ['an encoding after signature and others', `${PLAIN}gpgsig ${SIGNATURE}x y\nencoding a\n\nm`],
    ['an encoding before the committer', `${TREE}${AUTHOR}encoding a\n${COMMITTER}\nm`],
    ['an encoding of two lines after the signature', `${PLAIN}gpgsig ${SIGNATURE}encoding a\n b\n\nm`],
    ['a signature before the committer', `${TREE}${AUTHOR}gpgsig ${SIGNATURE}${COMMITTER}\nm`],
    ['two signatures around the encoding', `${PLAIN}gpgsig ${SIGNATURE}encoding a\ngpgsig ${SIGNATURE}\nm`],
    ['two signatures', `${PLAIN}gpgsig ${SIGNATURE}gpgsig ${SIGNATURE}\nm`],
    ['two SHA-256 signatures', `${PLAIN}gpgsig-sha256 ${SIGNATURE}gpgsig-sha256 ${SIGNATURE}\nm`],
    ['a header that git takes for a signature', `${PLAIN}gpgsig-sha1 x\n\nm`],
    ['NUL in a header', `${PLAIN}x a\0b\n\nm`],
    ['NUL in the message', `${PLAIN}\nm\0n`],
    ['a header without a value', `${PLAIN}x\n\nm`],
    ['a continuation line first', ` x\n${PLAIN}\nm`],
    ['CR LF line ends in its headers', `${PLAIN}\nm`.replaceAll('\n', '\r\n')],
    ['no blank line', PLAIN],
    ['a cut header', `${TREE}${AUTHOR}committer bob`],
    ['a cut continuation', `${PLAIN}gpgsig a\n b`],
    ['nothing', ''],
    ['too much', `${PLAIN}\n${'m'.repeat(MAX_COMMIT_BYTES)}`],
  ])('is refused with %s', (_, raw) => {
    expect(parse(raw)).toMatchObject({ ok: false, problem: 'commit-malformed' });
  });

  it('is read as it is with very many parents, or refused, but not slowly', () => {
    expect(commitOf(`${TREE}${PARENT.repeat(20_000)}${AUTHOR}${COMMITTER}\nm`).parents).toHaveLength(20_000);
    expect(parse(`${PLAIN}${'x y\n'.repeat(200_000)}\nm`).ok).toBe(true);
    expect(parse(`${PLAIN}x${'\n y'.repeat(200_000)}\nm`).ok).toBe(false);
  });

  it('never makes the parser throw', () => {
    const pieces = fc.constantFrom(
      TREE,
      PARENT,
      AUTHOR,
      COMMITTER,
      `gpgsig ${SIGNATURE}`,
      ' ',
      '\n',
      'x',
      'encoding a\n',
    );
    fc.assert(
      fc.property(
        fc.oneof(
          fc.uint8Array(),
          fc.array(pieces).map((list) => Buffer.from(list.join(''))),
        ),
        (bytes) => {
          expect(parse(bytes).ok).toBeTypeOf('boolean');
        },
      ),
      { numRuns: 2000 },
    );
  });
});

describe.each(['sha1', 'sha256'] as const)('git itself, in a %s repository', (format) => {
  let keys: Keys;
  let directory = '';
  const git = async (...args: string[]) => must('git', await run('git', ['-C', directory, ...args]));

  beforeAll(async () => {
    keys = await openKeys();
    directory = await mkdtemp(join(tmpdir(), 'cc-'));
    const alice = await keys.makeSshKey('alice');
    await git('init', '-q', `--object-format=${format}`);
    for (const [name, value] of [
      ['user.name', 'alice'],
      ['user.email', 'alice@example.org'],
      ['gpg.format', 'ssh'],
      ['user.signingkey', alice.path],
    ] as const) {
      await git('config', name, value);
    }
    await writeFile(join(directory, 'file'), 'text\n');
    await git('add', 'file');
    await git('commit', '-q', '-S', '-m', 'Subject\n\nBody');
    await git('checkout', '-q', '-b', 'other');
    await git('commit', '-q', '-S', '--allow-empty', '-m', 'other');
    await git('tag', '-s', '-m', 'merge me', 'signed');
    await git('checkout', '-q', '-');
    await git('commit', '-q', '-S', '--allow-empty', '-m', 'here');
    await git('merge', '-q', '-S', '--no-ff', '-m', 'merge', 'signed');
  });
  afterAll(async () => {
    await keys.close();
    await rm(directory, { recursive: true, force: true });
  });

  it('makes signed commits and merges with tags that verify', async () => {
    const ids = (await git('rev-list', '--all')).toString().trim().split('\n');
    expect(ids).toHaveLength(4);
    for (const text of ids) {
      const id = parseOid(text);
      if (id === null) throw new Error(text);
      const parsed = parseCommit(id, new Uint8Array(await git('cat-file', 'commit', text)));
      if (!parsed.ok) throw new Error(parsed.detail);
      const { payload, signature } = parsed.commit;
      const armor = signature?.armor ?? new Uint8Array();
      const proof = await verifySignature({ payload, armor, form: 'detached', namespace: 'git' }, noKeys);
      expect(proof).toMatchObject({ status: 'good', kind: 'ssh' });
      expect(parsed.commit.parents).toEqual(await parentsOf(text));
    }
    const merge = (await git('cat-file', 'commit', 'HEAD')).toString();
    expect(merge).toContain('\nmergetag object ');
  });

  async function parentsOf(id: string): Promise<Oid[]> {
    const line = (await git('rev-list', '--parents', '-1', id)).toString().trim();
    return line
      .split(' ')
      .slice(1)
      .map((oid) => parseOid(oid))
      .filter((oid) => oid !== null);
  }
});
