import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { openKeyring } from '../../../src/core/identity/certificate.ts';
import type { OpenedKeyring } from '../../../src/core/identity/certificate.ts';
import { standingOf } from '../../../src/core/identity/standing.ts';
import { WEB_FLOW_KEYS } from '../../../src/core/identity/web-flow.ts';
import { parseCommit } from '../../../src/core/object/commit.ts';
import { parseOid } from '../../../src/core/object/id.ts';
import type { Proof } from '../../../src/core/signature/proof.ts';
import { verifySignature } from '../../../src/core/signature/verify.ts';
import { CORPUS, hasCorpus, readCorpusKeys } from '../../corpus.ts';
import { use } from './opened.ts';

/** Real commits and what the standard tools said of them. */
interface Sample {
  readonly sha: string;
  readonly shape: string;
  readonly raw: string;
  readonly reference: {
    readonly status?: 'GOODSIG' | 'EXPKEYSIG' | 'ERRSIG';
    readonly signing_fingerprint?: string;
    readonly primary_fingerprint?: string;
    readonly key_type?: string;
    readonly issuer?: string;
  };
}

describe.skipIf(!hasCorpus)('the corpus of real commits', () => {
  let samples: readonly Sample[] = [];
  let opened: OpenedKeyring;
  let proofs: readonly Proof[] = [];

  beforeAll(async () => {
    const lines = readFileSync(join(CORPUS, 'commits.ndjson'), 'utf8').trim().split('\n');
    samples = lines.map((line) => JSON.parse(line) as Sample);
    const files = readCorpusKeys();
    opened = await openKeyring(files);
    expect(opened.keyring.unreadable).toEqual([]);
    // Two of the files are of one person under two names.
    expect([files.length, opened.keyring.certificates.length]).toEqual([41, 40]);
    proofs = await Promise.all(samples.map((sample) => prove(sample)));
  });

  async function prove({ sha, raw }: Sample): Promise<Proof> {
    const id = parseOid(sha);
    if (id === null) throw new Error(sha);
    const parsed = parseCommit(id, new Uint8Array(Buffer.from(raw, 'base64')));
    if (!parsed.ok) throw new Error(`${sha}: ${parsed.problem}: ${parsed.detail}`);
    const { payload, signature } = parsed.commit;
    const armor = signature?.armor ?? new Uint8Array();
    return verifySignature({ payload, armor, form: 'detached', namespace: 'git' }, opened.keys);
  }

  const of = (shape: RegExp) =>
    samples.flatMap((sample, index) => {
      const proof = proofs[index];
      return shape.test(sample.shape) && proof !== undefined ? [{ ...sample, proof }] : [];
    });

  it('is whole: 388 commits, of which all parse', () => {
    expect(proofs).toHaveLength(388);
    const shapes = new Map<string, number>();
    for (const { shape } of samples) shapes.set(shape, (shapes.get(shape) ?? 0) + 1);
    expect(Object.fromEntries(shapes)).toEqual({
      openpgp: 206,
      'openpgp+cr': 22,
      ssh: 115,
      x509: 5,
      unsigned: 40,
    });
  });

  it('agrees with gpg on every OpenPGP signature, on the key and on its certificate', () => {
    const openpgp = of(/^openpgp/);
    expect(openpgp).toHaveLength(228);
    for (const { sha, reference, proof } of openpgp) {
      const good = {
        status: 'good',
        key: { fingerprint: reference.signing_fingerprint, primary: reference.primary_fingerprint },
      };
      const unknown = { status: 'unknown-key', reason: 'key-unknown', key: null };
      expect({ sha, ...proof }).toMatchObject({ sha, ...(reference.status === 'ERRSIG' ? unknown : good) });
      if (reference.status === 'ERRSIG') expect(proof.issuer?.slice(-16)).toBe(reference.issuer?.slice(-16));
    }
  });

  it('agrees with gpg on which keys have expired, and lets none of them spoil history', () => {
    let expired = 0;
    for (const { sha, reference, proof } of of(/^openpgp/)) {
      const { key: signer } = proof;
      if (signer?.kind !== 'openpgp') continue;
      const certificate = opened.keyring.certificates.find(({ primary }) => primary === signer.primary);
      const key = certificate?.keys.find(({ fingerprint }) => fingerprint === signer.fingerprint);
      if (key === undefined) throw new Error(sha);
      expect([
        sha,
        standingOf(key, { at: 0, landed: true, claimedAt: proof.claimedAt, expiresAt: proof.expiresAt }),
      ]).toEqual([sha, []]);
      if (reference.status !== 'EXPKEYSIG') continue;
      expired += 1;
      expect([sha, key.standing.expiresAt]).not.toEqual([sha, null]);
      expect(standingOf(key, use(key.standing.expiresAt ?? 0, false))).toEqual(['key-expired']);
    }
    expect(expired).toBe(40);
  });

  it('agrees with ssh-keygen on every SSH signature, sk keys included', () => {
    const ssh = of(/^ssh/);
    for (const { sha, reference, proof } of ssh) {
      expect({ sha, ...proof }).toMatchObject({
        sha,
        status: 'good',
        key: { fingerprint: reference.signing_fingerprint },
      });
    }
    const sk = ssh.filter(({ proof }) => proof.key?.kind === 'ssh' && proof.key.type.startsWith('sk-'));
    expect([ssh.length, sk.length]).toEqual([115, 10]);
    for (const { proof } of ssh) {
      expect(proof.presence !== null).toBe(proof.key?.kind === 'ssh' && proof.key.type.startsWith('sk-'));
    }
  });

  it('says of S/MIME that it is not supported, and of the rest that it is not signed', () => {
    for (const { proof } of of(/^x509/))
      expect(proof).toMatchObject({ status: 'unsupported', reason: 'x509-unsupported' });
    for (const { proof } of of(/^unsigned/))
      expect(proof).toMatchObject({ status: 'unsigned', kind: 'none' });
  });

  it('has commits of both web-flow keys, and their certificates', () => {
    const primaries = opened.keyring.certificates.map(({ primary }) => primary);
    for (const key of WEB_FLOW_KEYS) {
      expect(primaries).toContain(key);
      expect(of(/^openpgp/).some(({ proof }) => proof.key?.fingerprint === key)).toBe(true);
    }
  });
});
