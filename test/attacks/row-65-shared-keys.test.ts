import { createHash, sign } from 'node:crypto';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { policyFiles, type PersonKey } from '../fork/policy.ts';
import type { Fork } from '../fork/fork.ts';
import { makeAuthenticator, string } from '../keys/authenticator.ts';
import { keyOf, makeHandKey, makeMaterial, type Material } from '../keys/hand-keys.ts';
import { must } from '../keys/keys.ts';
import { useFork } from './attack.ts';
import { handPerson, pinnable, policyWith } from './by-hand.ts';

const shared = useFork();

type Two = Readonly<Record<'erin' | 'frank', PersonKey>>;

const ed25519 = (): Material => makeMaterial('ed25519-legacy');
const rawOf = ({ parameters }: Material): Buffer => parameters.subarray(-32);
const sshOf = (material: Material): string =>
  `ssh-ed25519 ${Buffer.concat([string('ssh-ed25519'), string(rawOf(material))]).toString('base64')}`;
/** The same raw key as a key packet of the modern algorithm 27. */
const modern = (material: Material): Material => ({
  ...material,
  id: 27,
  parameters: rawOf(material),
  makeValue: (hash, signed) => sign(null, createHash(hash).update(signed).digest(), material.privateKey),
});
const skOf = (raw: Buffer, application: string): string =>
  `sk-ssh-ed25519@openssh.com ${Buffer.concat([string('sk-ssh-ed25519@openssh.com'), string(raw), string(application)]).toString('base64')}`;
const rawOfToken = (line: string): Buffer => Buffer.from(line.split(' ')[1] ?? '', 'base64').subarray(34, 66);

const ROWS: readonly (readonly [string, (fork: Fork) => Two | Promise<Two>])[] = [
  [
    'one SSH key twice',
    async ({ keys }) => {
      const key = await keys.makeSshKey('erin');
      return { erin: key, frank: { ...key, publicKey: key.publicKey.replace(/ erin$/, ' frank') } };
    },
  ],
  [
    'one OpenPGP certificate twice',
    async ({ keys }) => {
      const key = await keys.makeGpgKey('erin');
      return { erin: key, frank: key };
    },
  ],
  [
    'an OpenPGP primary key that is an SSH key, as gpg itself exports it',
    async ({ keys }) => {
      const erin = await keys.makeGpgKey('erin', { algorithm: 'rsa2048' });
      const line = must('gpg', await keys.gpg(['--export-ssh-key', `${erin.fingerprint}!`])).toString();
      return { erin, frank: pinnable('frank', line.trimEnd()) };
    },
  ],
  [
    'an OpenPGP primary key that is an SSH key, Ed25519',
    () => {
      const material = ed25519();
      return {
        erin: handPerson('erin', { primary: keyOf(material) }),
        frank: pinnable('frank', sshOf(material)),
      };
    },
  ],
  [
    "a subkey that is another person's SSH key",
    () => {
      const material = ed25519();
      const erin = { primary: makeHandKey('p256'), subkeys: [{ key: keyOf(material) }] };
      return { erin: handPerson('erin', erin), frank: pinnable('frank', sshOf(material)) };
    },
  ],
  [
    "a subkey of another person's certificate",
    () => {
      const key = makeHandKey('p256');
      const erin = { primary: ownPrimary(), subkeys: [{ key }] };
      const frank = { primary: ownPrimary(), subkeys: [{ key }] };
      return { erin: handPerson('erin', erin), frank: handPerson('frank', frank) };
    },
  ],
  [
    "a subkey that is another person's primary key",
    () => {
      const material = ed25519();
      const erin = {
        primary: ownPrimary(),
        subkeys: [{ key: keyOf(material, { createdAt: 1_600_000_000 }) }],
      };
      return { erin: handPerson('erin', erin), frank: handPerson('frank', { primary: keyOf(material) }) };
    },
  ],
  [
    'certificates of version 4 and of version 6',
    () => {
      const material = ed25519();
      return {
        erin: handPerson('erin', { primary: keyOf(material) }),
        frank: handPerson('frank', { primary: keyOf(modern(material), { version: 6 }) }),
      };
    },
  ],
  [
    'certificates whose keys differ in their date alone',
    () => {
      const material = ed25519();
      return {
        erin: handPerson('erin', { primary: keyOf(material) }),
        frank: handPerson('frank', { primary: keyOf(material, { createdAt: 1_600_000_000 }) }),
      };
    },
  ],
  [
    'Ed448 of version 4 and of version 6',
    () => {
      const material = makeMaterial('ed448');
      return {
        erin: handPerson('erin', { primary: keyOf(material) }),
        frank: handPerson('frank', { primary: keyOf(material, { version: 6 }) }),
      };
    },
  ],
  [
    'a security key, twice',
    () => {
      const { publicKey } = makeAuthenticator('p256');
      return { erin: pinnable('erin', publicKey), frank: pinnable('frank', publicKey) };
    },
  ],
  [
    'a security key under two applications',
    () => {
      const { publicKey } = makeAuthenticator('ed25519');
      const raw = rawOfToken(publicKey);
      return { erin: pinnable('erin', skOf(raw, 'ssh:')), frank: pinnable('frank', skOf(raw, 'ssh:frank')) };
    },
  ],
  [
    'a security key that is a plain key as well',
    () => {
      const material = ed25519();
      return {
        erin: pinnable('erin', skOf(rawOf(material), 'ssh:')),
        frank: pinnable('frank', sshOf(material)),
      };
    },
  ],
];

