import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseCommit } from '../../src/core/object/commit.ts';
import { objectId } from '../../src/core/object/hash.ts';
import { parseTagBytes } from '../../src/core/object/tag.ts';
import { encodePossession, parsePossession } from '../../src/core/statement/possession.ts';
import { encodeBatch, parseStatements } from '../../src/core/statement/statement.ts';
import { must } from '../keys/keys.ts';
import type { PersonKey } from '../fork/policy.ts';
import { runs } from '../properties/runs.ts';
import { statements } from '../properties/statements.ts';
import { useFork } from './attack.ts';
import { aboutCommit, aboutStatement, commitByHand, reviewByHand } from './by-hand.ts';

const shared = useFork();

const keyOf = (name: string): PersonKey => {
  const key = shared.fork.people.get(name);
  if (key === undefined) throw new Error(`nobody is called ${name}`);
  return key;
};

function signAs(name: string, namespace: string): (bytes: Uint8Array) => Promise<Uint8Array> {
  const key = keyOf(name);
  return (bytes) =>
    key.kind === 'ssh'
      ? shared.fork.keys.sshSign(key, bytes, namespace)
      : shared.fork.keys.signDetached(key, bytes);
}

test('row 24: an SSH signature for a statement signs no commit, and one for a commit no statement', async () => {
  const { fork } = shared;
  const base = await fork.setPolicy();
  const commit = async (namespace: string) =>
    fork.verify(base, await commitByHand(fork, base, signAs('carol', namespace)));
  expect((await commit('git')).people.authors).toEqual(['carol']);
  const tricked = await commit('countersign@v1');
  expect(tricked.people.authors).toEqual([]);
  expect(aboutCommit(tricked)).toMatchObject({
    code: 'commit-signature-bad',
    outcome: 'fail',
    reason: 'wrong-namespace',
  });

  const head = await fork.commit({ as: 'alice', on: base });
  const review = async (namespace: string) =>
    fork.verify(base, head, [
      await reviewByHand(fork, { as: 'carol', base, head }, signAs('carol', namespace)),
    ]);
  expect((await review('countersign@v1')).people.approvers).toEqual(['carol']);
  const replayed = await review('git');
  expect(replayed.people.approvers).toEqual([]);
  expect(aboutStatement(replayed)).toMatchObject({
    code: 'statement-signature',
    reason: 'wrong-namespace',
  });
});

test('row 24: OpenPGP has no namespace, and its signature over a review signs no commit either', async () => {
  const { fork } = shared;
  const base = await fork.setPolicy();
  const head = await fork.commit({ as: 'alice', on: base });
  let text = '';
  const review = await reviewByHand(fork, { as: 'bob', base, head }, (bytes) => {
    text = Buffer.from(bytes).toString();
    return signAs('bob', '')(bytes);
  });
  const armor = review.slice(text.length).trimEnd();
  // Git takes the signature out of the header of this object and finds the very bytes that bob signed.
  const raw = text.replace('project: ', `gpgsig ${armor.replaceAll('\n', '\n ')}\nproject: `);
  const path = await fork.keys.writeTemporary(Buffer.from(raw));
  const forged = await fork.git('hash-object', '-t', 'commit', '-w', '--literally', path);
  expect(await fork.verify(base, forged)).toMatchObject({
    outcome: 'undetermined',
    people: { authors: [], behind: [] },
  });

  // And the bytes of a commit that bob signed are no statement, in whatever frame.
  const signed = await fork.commit({ as: 'bob', on: head });
  const object = await fork.git('cat-file', 'commit', signed);
  const payload = `${object.replace(/gpgsig [\s\S]*?-----END PGP SIGNATURE-----\n(?: \n)?/, '')}\n`;
  const signature = /-----BEGIN PGP SIGNATURE-----[\s\S]*-----END PGP SIGNATURE-----/.exec(object)?.[0] ?? '';
  const own = signature.replaceAll('\n ', '\n');
  const [sigFile, textFile] = [
    await fork.keys.writeTemporary(Buffer.from(own)),
    await fork.keys.writeTemporary(Buffer.from(payload)),
  ];
  must('gpg', await fork.keys.gpg(['--verify', sigFile, textFile]));
  const frame = `-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA512\n\n${payload}${own}\n`;
  const report = await fork.verify(base, head, [`${payload}${own}\n`, frame]);
  expect([report.outcome, report.people.approvers]).toEqual(['pending', []]);
});

test('row 24: no statement parses as a commit or a tag, and none of these as a statement', () => {
  const line = fc.stringMatching(/^[ -~é]{0,40}$/);
  const ending = fc.array(line, { maxLength: 4 }).map((lines) => lines.map((one) => `${one}\n`).join(''));
  const texts = fc.array(statements, { minLength: 1, maxLength: 3 }).map(encodeBatch);
  fc.assert(
    fc.property(texts, ending, (text, more) => {
      for (const one of [text, `${text}\n${more}`]) {
        const bytes = Buffer.from(one);
        for (const format of ['sha1', 'sha256'] as const) {
          expect(parseCommit(objectId('commit', bytes, format), bytes).ok).toBe(false);
          expect(parseTagBytes(format, bytes).ok).toBe(false);
        }
        expect(parsePossession(bytes).ok).toBe(false);
      }
    }),
    runs(200),
  );

  const id = '1'.repeat(40);
  const who = 'a <a> 1 +0000';
  const objects = fc
    .tuple(
      fc.constantFrom(
        `tree ${id}\nparent ${id}\nauthor ${who}\ncommitter ${who}\n`,
        `object ${id}\ntype commit\ntag v1\ntagger ${who}\n`,
      ),
      fc.oneof(ending, texts),
      fc.oneof(ending, texts),
    )
    .map(([head, headers, message]) => ({
      plain: `${head}\n${message}`,
      odd: `${head}${headers}\n${message}`,
    }));
  fc.assert(
    fc.property(objects, ({ plain, odd }) => {
      const bytes = Buffer.from(plain);
      expect(
        parseCommit(objectId('commit', bytes, 'sha1'), bytes).ok || parseTagBytes('sha1', bytes).ok,
      ).toBe(true);
      for (const one of [plain, odd]) {
        expect(parseStatements(Buffer.from(one))).toMatchObject({ ok: false, line: 1 });
        expect(parsePossession(Buffer.from(one))).toMatchObject({ ok: false, line: 1 });
      }
    }),
    runs(200),
  );

  const possession = encodePossession({
    project: 'github.com/acme/nixpkgs',
    person: 'alice',
    key: `openpgp:${'A'.repeat(40)}`,
  });
  expect(parseStatements(Buffer.from(possession))).toMatchObject({ ok: false, line: 1 });
});
