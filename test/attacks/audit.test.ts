import { execFileSync } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { policyFiles } from '../fork/policy.ts';
import { useFork, withStranger } from './attack.ts';

const shared = useFork();

describe('a tag in the place of a branch', () => {
  test('does not decide whose policy judges: an ambiguous name is refused', async () => {
    const { fork } = shared;
    const base = await fork.setPolicy();
    const { evil, head } = await withStranger(fork, async () => {
      const mallory = fork.people.get('mallory');
      const files = policyFiles(new Map(mallory ? [['mallory', mallory]] : []), {
        governance: '{ people: 1, from: admins }',
        require: ['{ name: nobody, people: 1, from: maintainers }'],
      });
      const policy = await fork.commit({ files, as: 'mallory', on: base });
      return {
        evil: policy,
        head: await fork.commit({ files: { 'pkgs/evil.nix': '1\n' }, as: 'mallory', on: policy }),
      };
    });
    await fork.git('branch', '--force', 'master', base);
    await fork.git('branch', '--force', 'topic', head);
    await fork.git('tag', '--force', 'origin/master', evil);
    await fork.git('tag', '--force', 'master', evil);
    const clone = await mkdtemp(join(tmpdir(), 'cc-'));
    try {
      const env = { PATH: process.env['PATH'], GIT_CONFIG_GLOBAL: '/dev/null' };
      execFileSync('git', ['clone', '--quiet', '--branch', 'topic', `file://${fork.dir}`, clone], { env });
      const range = ['verify', '--repository', clone, '--head', 'origin/topic'];
      for (const options of [
        ['--branch', 'master', '--base', 'origin/master'],
        ['--base', 'origin/master'],
        ['--branch', 'master', '--base', 'origin/master~0'],
      ]) {
        expect((await fork.cli(...range, ...options)).code).toBe(64);
      }
      const exact = await fork.cli(...range, '--branch', 'master', '--base', 'refs/remotes/origin/master');
      expect(exact.code).toBe(1);
    } finally {
      await rm(clone, { recursive: true, force: true });
      await fork.git('tag', '--delete', 'origin/master', 'master');
    }
  });
});

describe('a signed "no"', () => {
  test('is not lifted by an approval of another content', async () => {
    const { fork } = shared;
    const base = await fork.setPolicy();
    const head = await fork.commit({ files: { 'pkgs/a.nix': '1\n' }, as: 'alice' });
    const no = await fork.review({ as: 'carol', base, head, decision: 'reject' });
    const yes = await fork.review({ as: 'bob', base, head });
    const edit = (text: string): string => text.replace(/sha256:.*/, `sha256:${'0'.repeat(64)}`);
    const fooled = await fork.review({ as: 'carol', base, head, serial: 2, edit });
    expect((await fork.verify(base, head, [no, yes, fooled])).outcome).toBe('fail');
  });

  test('is not hidden behind more texts than are read from one file', async () => {
    const { fork } = shared;
    const base = await fork.setPolicy();
    const head = await fork.commit({ files: { 'pkgs/b.nix': '1\n' }, as: 'alice' });
    const no = await fork.review({ as: 'carol', base, head, decision: 'reject' });
    const yes = await fork.review({ as: 'bob', base, head });
    const long = await fork.verify(base, head, [yes + 'countersign: x\n\n.\n'.repeat(600) + no]);
    expect([long.code, long.codes]).toEqual([2, ['world-unreadable']]);
    const large = await fork.verify(base, head, [`${yes}${'x'.repeat(1_048_577)}\n${no}`]);
    expect([large.code, large.codes]).toEqual([2, ['world-unreadable']]);
  });
});

describe('a change that no requirement is about', () => {
  test('does not pass', async () => {
    const { fork } = shared;
    const base = await fork.setPolicy({
      require: ['{ name: lib, paths: ["lib/**"], people: 2, approvals: 1, from: core }'],
    });
    const head = await fork.commit({ files: { 'pkgs/a.nix': '1\n' }, as: 'alice' });
    const report = await fork.verify(base, head);
    expect([report.outcome, report.codes]).toEqual(['undetermined', ['requirement-missing']]);
  });
});

