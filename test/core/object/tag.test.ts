import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openCertificates } from '../../../src/core/identity/certificate.ts';
import { parseCommit } from '../../../src/core/object/commit.ts';
import type { Commit } from '../../../src/core/object/commit.ts';
import { objectId } from '../../../src/core/object/hash.ts';
import { parseOid } from '../../../src/core/object/id.ts';
import type { ObjectFormat, Oid } from '../../../src/core/object/id.ts';
import { MAX_TAG_BYTES, parseTag } from '../../../src/core/object/tag.ts';
import type { ParsedTag, Tag } from '../../../src/core/object/tag.ts';
import type { Proof } from '../../../src/core/signature/proof.ts';
import { noKeys } from '../../../src/core/signature/verification-keys.ts';
import { verifySignature } from '../../../src/core/signature/verify.ts';
import { must, openKeys, run } from '../../keys/keys.ts';
import type { GpgKey, Keys, SshKey } from '../../keys/keys.ts';
import { makeCommit, store } from './made.ts';

const OBJECT = `object ${'1'.repeat(40)}\n`;
const HEAD = `${OBJECT}type commit\ntag v1.0\n`;
const TAGGER = 'tagger alice <alice@example.org> 1700000000 +0000\n';
const ARMOR = '-----BEGIN PGP SIGNATURE-----\n\niQ==\n-----END PGP SIGNATURE-----\n';
const SSH_ARMOR = '-----BEGIN SSH SIGNATURE-----\nU1NI\n-----END SSH SIGNATURE-----\n';

function parse(raw: string | Uint8Array, format: ObjectFormat = 'sha1'): ParsedTag {
  const bytes = typeof raw === 'string' ? Buffer.from(raw, 'latin1') : raw;
  return parseTag(objectId('tag', bytes, format), bytes);
}

function tagOf(raw: string, format: ObjectFormat = 'sha1'): Tag {
  const parsed = parse(raw, format);
  if (!parsed.ok) throw new Error(parsed.detail);
  return parsed.tag;
}

const latin1 = (bytes: Uint8Array | null | undefined): string => Buffer.from(bytes ?? []).toString('latin1');

