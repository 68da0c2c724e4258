import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { openKeyring } from '../../src/core/identity/certificate.ts';
import { makeHandKey } from '../keys/hand-keys.ts';
import { must } from '../keys/keys.ts';
import type { GpgKey } from '../keys/keys.ts';
import { packet, TAG } from '../keys/packets.ts';
import { codeOf, policyOf, useKeysStage } from './keys-stage.ts';

const stage = useKeysStage();

let alice: GpgKey;
beforeAll(async () => {
  alice = await stage().keys.makeGpgKey('alice', { signingSubkeys: ['ed25519'] });
});

describe('a certificate of a key that is pinned already', () => {
  let pinned: string;
  beforeEach(async () => {
    pinned = policyOf(`  alice:\n    keys:\n      - openpgp: ${alice.fingerprint}\n`);
    await stage().reset(pinned, { 'alice.asc': alice.certificate });
  });

  test('is brought up to date under the name that it has, without a proof', async () => {
    await stage().keys.gpg(['--quick-set-expire', alice.fingerprint, '5y']);
    await stage().put('new.asc', await stage().keys.exportCertificate(alice.fingerprint));
    const { code, out } = await stage().run('add', 'alice', 'new.asc', '--json');
    expect(code).toBe(0);
    expect(JSON.parse(out)).toMatchObject({
      ok: true,
      result: 'updated',
      files: ['.countersign/keys/alice.asc'],
    });
    expect(Object.keys(await stage().files()).sort()).toEqual(['keys/alice.asc', 'policy.yaml']);
    expect(await stage().policy()).toBe(pinned);
    const listed = JSON.parse((await stage().run('list', '--json')).out) as {
      keys: { daysLeft: number | null }[];
    };
    expect(listed.keys[1]?.daysLeft).toBeGreaterThan(1800);
    const again = await stage().run('add', 'alice', 'new.asc');
    expect([again.code, codeOf(again.err)]).toEqual([0, 'policy-key-twice']);
    expect(again.out).toBe(`\`alice\` has the key ${alice.fingerprint} already: nothing was changed\n`);
    const json = await stage().run('add', 'alice', 'new.asc', '--json');
    expect(json.code).toBe(0);
    expect(JSON.parse(json.out)).toMatchObject({
      ok: true,
      result: 'unchanged',
      files: [],
      findings: [{ code: 'policy-key-twice' }],
    });
  });

  test('is brought where it was missing, as lint says', async () => {
    await stage().reset(pinned);
    const { err } = await stage().run('list');
    expect(err).toContain(`gpg --armor --export ${alice.fingerprint} > alice.asc`);
    expect(err).toContain('`countersign keys add alice alice.asc`');
    await stage().put('alice.asc', alice.certificate);
    const { code, out } = await stage().run('add', 'alice', 'alice.asc', '--dry-run');
    expect(code).toBe(0);
    expect(out).toContain('its certificate was missing, and is brought');
    const json = await stage().run('add', 'alice', 'alice.asc', '--json');
    expect(JSON.parse(json.out)).toMatchObject({ result: 'brought', kind: 'person', format: 'openpgp' });
    const renewed = await stage().run('add', 'alice', 'alice.asc');
    expect(renewed.err).toContain('→ nothing to do; after a key was prolonged');
  });

  test('is merged: nothing that was known gets lost', async () => {
    const minimal = (
      await stage().keys.gpg([
        '--armor',
        '--export-filter',
        `drop-subkey=fpr=${alice.fingerprints[1] ?? ''}`,
        '--export',
        alice.fingerprint,
      ])
    ).stdout;
    await stage().reset(pinned, { 'alice.asc': minimal });
    await stage().put('full.asc', alice.certificate);
    expect((await stage().run('add', 'alice', 'full.asc')).code).toBe(0);
    await stage().put('minimal.asc', minimal);
    expect(codeOf((await stage().run('add', 'alice', 'minimal.asc')).err)).toBe('policy-key-twice');
    const shown = await stage().keys.gpg([
      '--with-colons',
      '--show-keys',
      join(stage().dir, '.countersign/keys/alice.asc'),
    ]);
    for (const hex of alice.fingerprints) expect(shown.stdout.toString()).toContain(hex);
  });

  test('takes in nothing that its owner did not sign', async () => {
    const mallory = makeHandKey('ed25519-legacy');
    const own = Buffer.from(must('gpg', await stage().keys.gpg(['--dearmor'], alice.certificate)));
    const strange = packet(TAG.publicSubkey, mallory.body);
    await stage().put('strange.pgp', Buffer.concat([own, strange]));
    const { code, err } = await stage().run('add', 'alice', 'strange.pgp');
    expect([code, codeOf(err)]).toEqual([0, 'policy-key-twice']);
    await stage().keys.gpg(['--quick-set-expire', alice.fingerprint, '6y']);
    const newer = await stage().keys.exportCertificate(alice.fingerprint);
    const bytes = Buffer.from(must('gpg', await stage().keys.gpg(['--dearmor'], newer)));
    await stage().put('newer.pgp', Buffer.concat([bytes, strange]));
    expect((await stage().run('add', 'alice', 'newer.pgp')).code).toBe(0);
    const written = (await stage().files())['keys/alice.asc'] ?? '';
    const { keyring } = await openKeyring([{ path: 'alice.asc', bytes: Buffer.from(written, 'latin1') }]);
    const found = keyring.certificates.flatMap(({ keys }) => keys.map(({ fingerprint }) => fingerprint));
    expect(found).toEqual(alice.fingerprints);
  });

  test('may bring a revocation, and says what that means', async () => {
    const { keys } = stage();
    const gone = await keys.makeGpgKey('dave');
    const revocation = await readFile(join(keys.home, 'openpgp-revocs.d', `${gone.fingerprint}.rev`), 'utf8');
    await keys.gpg(['--import'], Buffer.from(revocation.replace(/^:-----/m, '-----')));
    await stage().reset(policyOf(`  dave:\n    keys:\n      - openpgp: ${gone.fingerprint}\n`));
    await stage().put('dave.asc', await keys.exportCertificate(gone.fingerprint));
    const { code, err } = await stage().run('add', 'dave', 'dave.asc');
    expect([code, codeOf(err)]).toEqual([0, 'key-revoked-hard']);
    expect(err).toContain(`\`countersign keys remove dave ${gone.fingerprint}\``);
    const lint = await stage().run('list', '--json');
    expect(lint.out).toContain('key-revoked-hard');
  });

  test('keeps certifications by people of the policy and no others', async () => {
    const { keys } = stage();
    const [friend, stranger, owner] = [
      await keys.makeGpgKey('carol'),
      await keys.makeGpgKey('mallory'),
      await keys.makeGpgKey('erin'),
    ];
    for (const by of [friend, stranger]) {
      await keys.gpg(['--local-user', by.fingerprint, '--quick-sign-key', owner.fingerprint]);
    }
    await stage().reset(policyOf(`  carol:\n    keys:\n      - openpgp: ${friend.fingerprint}\n`), {
      'carol.asc': friend.certificate,
      'mallory.asc': stranger.certificate,
    });
    await stage().put('erin.asc', await keys.exportCertificate(owner.fingerprint));
    expect((await stage().run('add', 'erin', 'erin.asc', '--sign')).code).toBe(0);
    const path = join(stage().dir, `.countersign/keys/${owner.fingerprint}.asc`);
    const packets = (await keys.gpg(['--list-packets', path])).stdout.toString();
    expect(packets).toContain(friend.fingerprint.slice(-16));
    expect(packets).not.toContain(stranger.fingerprint.slice(-16));
    const { out } = await stage().run('list', '--json');
    const { keys: listed } = JSON.parse(out) as { keys: { person: string; certifiedBy: string[] }[] };
    expect(listed.find(({ person }) => person === 'erin')?.certifiedBy).toEqual(['carol']);
  });
});
