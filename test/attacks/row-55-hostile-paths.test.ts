import { expect, test } from 'vitest';
import { useFork } from './attack.ts';

const shared = useFork();

test.each([
  ['a line feed', 'pkgs/a\nb.nix', 'path-hostile'],
  ['a carriage return', 'pkgs/a\rb.nix', 'path-hostile'],
  ['an escape character', 'pkgs/a\u001b[31mb.nix', 'path-hostile'],
  ['a line separator', 'pkgs/a\u2028b.nix', 'path-hostile'],
  ['a paragraph separator', 'pkgs/a\u2029b.nix', 'path-hostile'],
])('row 55: a path with %s fails the change, whoever approves', async (_what, path, code) => {
  const { fork } = shared;
  const base = await fork.setPolicy();
  const head = await fork.commit({ files: { [path]: '1\n' }, as: 'alice', on: base });
  const report = await fork.verify(base, head, [await fork.review({ as: 'bob', base, head })]);
  expect(report.outcome).toBe('fail');
  expect(report.codes).toContain(code);
});

test('row 55: a path that is no UTF-8 fails the change', async () => {
  const { fork } = shared;
  const base = await fork.setPolicy();
  await fork.git('checkout', '--quiet', '--force', '--detach', base);
  const blob = await fork.git('hash-object', '-w', '.countersign/policy.yaml');
  const tree = await treeWith(
    fork,
    base,
    Buffer.concat([Buffer.from(`100644 blob ${blob}\tx`), Buffer.of(0xff)]),
  );
  const head = await fork.git('commit-tree', '-p', base, '-m', 'x', tree);
  const report = await fork.verify(base, head);
  expect(report.codes).toContain('path-hostile');
});

test.each([
  ['a file', 'pkgs/a.nix', 'pkgs/A.nix'],
  ['a folder', 'pkgs/a/x.nix', 'pkgs/A/y.nix'],
  ['a file beyond ASCII', 'pkgs/\u00e9.nix', 'pkgs/\u00c9.nix'],
  ['two spellings of one accent', 'pkgs/\u00e9.nix', 'pkgs/e\u0301.nix'],
  ['a folder with an invisible character', 'lib/a.nix', 'li\u200cb/a.nix'],
  ['a folder with a sharp s in lower case', 'openssl/a.nix', 'open\u00dfl/a.nix'],
  ['a folder with a sharp s in upper case', 'openssl/a.nix', 'open\u1e9el/a.nix'],
  ['a folder with a dot after it', 'lib/a.nix', 'lib./a.nix'],
  ['a folder with a blank after it', 'lib/a.nix', 'lib /a.nix'],
  ['a file with a dot after it', 'lib/a.nix', 'lib/a.nix.'],
  ['a file with an invisible character', 'lib/a.nix', 'lib/a\u200d.nix'],
])('row 55: %s that is the same name for some file system fails the change', async (_what, first, second) => {
  const { fork } = shared;
  const policy = await fork.setPolicy();
  const base = await fork.commit({ files: { [first]: '1\n' }, as: 'alice', on: policy });
  const head = await fork.commit({ files: { [second]: '2\n' }, as: 'alice', on: base });
  const report = await fork.verify(base, head, [await fork.review({ as: 'bob', base, head })]);
  expect(report.outcome).toBe('fail');
  expect(report.codes).toContain('path-twin');
});

test('row 55: names that a glob library reads as a pattern are plain names', async () => {
  const { fork } = shared;
  const base = await fork.setPolicy({
    require: ['{ name: foundations, paths: ["pkgs/stdenv/**"], approvals: 3, from: core }'],
  });
  const head = await fork.commit({
    files: { 'pkgs/stdenv/(a|b)+[x]{y}!.nix': '1\n' },
    as: 'alice',
    on: base,
  });
  const report = await fork.verify(base, head, [await fork.review({ as: 'bob', base, head })]);
  expect(report.codes).toContain('approvals-missing');
});

async function treeWith({ dir }: { dir: string }, base: string, entry: Buffer): Promise<string> {
  const { execFileSync } = await import('node:child_process');
  const old = execFileSync('git', ['ls-tree', '-z', base], { cwd: dir });
  const input = Buffer.concat([old, entry, Buffer.of(0)]);
  return execFileSync('git', ['mktree', '-z'], { cwd: dir, input }).toString().trim();
}
