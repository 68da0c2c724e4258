import { execFileSync } from 'node:child_process';
import { expect, test } from 'vitest';
import { makeAuthenticator } from '../keys/authenticator.ts';
import { policyText } from '../fork/policy.ts';
import { fenced, useStage } from './stage.ts';

const shared = useStage();

const COMMITS = 1000;
const FILES = 10_000;

test('row 10: a pull request of 1,000 commits and 10,000 files is judged whole, from git', async () => {
  const { fork, repository, project, push, checkOf } = shared.stage;
  const token = makeAuthenticator('ed25519');
  const [type = '', blob = ''] = token.publicKey.split(' ');
  const policy = policyText(fork.people, { project }).replace(
    /( {2}alice:\n {4}keys:\n)/,
    `$1      - ssh: ${type} ${blob}\n`,
  );
  const base = await fork.commit({
    files: { '.countersign/policy.yaml': policy },
    as: 'alice',
    on: await fork.setPolicy({ project }),
  });
  await push(base, 'master', 'alice', { force: true });

  const git = (args: string[], input?: string | Uint8Array): string =>
    execFileSync('git', args, { cwd: fork.dir, input, maxBuffer: 1 << 28 })
      .toString('latin1')
      .trim();
  const blobs = Array.from(
    { length: FILES },
    (_, index) => `blob\nmark :${index + 1}\ndata 6\n${String(index).padStart(5, '0')}\n`,
  );
  const entries = blobs.map(
    (_, index) => `M 100644 :${index + 1} pkgs/by-name/${index % 100}/p${index}.nix\n`,
  );
  const who = 'Somebody <somebody@example.org> 1700000000 +0000';
  git(
    ['fast-import', '--quiet'],
    `${blobs.join('')}commit refs/heads/big\ncommitter ${who}\ndata 1\nx\nfrom ${base}\n${entries.join('')}\n`,
  );
  const tree = git(['rev-parse', 'big^{tree}']);
  let head = base;
  for (let index = 0; index < COMMITS; index += 1) {
    const payload = `tree ${tree}\nparent ${head}\nauthor ${who}\ncommitter ${who}\n\nstep ${index}\n`;
    const armor = Buffer.from(token.sign(Buffer.from(payload), 'git'))
      .toString('latin1')
      .trimEnd();
    const signed = payload.replace('\n\n', `\ngpgsig ${armor.replaceAll('\n', '\n ')}\n\n`);
    head = git(['hash-object', '-t', 'commit', '-w', '--stdin'], signed);
  }
  await push(head, 'big', 'alice');
  const { number } = await repository.openPullRequest({
    head: 'big',
    base: 'master',
    title: 'big',
    as: 'alice',
  });
  const first = await checkOf(head);
  expect([first?.conclusion, first?.title]).toEqual([
    'action_required',
    '1 of 2 people: needs an approval from maintainers',
  ]);
  expect(first?.summary).toContain(`all ${COMMITS} commits are signed`);

  repository.comment(number, fenced(await fork.review({ as: 'bob', base, head })), { as: 'bob' });
  expect((await checkOf(head))?.conclusion).toBe('success');
}, 180_000);
