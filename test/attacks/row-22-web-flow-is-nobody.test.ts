import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { WEB_FLOW_KEYS } from '../../src/core/identity/web-flow.ts';
import { parsePolicy } from '../../src/core/policy/parse.ts';
import { keyOf, makeMaterial } from '../keys/hand-keys.ts';
import { string } from '../keys/authenticator.ts';
import { policyText } from '../fork/policy.ts';
import type { Fork } from '../fork/fork.ts';
import type { GpgKey } from '../keys/keys.ts';
import { useFork } from './attack.ts';
import { aboutCommit, aboutStatement, handPerson, pinnable, policyWith } from './by-hand.ts';

const shared = useFork();

const fileOf = (key: GpgKey): Record<string, string> => ({
  [`.countersign/keys/${key.fingerprint}.asc`]: Buffer.from(key.certificate).toString('latin1'),
});
const enterprise = (key: GpgKey) => ({ extra: `web-flow: [${key.fingerprint}]\n` });

/** The codes of `countersign policy lint --json` for a policy, with these certificates beside it. */
async function lint(fork: Fork, text: string): Promise<string[]> {
  const path = join(fork.keys.home, 'policy.yaml');
  await writeFile(path, text);
  const { out } = await fork.cli('policy', 'lint', '--json', path);
  const { ok, diagnostics } = JSON.parse(out) as {
    ok: boolean;
    diagnostics: { code: string; severity: string }[];
  };
  expect(ok).toBe(!diagnostics.some(({ severity }) => severity === 'error'));
  return diagnostics.filter(({ severity }) => severity === 'error').map(({ code }) => code);
}

describe('row 22: a person, or a bot, who is pinned with a key of GitHub', () => {
  test.each(WEB_FLOW_KEYS)(
    '%s is an error of the policy, and nothing is judged by it',
    async (fingerprint) => {
      const { fork } = shared;
      for (const spelled of [fingerprint, fingerprint.toLowerCase()]) {
        const pinned = policyText(fork.people).replace(/openpgp: [0-9A-F]{40}/, `openpgp: ${spelled}`);
        expect(await lint(fork, pinned)).toEqual(['policy-web-flow-key']);
        const bot = `bots:\n  updater: { keys: [{ openpgp: ${spelled} }], paths: ["pkgs/**"] }\n`;
        expect(await lint(fork, policyText(fork.people, { extra: bot }))).toEqual(['policy-web-flow-key']);
      }
      const web = {
        kind: 'openpgp',
        name: 'erin',
        fingerprint,
        fingerprints: [],
        certificate: Buffer.alloc(0),
      } as const;
      const base = await policyWith(fork, { erin: web });
      const head = await fork.commit({ as: 'alice', on: base });
      const report = await fork.verify(base, head);
      expect([report.outcome, report.codes]).toEqual(['undetermined', ['policy-invalid']]);
    },
  );

  test('of an Enterprise server is an error as well', async () => {
    const { fork } = shared;
    const bob = fork.people.get('bob');
    if (bob?.kind !== 'openpgp') throw new Error('bob has no OpenPGP key');
    for (const spelled of [bob.fingerprint, bob.fingerprint.toLowerCase()]) {
      const text = policyText(fork.people, { extra: `web-flow: [${spelled}]\n` });
      expect(await lint(fork, text)).toEqual(['policy-web-flow-key']);
      expect(parsePolicy(Buffer.from(text)).ok).toBe(false);
    }
    const base = await fork.setPolicy(enterprise(bob));
    const report = await fork.verify(base, await fork.commit({ as: 'alice', on: base }));
    expect([report.outcome, report.codes]).toEqual(['undetermined', ['policy-invalid']]);
  });
});

test("row 22: GitHub's certificate in the folder makes no author and no reviewer of it", async () => {
  const { fork } = shared;
  const github = await fork.keys.makeGpgKey('web-flow');
  const base = await policyWith(fork, {}, { ...enterprise(github), files: fileOf(github) });
  fork.people.set('github', github);
  const made = await fork.commit({ files: { 'pkgs/a.nix': '1\n' }, as: 'github', on: base });
  const head = await fork.commit({ files: { 'pkgs/a.nix': '1\n' }, as: 'alice', on: base });
  const approval = await fork.review({ as: 'bob', base, head, key: 'github' });
  const unnamed = await fork.review({
    as: 'bob',
    base,
    head,
    key: 'github',
    edit: (text) => text.replace('bob', 'web-flow'),
  });
  fork.people.delete('github');

  const author = await fork.verify(base, made);
  expect(aboutCommit(author)).toMatchObject({ code: 'commit-by-github' });
  expect(author.people).toMatchObject({ authors: [], behind: [], approvers: [] });
  const reviewer = await fork.verify(base, head, [approval]);
  expect(aboutStatement(reviewer)).toMatchObject({ code: 'statement-key-not-theirs', owner: 'GitHub' });
  expect(reviewer.people.approvers).toEqual([]);
  const nobody = await fork.verify(base, head, [unnamed]);
  expect(aboutStatement(nobody)).toMatchObject({ code: 'statement-reviewer-unknown' });
  expect(nobody.people.approvers).toEqual([]);
});

test("row 22: GitHub's key under a person in another format stops everything", async () => {
  const { fork } = shared;
  const material = makeMaterial('ed25519-legacy');
  const github = handPerson('web-flow', { primary: keyOf(material) });
  const blob = Buffer.concat([string('ssh-ed25519'), string(material.parameters.subarray(-32))]);
  const erin = pinnable('erin', `ssh-ed25519 ${blob.toString('base64')}`);
  const base = await policyWith(fork, { erin }, { ...enterprise(github), files: fileOf(github) });
  const report = await fork.verify(base, await fork.commit({ as: 'alice', on: base }));
  expect(report.outcome).toBe('undetermined');
  expect(report.codes).toContain('key-shared');
});