function ownPrimary() {
  return makeHandKey('ed25519-legacy');
}

describe.each(ROWS)('row 65: %s', (_, make) => {
  test('under two people is refused by lint and by judgement', async () => {
    const { fork } = shared;
    const people = await make(fork);
    expect(await lint(fork, people)).toContain('policy-key-shared');

    const base = await policyWith(fork, people);
    const head = await fork.commit({ files: { 'pkgs/a.nix': '1\n' }, as: 'alice', on: base });
    const alone = await fork.verify(base, head);
    expect(alone.outcome).toBe('undetermined');
    // Under a policy with an error nobody can even make a review.
    const readable = !alone.codes.includes('policy-invalid');
    const approvals = readable
      ? [await fork.review({ as: 'bob', base, head }), await fork.review({ as: 'carol', base, head })]
      : [];
    const report = await fork.verify(base, head, approvals);
    expect(report.outcome).toBe('undetermined');
    // What the policy's text shows makes it invalid; what only the certificates show is a shared key.
    expect(report.codes.some((code) => code === 'policy-invalid' || code === 'key-shared')).toBe(true);
    // And a change that would bring such a policy does not pass.
    const sound = await fork.setPolicy();
    const proposed = await policyWithin(fork, sound, people);
    expect((await fork.verify(sound, proposed)).codes).toEqual(
      expect.arrayContaining([expect.stringMatching(/^proposed-(?:policy-invalid|key-shared)$/)]),
    );
  });
});

test('row 65: two people with keys of their own, of every form together, are fine', async () => {
  const { fork } = shared;
  const people = {
    erin: handPerson('erin', { primary: ownPrimary(), subkeys: [{ key: makeHandKey('p256') }] }),
    frank: pinnable('frank', makeAuthenticator('ed25519').publicKey),
  };
  expect(await lint(fork, people)).toEqual([]);
  const base = await policyWith(fork, people);
  const head = await fork.commit({ files: { 'pkgs/a.nix': '1\n' }, as: 'alice', on: base });
  const report = await fork.verify(base, head, [await fork.review({ as: 'bob', base, head })]);
  expect(report.outcome).toBe('pass');
});

async function policyWithin(fork: Fork, on: string, people: Two): Promise<string> {
  const all = new Map([...fork.people, ...Object.entries(people)]);
  return fork.commit({ files: policyFiles(all), as: 'alice', on });
}

/** Codes of the errors that `countersign policy lint` finds in a folder with this policy and its certificates. */
async function lint(fork: Fork, people: Two): Promise<string[]> {
  const folder = join(fork.keys.home, 'lint');
  await rm(folder, { recursive: true, force: true });
  for (const [path, text] of Object.entries(
    policyFiles(new Map([...fork.people, ...Object.entries(people)])),
  )) {
    const full = join(folder, path);
    await mkdir(join(full, '..'), { recursive: true });
    await writeFile(full, text);
  }
  const { out } = await fork.cli('policy', 'lint', '--json', join(folder, '.countersign/policy.yaml'));
  const { diagnostics } = JSON.parse(out) as { diagnostics: { code: string; severity: string }[] };
  return diagnostics.filter(({ severity }) => severity === 'error').map(({ code }) => code);
}
