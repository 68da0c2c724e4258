import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { makeAuthenticator } from '../../keys/authenticator.ts';
import { openFork, type Fork, type Report } from '../../fork/fork.ts';
import { policyText } from '../../fork/policy.ts';

let fork: Fork;
beforeAll(async () => {
  fork = await openFork({ alice: 'ssh', bob: 'gpg', carol: 'ssh', dave: 'gpg' });
});
afterAll(async () => {
  await fork.close();
});

/** Commits made by hand: `signature` is put into the header as it is. */
async function commitWith(
  base: string,
  signature: (payload: string) => string | Promise<string>,
): Promise<string> {
  const tree = await fork.git('rev-parse', `${base}^{tree}`);
  const who = 'Somebody <somebody@example.org> 1700000000 +0000';
  const payload = `tree ${tree}\nparent ${base}\nauthor ${who}\ncommitter ${who}\n\nby hand\n`;
  const armor = (await signature(payload)).trimEnd();
  const raw = payload.replace('\n\n', `\ngpgsig ${armor.replaceAll('\n', '\n ')}\n\n`);
  const { execFileSync } = await import('node:child_process');
  return execFileSync('git', ['hash-object', '-t', 'commit', '-w', '--stdin', '--literally'], {
    cwd: fork.dir,
    input: raw,
  })
    .toString()
    .trim();
}

const first = ({ findings }: Report): unknown => {
  const [found] = findings.filter(({ code }) => code.startsWith('commit-'));
  return [found?.code, found?.outcome];
};

describe('the signature of a commit', () => {
  test.each(['adopt', 'refuse'] as const)(
    'by nobody, by a stranger, or of an unknown kind, where unsigned: %s',
    async (unsigned) => {
      const base = await fork.setPolicy({ unsigned });
      const outcome = unsigned === 'adopt' ? 'pending' : 'fail';
      const judge = async (head: string): Promise<unknown> => first(await fork.verify(base, head));
      expect(await judge(await fork.commit({ on: base }))).toEqual(['commit-unsigned', outcome]);
      const stranger = makeAuthenticator('ed25519');
      const strange = await commitWith(base, (payload) =>
        Buffer.from(stranger.sign(Buffer.from(payload), 'git')).toString(),
      );
      expect(await judge(strange)).toEqual(['commit-key-unknown', outcome]);
      const smime = await commitWith(
        base,
        () => '-----BEGIN SIGNED MESSAGE-----\nAAAA\n-----END SIGNED MESSAGE-----',
      );
      expect(await judge(smime)).toEqual(['commit-signature-unsupported', outcome]);
    },
  );

  test('over other bytes is bad, whatever the policy says of unsigned ones', async () => {
    const base = await fork.setPolicy({ unsigned: 'adopt' });
    const alice = fork.people.get('alice');
    if (alice?.kind !== 'ssh') throw new Error('alice has no SSH key');
    const head = await commitWith(base, async (payload) =>
      Buffer.from(await fork.keys.sshSign(alice, Buffer.from(`${payload} `), 'git')).toString(),
    );
    expect(first(await fork.verify(base, head))).toEqual(['commit-signature-bad', 'fail']);
  });

  test('made as a review, or a review made as a commit signature, is neither', async () => {
    const base = await fork.setPolicy();
    const alice = fork.people.get('alice');
    if (alice?.kind !== 'ssh') throw new Error('alice has no SSH key');
    const head = await commitWith(base, async (payload) =>
      Buffer.from(await fork.keys.sshSign(alice, Buffer.from(payload), 'countersign@v1')).toString(),
    );
    expect(first(await fork.verify(base, head))).toEqual(['commit-signature-bad', 'fail']);
  });

  test('by somebody outside of the group that may sign', async () => {
    const names = [...fork.people.keys()];
    const groups = { maintainers: names.filter((name) => name !== 'carol'), core: names, admins: names };
    const base = await fork.setPolicy({ groups });
    const head = await fork.commit({ on: base, as: 'carol' });
    const report = await fork.verify(base, head);
    expect(first(report)).toEqual(['commit-signer-not-allowed', 'fail']);
  });

  test('by a hardware key without the touch that its pin asks for', async () => {
    const token = makeAuthenticator('p256');
    const [type = '', blob = ''] = token.publicKey.split(' ');
    const policy = await fork.setPolicy();
    const pins = policyText(fork.people).replace(
      /( {2}alice:\n {4}keys:\n)/,
      `$1      - ssh: ${type} ${blob}\n`,
    );
    const base = await fork.commit({ files: { '.countersign/policy.yaml': pins }, as: 'alice', on: policy });
    const signedWith = (flags: number): Promise<string> =>
      commitWith(base, (payload) => Buffer.from(token.sign(Buffer.from(payload), 'git', flags)).toString());
    expect(first(await fork.verify(base, await signedWith(0)))).toEqual(['commit-not-touched', 'fail']);
    expect((await fork.verify(base, await signedWith(1))).people.authors).toEqual(['alice']);
  });

  test('by a key that has expired: not for what is new, but in history', async () => {
    const expired = await fork.keys.makeGpgKey('expired', { at: '20200101T000000', expires: '1y' });
    fork.people.set('erin', expired);
    const base = await fork.setPolicy();
    fork.people.delete('erin');
    const head = await commitWith(base, async (payload) => {
      const at = ['--faked-system-time', '20200601T000000'];
      return Buffer.from(await fork.keys.signDetached(expired, Buffer.from(payload), at)).toString();
    });
    const report = await fork.verify(base, head);
    expect(first(report)).toEqual(['commit-key-standing', 'fail']);
    expect((await fork.judgeStep(base, head)).people.authors).toEqual(['erin']);
  });

  test('of a commit that git would not write', async () => {
    const base = await fork.setPolicy();
    const head = await commitWith(base, () => 'x\u0000y');
    expect(first(await fork.verify(base, head))).toEqual(['commit-malformed', 'fail']);
  });
});