describe('names that some file system takes for a governed one', () => {
  test.each([
    '.gitattribute\u017f',
    'x/.git\u200cattributes',
    '.gitmodules ',
    '.gitattributes.',
    'GITATT~1',
    'x/gitmod~1',
    '.countersign\u200d/x',
  ])('%j is governed', async (path) => {
    const { fork } = shared;
    const base = await fork.setPolicy();
    const head = await fork.commit({ files: { [path]: 'x\n' }, as: 'alice', on: base });
    const report = await fork.verify(base, head, [await fork.review({ as: 'bob', base, head })]);
    expect(report.codes).toContain('governance-missing');
  });
});

describe('a proposed key file', () => {
  test('with which one key would belong to two people fails the change', async () => {
    const { fork } = shared;
    const base = await fork.setPolicy();
    const policy = await fork.git('show', `${base}:.countersign/policy.yaml`);
    // The same Ed25519 key as alice's SSH pin and as a subkey of erin's certificate.
    const erin = await fork.keys.makeGpgKey('erin');
    const blob = sshBlobOf(Buffer.from(erin.certificate).toString('latin1'));
    const pins = policy
      .replace(/( {2}carol:\n {4}keys:\n)/, `$1      - ssh: ssh-ed25519 ${blob}\n`)
      .replace('groups:', `  erin:\n    keys:\n      - openpgp: ${erin.fingerprint}\ngroups:`);
    const files = {
      '.countersign/policy.yaml': pins,
      '.countersign/keys/erin.asc': Buffer.from(erin.certificate).toString('latin1'),
    };
    const report = await fork.verify(base, await fork.commit({ files, as: 'alice', on: base }));
    expect(report.codes).toContain('proposed-key-shared');
    expect(report.outcome).toBe('fail');
  });
});

/** The Ed25519 key of an armored certificate's primary key, as the blob of an SSH key. */
function sshBlobOf(armored: string): string {
  const body = armored.split('\n\n')[1]?.split('\n=')[0] ?? '';
  const bytes = Buffer.from(body, 'base64');
  // EdDSA public key (RFC 9580 section 5.5.5.5): the curve's OID, an MPI of 263 bits that begins with 0x40.
  const start = bytes.indexOf(Buffer.from('2b06010401da470f01010740', 'hex'));
  const curve = bytes.indexOf(Buffer.from('010740', 'hex'), start === -1 ? 0 : start);
  const raw = bytes.subarray(curve + 3, curve + 35);
  const field = (part: Buffer): Buffer => {
    const length = Buffer.alloc(4);
    length.writeUInt32BE(part.length);
    return Buffer.concat([length, part]);
  };
  return Buffer.concat([field(Buffer.from('ssh-ed25519')), field(raw)]).toString('base64');
}

describe('a stranger', () => {
  test('cannot crowd out an approval with statements of nobody', async () => {
    const { fork } = shared;
    const base = await fork.setPolicy();
    const head = await fork.commit({ files: { 'pkgs/c.nix': '1\n' }, as: 'alice' });
    const yes = await fork.review({ as: 'bob', base, head });
    const junk = Array.from({ length: 400 }, (_, index) =>
      yes.replace('serial: 1', `serial: ${index + 2}`),
    ).join('\n');
    const report = await fork.verify(base, head, [junk, junk.replaceAll('approve', 'reject'), yes]);
    expect(report.outcome).toBe('pass');
  });

  test('cannot hide a change of a submodule from the command that a reviewer copies', async () => {
    const { fork } = shared;
    const base = await fork.setPolicy();
    const head = await fork.commit({ files: { 'pkgs/d.nix': '1\n' }, as: 'alice' });
    const { out } = await fork.cli(
      'verify',
      '--repository',
      fork.dir,
      '--base',
      base,
      '--head',
      head,
      '--branch',
      'master',
    );
    expect(out).toContain(`git diff --ignore-submodules=none --no-ext-diff --no-textconv ${base}...${head}`);
  });
});

describe('lint', () => {
  test('refuses a policy that is a link, as the judge does', async () => {
    const { fork } = shared;
    const base = await fork.setPolicy();
    await fork.git('checkout', '--quiet', '--force', '--detach', base);
    await fork.git('config', 'core.symlinks', 'true');
    await writeFile(join(fork.keys.home, 'policy.yaml'), 'version: 1\n');
    await fork.commit({
      files: { '.countersign/policy.yaml': { link: join(fork.keys.home, 'policy.yaml') } },
      on: base,
    });
    expect((await fork.cli('policy', 'lint', '.countersign/policy.yaml')).code).toBe(2);
  });
});
