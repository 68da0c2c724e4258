import { must } from '../../keys/keys.ts';
import type { Keys } from '../../keys/keys.ts';
import type { SignatureExpectation, SignatureVector } from '../vector.ts';
import { good, refused, vector } from './vectors.ts';

const STATEMENT = 'countersign: review/v1\nserial: 1\n';

/** Signatures of `gpg --clearsign`, each verified by gpg in its frame. */
export async function makeCleartext(keys: Keys): Promise<SignatureVector[]> {
  const key = await keys.makeGpgKey('alice', { algorithm: 'ed25519', at: '20240101T000000' });
  const whose = good(key.fingerprint, key.fingerprint);
  const make = async (
    name: string,
    text: string,
    expect: SignatureExpectation,
    shown = text,
  ): Promise<SignatureVector> => {
    const frame = await keys.clearsign(key, text);
    must('gpg', await keys.gpg(['--verify', await keys.writeTemporary(Buffer.from(frame))]));
    const armor = frame.slice(frame.indexOf('-----BEGIN PGP SIGNATURE-----'));
    const given = {
      armor,
      payload: Buffer.from(shown),
      certificates: [key.certificate],
      form: 'cleartext',
      namespace: 'countersign@v1',
    } as const;
    return vector(`gpg: clear text, ${name}`, 'gpg 2.2.40 --clearsign', given, expect);
  };
  const detached = await keys.signDetached(key, Buffer.from(STATEMENT));
  const given = {
    armor: detached,
    payload: Buffer.from(STATEMENT),
    certificates: [key.certificate],
    form: 'cleartext',
  } as const;
  return [
    await make('a statement', STATEMENT, whose),
    await make('blanks, dashes and blank lines', '- a \t\n\n-----x\né\n', whose),
    await make('another text', STATEMENT, refused('bad', 'signature-bad'), STATEMENT.replace('1\n', '2\n')),
    vector(
      'gpg: clear text, a detached signature',
      'gpg 2.2.40',
      given,
      refused('bad', 'wrong-signature-type'),
    ),
  ];
}