describe('a tag', () => {
  it('is read with what it names, and what its signature covers', () => {
    const tag = tagOf(`${HEAD}${TAGGER}\nRelease\n\nmore\n${ARMOR}`);
    expect(tag).toMatchObject({ object: '1'.repeat(40), type: 'commit', subject: 'Release' });
    expect(latin1(tag.name)).toBe('v1.0');
    expect(latin1(tag.tagger)).toBe('alice <alice@example.org> 1700000000 +0000');
    expect(tag.signature?.kind).toBe('openpgp');
    expect(latin1(tag.signature?.armor)).toBe(ARMOR);
    expect(latin1(tag.payload)).toBe(`${HEAD}${TAGGER}\nRelease\n\nmore\n`);
  });

  it.each([
    ['no tagger, as in 2005', `${HEAD}\nm\n`],
    ['no message', `${HEAD}${TAGGER}`],
    ['a tree', `${OBJECT}type tree\ntag v\n\nm`],
    ['another tag', `${OBJECT}type tag\ntag v\n${TAGGER}\nm`],
    ['CR and foreign bytes in the message', `${HEAD}${TAGGER}\nGr\xfc\xdfe\r\n`],
  ])('is read with %s, all of it unsigned', (_what, raw) => {
    const tag = tagOf(raw);
    expect(tag.signature).toBeNull();
    expect(latin1(tag.payload)).toBe(raw);
  });

  it('has its signature at the last opening of an armor, as git finds it', () => {
    const tag = tagOf(`${HEAD}${TAGGER}\nm\n${ARMOR}${SSH_ARMOR}trailer\n`);
    expect(tag.signature?.kind).toBe('ssh');
    expect(latin1(tag.signature?.armor)).toBe(`${SSH_ARMOR}trailer\n`);
    expect(latin1(tag.payload)).toBe(`${HEAD}${TAGGER}\nm\n${ARMOR}`);
    expect(tagOf(`${HEAD}${TAGGER}\nsee -----BEGIN PGP SIGNATURE-----\n`).signature).toBeNull();
    expect(tagOf(`${HEAD}${TAGGER}\n${ARMOR}`).signature?.kind).toBe('openpgp');
    expect(tagOf(`${HEAD}${TAGGER}\n-----BEGIN SIGNED MESSAGE-----\n`).signature?.kind).toBe('x509');
  });

  it('leaves the signatures of the other format out of what is covered', () => {
    const header = (key: string): string => `${key} ${ARMOR.trimEnd().replaceAll('\n', '\n ')}\n`;
    const raw = `${HEAD}${TAGGER}${header('gpgsig')}${header('gpgsig-sha256')}\nm\n${ARMOR}`;
    expect(latin1(tagOf(raw).payload)).toBe(`${HEAD}${TAGGER}\nm\n`);
  });

  it.each([
    ['no object', `type commit\ntag v\n${TAGGER}\nm`],
    ['two objects', `${OBJECT}${HEAD}${TAGGER}\nm`],
    ['an object of the other format', `object ${'1'.repeat(64)}\ntype commit\ntag v\n${TAGGER}\nm`],
    ['a type that there is not', `${OBJECT}type branch\ntag v\n${TAGGER}\nm`],
    ['a type of two lines', `${OBJECT}type commit\n x\ntag v\n${TAGGER}\nm`],
    ['no name', `${OBJECT}type commit\n${TAGGER}\nm`],
    ['an empty name', `${OBJECT}type commit\ntag \n${TAGGER}\nm`],
    ['a name of two lines', `${OBJECT}type commit\ntag v\n w\n${TAGGER}\nm`],
    ['two taggers', `${HEAD}${TAGGER}${TAGGER}\nm`],
    ['a tagger of two lines', `${HEAD}${TAGGER} x\n\nm`],
    ['an unknown header', `${HEAD}${TAGGER}x y\n\nm`],
    ['a header before the tagger', `${HEAD}gpgsig x\n${TAGGER}\nm`],
    ['two signatures of one kind', `${HEAD}${TAGGER}gpgsig x\ngpgsig y\n\nm`],
    ['NUL', `${HEAD}${TAGGER}\nm\0`],
    ['a cut header', `${HEAD}tagger alice`],
    ['nothing', ''],
    ['too much', `${HEAD}${TAGGER}\n${'m'.repeat(MAX_TAG_BYTES)}`],
  ])('is refused with %s', (_what, raw) => {
    expect(parse(raw)).toMatchObject({ ok: false, problem: 'tag-malformed' });
  });

  it('is refused when its bytes do not hash to its id', () => {
    const id = objectId('tag', Buffer.from('x'), 'sha1');
    expect(parseTag(id, Buffer.from(`${HEAD}\nm`))).toMatchObject({
      ok: false,
      problem: 'tag-hash-mismatch',
    });
  });

  it('never makes the parser throw', () => {
    const pieces = fc.constantFrom(
      OBJECT,
      'type commit\n',
      'tag v\n',
      TAGGER,
      'gpgsig x\n',
      ' ',
      '\n',
      ARMOR,
    );
    const bytes = fc.oneof(
      fc.uint8Array(),
      fc.array(pieces).map((list) => Buffer.from(list.join(''))),
    );
    fc.assert(
      fc.property(bytes, (raw) => {
        expect(parse(raw).ok).toBeTypeOf('boolean');
      }),
      { numRuns: 2000 },
    );
  });
});

