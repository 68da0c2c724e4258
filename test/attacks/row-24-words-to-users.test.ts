import { expect, test } from 'vitest';
import { encodeBatch, parseStatement, type Statement } from '../../src/core/statement/statement.ts';
import { oid } from '../properties/statements.ts';
import { useFork } from './attack.ts';

const shared = useFork();
const PROJECT = 'github.com/acme/nixpkgs';
const NOW = Math.floor(Date.now() / 1000);

/** What all four people could say to users about a commit: that it is the newest, and that trust may begin there. */
function words(commit: string, branch = 'master', project = PROJECT): Statement[] {
  const about = { project, branch };
  return ['alice', 'bob', 'carol', 'dave'].flatMap((name): Statement[] => [
    { type: 'head', ...about, head: oid(commit), time: NOW, attester: name },
    { type: 'introduction', ...about, commit: oid(commit), policy: 'a'.repeat(64), introducer: name },
  ]);
}

function signerOf(statement: Statement): string {
  return statement.type === 'head'
    ? statement.attester
    : 'introducer' in statement
      ? statement.introducer
      : '';
}

async function signed(statements: readonly Statement[], key?: string): Promise<string[]> {
  const texts: string[] = [];
  for (const one of statements) texts.push(await shared.fork.say(one, key ?? signerOf(one)));
  return texts;
}

test('row 24: what everybody says to users of a head approves, adopts and stands behind nothing', async () => {
  const { fork } = shared;
  const base = await fork.setPolicy({ unsigned: 'adopt' });
  const own = await fork.commit({ files: { a: '1' }, as: 'alice', on: base });
  const foreign = await fork.commit({ files: { b: '1' }, on: base });
  for (const head of [own, foreign]) {
    const texts = [...(await signed(words(head))), ...(await signed(words(base)))];
    const [without, beside] = [await fork.verify(base, head), await fork.verify(base, head, texts)];
    expect(beside).toEqual(without);
    expect(beside.outcome).toBe('pending');
    expect(beside.people.approvers).toEqual([]);
    expect(beside.codes.filter((code) => code.startsWith('statement-'))).toEqual([]);
  }
});

test('row 24: nor does it prove, ratify or spoil a step that has landed', async () => {
  const { fork } = shared;
  const base = await fork.setPolicy();
  const commit = await fork.commit({ files: { a: '1' }, as: 'alice', on: base });
  const review = await fork.review({ as: 'bob', base, head: commit });
  const texts = await signed([...words(commit), ...words(base)]);
  for (const [statements, outcome] of [
    [[], 'pending'],
    [[review], 'pass'],
  ] as const) {
    const without = await fork.judgeStep(base, commit, statements);
    const beside = await fork.judgeStep(base, commit, [...texts, ...statements]);
    expect(without.enforced).toBe(outcome);
    expect(beside.rulings).toEqual(
      JSON.parse(
        JSON.stringify(without.rulings).replaceAll('statement 1"', `statement ${texts.length + 1}"`),
      ),
    );
    expect(beside.evidence.map(({ type }) => type)).toEqual(without.evidence.map(({ type }) => type));
  }
});

test('row 24: whatever is wrong with it is nobody’s fault in a judgement, and hides no fault of another', async () => {
  const { fork } = shared;
  const base = await fork.setPolicy();
  const head = await fork.commit({ files: { a: '1' }, as: 'alice', on: base });
  const odd = [
    ...(await signed(words(head), 'carol')),
    ...(await signed(words(head, 'other'))),
    ...(await signed(words(head, 'master', 'github.com/acme/other'))),
    ...(await signed(words(head))).map((text) => text.replace('branch: master', 'branch: staging')),
  ];
  const without = await fork.verify(base, head);
  expect(await fork.verify(base, head, odd)).toEqual(without);
  const [spoiled = ''] = await signed(words(head));
  const malformed = await fork.verify(base, head, [spoiled.replace('\ntime: ', '\nserial: 1\ntime: ')]);
  expect(malformed.codes).toContain('statement-malformed');
});

test('row 24: beside it in one batch an approval counts as ever, and nothing else does', async () => {
  const { fork } = shared;
  const base = await fork.setPolicy();
  const head = await fork.commit({ files: { a: '1' }, as: 'alice', on: base });
  const review = (await fork.review({ as: 'carol', base, head })).split('-----BEGIN')[0] ?? '';
  const parsed = parseStatement(Buffer.from(review));
  if (!parsed.ok) throw new Error(parsed.problem);
  const own = words(head).filter((one) => signerOf(one) === 'carol');
  const carol = fork.people.get('carol');
  if (carol?.kind !== 'ssh') throw new Error('carol signs with ssh');
  const sign = async (batch: readonly Statement[]): Promise<string> => {
    const text = encodeBatch(batch);
    return text + Buffer.from(await fork.keys.sshSign(carol, Buffer.from(text), 'countersign@v1')).toString();
  };
  const report = await fork.verify(base, head, [await sign([...own, parsed.statement, ...own])]);
  expect([report.outcome, report.people.approvers]).toEqual(['pass', ['carol']]);
  expect((await fork.verify(base, head, [await sign(own)])).outcome).toBe('pending');
});
