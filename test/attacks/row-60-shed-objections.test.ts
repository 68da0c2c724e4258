import { expect, test } from 'vitest';
import { judgeScene } from '../verdicts/make/gathering.ts';
import { change, proposed } from '../verdicts/make/plots.ts';
import type { Scene } from '../verdicts/make/scene.ts';
import { openpgpSigner } from '../verdicts/make/signers.ts';
import { fenced, propose, useStage } from './stage.ts';

test('row 60: a push of a blank does not shed a signed "no"', async () => {
  const { outcome, codes } = await judgeScene((scene) => {
    const { base, head: old } = change(scene);
    const head = scene.commit({ on: base, files: { 'pkgs/a.nix': '1 \n' }, as: 'alice' });
    const said = [
      scene.review({ as: 'bob', base, head: old, decision: 'reject' }),
      ...['carol', 'dave'].map((as) => scene.review({ as, base, head })),
    ];
    return proposed(base, head, said, [old]);
  });
  expect([outcome, codes]).toEqual(['fail', ['objection']]);
});

test('row 60: nor does a push on top of what was objected to', async () => {
  const { outcome, codes } = await judgeScene((scene) => {
    const { base, head: old } = change(scene);
    const head = scene.commit({ on: old, files: { 'pkgs/b.nix': '1\n' }, as: 'alice' });
    const said = [
      scene.review({ as: 'bob', base, head: old, decision: 'reject' }),
      scene.review({ as: 'carol', base, head }),
    ];
    return proposed(base, head, said);
  });
  expect([outcome, codes]).toEqual(['fail', ['objection']]);
});

/** Carol's "no", bob's approval, and what else was signed. */
async function objected(more: (scene: Scene) => readonly string[]) {
  const { outcome, codes } = await judgeScene((scene) => {
    const { base, head } = change(scene);
    const no = scene.review({ as: 'carol', base, head, decision: 'reject' });
    return proposed(base, head, [no, scene.review({ as: 'bob', base, head }), ...more(scene)]);
  });
  return [outcome, codes.includes('objection')];
}

test('row 60: nor does one admin, or two of three, by revoking the key that signed it', async () => {
  for (const admins of [['alice'], ['alice', 'dave']]) {
    const revoked = objected((scene) => admins.map((as) => scene.revoke({ as, of: 'carol' })));
    expect(await revoked).toEqual(['fail', true]);
  }
  // Not by signing twice either.
  const twice = (scene: Scene): string[] =>
    ['lost', 'stolen', 'rotated'].map((reason) => scene.revoke({ as: 'alice', of: 'carol', reason }));
  expect(await objected(twice)).toEqual(['fail', true]);
});

test('row 60: nor does a key that is itself revoked, or that has expired', async () => {
  const stolen = (scene: Scene): string[] => [
    scene.revoke({ as: 'bob', of: 'dave' }),
    ...['dave', 'alice', 'bob'].map((as) => scene.revoke({ as, of: 'carol' })),
  ];
  expect(await objected(stolen)).toEqual(['fail', true]);
  const expired = await judgeScene((scene) => {
    const userIds = [{ text: 'dave <dave@example.org>', signatures: [{ flags: 3, keyExpires: 1000 }] }];
    scene.signers.set('dave', openpgpSigner('dave', { userIds }));
    const { base, head } = change(scene);
    return proposed(base, head, [
      scene.review({ as: 'bob', base, head }),
      scene.revoke({ as: 'dave', of: 'bob' }),
    ]);
  });
  expect([expired.outcome, expired.codes]).toEqual(['pass', ['statement-key-standing']]);
});

test('row 60: nor does a line in its batch that nobody can read', async () => {
  const { outcome, codes } = await judgeScene((scene) => {
    const { base, head } = change(scene);
    const no = scene.review({ as: 'carol', base, head, decision: 'reject' });
    const text = `${no.slice(0, no.indexOf('-----BEGIN'))}countersign: verdict/v9\n`;
    const signature = scene.signers.get('carol')?.sign(Buffer.from(text), 'countersign@v1') ?? '';
    return proposed(base, head, [text + signature, scene.review({ as: 'bob', base, head })]);
  });
  expect([outcome, codes]).toEqual(['undetermined', ['statement-illegible']]);
});

test("row 60: a stranger's text that nobody can read, or a maintainer's about something else, blocks nothing", async () => {
  const { outcome, codes } = await judgeScene((scene) => {
    const { base, head } = change(scene);
    const other = scene.commit({ on: base, files: { 'pkgs/b.nix': '1\n' }, as: 'alice' });
    const signed = (as: string, about: typeof head): string => {
      const text = `countersign: verdict/v9\nhead: ${about}\n`;
      return text + (scene.signers.get(as)?.sign(Buffer.from(text), 'countersign@v1') ?? '');
    };
    return proposed(base, head, [
      signed('mallory', head),
      signed('carol', other),
      scene.review({ as: 'bob', base, head }),
    ]);
  });
  expect([outcome, codes]).toEqual(['pass', ['statement-malformed', 'statement-malformed']]);
});

const shared = useStage();

test('row 60: a "no" that was seen stands after its comment is deleted, and after the next push', async () => {
  const { stage } = shared;
  const { fork, repository, base, push, checkOf } = stage;
  const { head, number } = await propose(stage, 'shed');
  const approval = await fork.review({ as: 'carol', base, head });
  repository.comment(number, fenced(approval), { as: 'carol' });
  expect((await checkOf(head))?.conclusion).toBe('success');
  const no = await fork.review({ as: 'bob', base, head, decision: 'reject', note: 'not like this' });
  const comment = repository.comment(number, fenced(no), { as: 'bob' });
  expect((await checkOf(head))?.conclusion).toBe('failure');
  repository.deleteComment(comment.id, { as: 'alice' });
  expect((await checkOf(head))?.conclusion).toBe('failure');

  const next = await fork.commit({ files: { 'pkgs/shed.nix': 'shed \n' }, as: 'alice', on: base });
  await push(next, 'shed', 'alice', { force: true });
  const again = await fork.review({ as: 'carol', base, head: next });
  repository.comment(number, fenced(again), { as: 'carol' });
  expect((await checkOf(next))?.conclusion).toBe('failure');
  expect(repository.mergeable(number).mergeable).toBe(false);

  const settled = await fork.review({ as: 'bob', base, head: next, serial: 2 });
  repository.comment(number, fenced(settled), { as: 'bob' });
  expect((await checkOf(next))?.conclusion).toBe('success');
});