describe.each(['sha1', 'sha256'] as const)('git itself, in a %s repository', (format) => {
  let keys: Keys;
  let alice: GpgKey;
  let bob: SshKey;
  let directory = '';
  const environment: string[] = [];
  const tryGit = (...args: string[]) => run('git', ['-C', directory, ...environment, ...args]);
  const git = async (...args: string[]): Promise<Buffer> => must('git', await tryGit(...args));
  const withSsh = (...args: string[]): string[] => [
    '-c',
    'gpg.format=ssh',
    '-c',
    `user.signingkey=${bob.path}`,
    ...args,
  ];
  const bytesOf = async (type: string, name: string): Promise<Uint8Array> =>
    new Uint8Array(await git('cat-file', type, name));
  const idOf = async (name: string): Promise<Oid> => {
    const id = parseOid((await git('rev-parse', name)).toString().trim());
    if (id === null) throw new Error(name);
    return id;
  };
  const readTag = async (name: string): Promise<Tag> => {
    const parsed = parseTag(await idOf(name), await bytesOf('tag', name));
    if (!parsed.ok) throw new Error(parsed.detail);
    return parsed.tag;
  };
  const readCommit = async (name: string): Promise<Commit> => {
    const parsed = parseCommit(await idOf(name), await bytesOf('commit', name));
    if (!parsed.ok) throw new Error(parsed.detail);
    return parsed.commit;
  };
  const proofOf = async ({ payload, signature }: Pick<Tag, 'payload' | 'signature'>): Promise<Proof> => {
    const { keys: known } = await openCertificates([{ path: 'alice.asc', bytes: alice.certificate }]);
    const armor = signature?.armor ?? new Uint8Array();
    return verifySignature({ payload, armor, form: 'detached', namespace: 'git' }, known);
  };

  beforeAll(async () => {
    keys = await openKeys();
    alice = await keys.makeGpgKey('alice');
    bob = await keys.makeSshKey('bob');
    directory = await mkdtemp(join(tmpdir(), 'ct-'));
    const wrapper = join(keys.home, 'gpg.sh');
    await writeFile(wrapper, `#!/bin/sh\nexec gpg --homedir ${keys.home} "$@"\n`, { mode: 0o755 });
    await writeFile(join(keys.home, 'allowed'), `bob ${bob.publicKey}\n`);
    await git('init', '-q', `--object-format=${format}`);
    const settings = {
      'user.name': 'alice',
      'user.email': 'alice@example.org',
      'user.signingkey': alice.fingerprint,
      'gpg.program': wrapper,
      'gpg.ssh.allowedSignersFile': join(keys.home, 'allowed'),
    };
    for (const [name, value] of Object.entries(settings)) await git('config', name, value);
    await git('commit', '-q', '-S', '--allow-empty', '-m', 'first');
    await git('checkout', '-q', '-b', 'side');
    await git('commit', '-q', '--allow-empty', '-m', 'side');
    await git('tag', '-s', '-m', 'by gpg\n\nmore', 'by-gpg');
    await git(...withSsh('tag', '-s', '-m', 'by ssh', 'by-ssh', 'HEAD'));
    await git('tag', '-a', '-m', 'by nobody', 'unsigned');
    await git('tag', '-s', '-m', 'of a tag', 'nested', 'by-gpg');
    await git('tag', '-s', '-m', 'of a tree', 'tree', 'HEAD^{tree}');
    await git('checkout', '-q', '-b', 'main', 'HEAD^');
    await git('commit', '-q', '-S', '--allow-empty', '-m', 'main');
  }, 60_000);
  afterAll(async () => {
    await keys.close();
    await rm(directory, { recursive: true, force: true });
  });

  it.each(['by-gpg', 'by-ssh', 'nested', 'tree'])('verifies the tag %s as we do', async (name) => {
    expect((await tryGit('verify-tag', name)).code).toBe(0);
    const tag = await readTag(name);
    expect(await proofOf(tag)).toMatchObject({ status: 'good' });
    expect(tag.object).toBe(
      await idOf(name === 'nested' ? 'by-gpg' : name === 'tree' ? 'HEAD^{tree}' : 'side'),
    );
  });

  it('finds no signature where there is none', async () => {
    expect((await tryGit('verify-tag', 'unsigned')).code).not.toBe(0);
    expect((await readTag('unsigned')).signature).toBeNull();
  });

  it('refuses a tag with one byte changed, as we do', async () => {
    const raw = Buffer.from(await bytesOf('tag', 'by-gpg'));
    const changed = Buffer.from(raw.toString('latin1').replace('more', 'less'), 'latin1');
    const id = store(directory, 'tag', changed);
    expect((await tryGit('verify-tag', id)).code).not.toBe(0);
    expect(await proofOf(await readTag(id))).toMatchObject({ status: 'bad', reason: 'signature-bad' });
  });

  it.each([
    ['gpg', 'good'],
    ['ssh', 'good'],
  ])('verifies a commit that %s signed as we do', async (kind, status) => {
    const signing = kind === 'ssh' ? withSsh() : [];
    await git(...signing, 'commit', '-q', '-S', '--allow-empty', '-m', kind);
    expect((await tryGit('verify-commit', '--raw', 'HEAD')).code).toBe(0);
    const commit = await readCommit('HEAD');
    expect(await proofOf(commit)).toMatchObject({ status });
    expect(commit.mergetags).toEqual([]);
    expect(commit.encoding).toBeNull();
  });

  it.each(['by-gpg', 'by-ssh'])('keeps the tag %s in the merge of it', async (name) => {
    const before = await idOf('HEAD');
    await git('merge', '-q', '-S', '--no-ff', '-m', `merge ${name}`, name);
    const commit = await readCommit('HEAD');
    await git('checkout', '-q', '-B', 'main', before);
    expect(commit.parents).toEqual([before, await idOf('side')]);
    const [mergetag, ...others] = commit.mergetags;
    expect(others).toEqual([]);
    if (mergetag?.ok !== true) throw new Error('no tag');
    expect(mergetag.parent).toBe(1);
    expect(mergetag.tag.id).toBe(await idOf(name));
    expect(mergetag.tag).toEqual(await readTag(name));
    expect(await proofOf(mergetag.tag)).toMatchObject({ status: 'good' });
    expect(await proofOf(commit)).toMatchObject({ status: 'good' });
  });

  it('keeps an encoding and bytes that are no UTF-8', async () => {
    const message = join(keys.home, 'message');
    await writeFile(message, Buffer.from('Gr\xfc\xdfe\r\n', 'latin1'));
    const given = [
      '-c',
      'i18n.commitEncoding=ISO-8859-1',
      'commit',
      '-q',
      '-S',
      '--allow-empty',
      '--cleanup=verbatim',
    ];
    await git(...given, '-F', message);
    expect((await tryGit('verify-commit', 'HEAD')).code).toBe(0);
    const commit = await readCommit('HEAD');
    expect(commit.encoding).toBe('ISO-8859-1');
    expect(await proofOf(commit)).toMatchObject({ status: 'good' });
    expect(latin1(commit.payload)).toContain('\nGr\xfc\xdfe\r\n');
  });

  it('names no parent for a tag of something else, and does not stumble over nonsense', () => {
    const tag = `object ${'2'.repeat(format === 'sha1' ? 40 : 64)}\n type commit\n tag v\n \n text\n`;
    const raw = makeCommit({ format, headers: `mergetag ${tag}mergetag nonsense\n` });
    const parsed = parseCommit(objectId('commit', raw, format), raw);
    if (!parsed.ok) throw new Error(parsed.detail);
    expect(parsed.commit.mergetags).toMatchObject([{ ok: true, parent: null }, { ok: false }]);
  });

  it('gives every reader the same bytes without any key', async () => {
    const { payload, signature } = await readTag('by-ssh');
    const armor = signature?.armor ?? new Uint8Array();
    const proof = await verifySignature({ payload, armor, form: 'detached', namespace: 'git' }, noKeys);
    expect(proof.status).toBe('good');
  });
});
