import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { verifySignature } from '../../../src/core/signature/verify.ts';
import { ALGORITHMS, openSigners, TEXT } from './gpg-signers.ts';

const { keys, ring, person, signed, verify } = await openSigners(ALGORITHMS);
afterAll(() => keys.close());

describe('clear-signed text', () => {
  const verifyClear = (payload: string, armor: string) =>
    verifySignature(
      {
        payload: Buffer.from(payload),
        armor: Buffer.from(armor),
        form: 'cleartext',
        namespace: 'countersign@v1',
      },
      ring,
    );
  const signatureOf = (frame: string) => frame.slice(frame.indexOf('-----BEGIN PGP SIGNATURE-----'));

  it.each(ALGORITHMS)('verifies by %s', async (algorithm) => {
    const frame = await keys.clearsign(person(algorithm), 'countersign: review/v1\nserial: 1\n');
    expect(await verifyClear('countersign: review/v1\nserial: 1\n', signatureOf(frame))).toMatchObject({
      status: 'good',
    });
    expect(await verifyClear('countersign: review/v1\nserial: 2\n', signatureOf(frame))).toMatchObject({
      status: 'bad',
      reason: 'signature-bad',
    });
  });

  it('verifies as gpg does with blanks, blank lines and dashes', async () => {
    for (const text of ['a\n', 'a\n\n', '\na \t\nb\n', '- a\n-----x\n', 'é\n', 'a', '\n']) {
      const frame = await keys.clearsign(person('ed25519'), text);
      const path = join(keys.home, 'frame');
      await writeFile(path, frame);
      expect((await keys.gpg(['--verify', path])).code).toBe(0);
      expect((await verifyClear(text, signatureOf(frame))).status).toBe('good');
    }
  });

  it('is no detached signature, and a detached one does not verify as clear text', async () => {
    const frame = await keys.clearsign(person('ed25519'), TEXT);
    expect(await verify(signatureOf(frame))).toMatchObject({ status: 'bad', reason: 'text-mode-signature' });
    const detached = Buffer.from(await signed('ed25519')).toString();
    expect(await verifyClear(TEXT.toString(), detached)).toMatchObject({
      status: 'bad',
      reason: 'wrong-signature-type',
    });
  });
});
