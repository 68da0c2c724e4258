import { makeAuthenticator } from '../../keys/authenticator.ts';
import { checkSsh, must, run } from '../../keys/keys.ts';
import type { Keys, SshKeyOptions } from '../../keys/keys.ts';
import type { SignatureExpectation, SignatureVector } from '../vector.ts';
import { makeSshByAgent } from './ssh-agent.ts';
import { blobOf, fingerprintOf, goodBy, makeSshByHand, MALFORMED, SSH } from './ssh-by-hand.ts';
import { refused, TEXT, vector } from './vectors.ts';

const TYPES: readonly SshKeyOptions[] = [
  { type: 'ed25519' },
  { type: 'rsa', bits: 2048 },
  { type: 'rsa', bits: 3072 },
  { type: 'rsa', bits: 4096 },
  { type: 'ecdsa', bits: 256 },
  { type: 'ecdsa', bits: 384 },
  { type: 'ecdsa', bits: 521 },
];
/** Every key type and hash, each accepted by ssh-keygen, and one vector or more for each reason to refuse. */
export async function makeSsh(keys: Keys): Promise<{ good: SignatureVector[]; refused: SignatureVector[] }> {
  return {
    good: [...(await byKeygen(keys)), ...(await bySecurityKey(keys)), ...(await makeSshByAgent())],
    refused: [...(await refusedByKeygen(keys)), ...(await refusedCertificate(keys)), ...makeSshByHand()],
  };
}

async function byKeygen(keys: Keys): Promise<SignatureVector[]> {
  const vectors: SignatureVector[] = [];
  for (const options of TYPES) {
    const key = await keys.makeSshKey('alice', options);
    for (const hash of ['sha256', 'sha512']) {
      const armor = await keys.sshSign(key, TEXT, 'git', ['-O', `hashalg=${hash}`]);
      must('ssh-keygen', await checkSsh(await keys.writeTemporary(armor), TEXT, 'git'));
      const name = `ssh-keygen: ${options.type ?? ''} ${options.bits ?? ''} with ${hash}`;
      vectors.push(vector(name, 'ssh-keygen of OpenSSH 9.2p1', { armor }, goodBy(blobOf(key.publicKey))));
    }
  }
  return vectors;
}

async function bySecurityKey(keys: Keys): Promise<SignatureVector[]> {
  const vectors: SignatureVector[] = [];
  for (const kind of ['ed25519', 'p256'] as const) {
    for (const application of ['ssh:', 'ssh:work']) {
      const key = makeAuthenticator(kind, application);
      for (const flags of [0x00, 0x01, 0x04, 0x05, 0x41, 0xff]) {
        const armor = key.sign(TEXT, 'git', flags);
        must('ssh-keygen', await checkSsh(await keys.writeTemporary(armor), TEXT, 'git'));
        const presence = { touched: (flags & 0x01) !== 0, verified: (flags & 0x04) !== 0 };
        const name = `authenticator: sk ${kind}, \`${application}\`, flags 0x${flags.toString(16).padStart(2, '0')}`;
        const made = 'software authenticator of test/keys';
        vectors.push(vector(name, made, { armor }, goodBy(blobOf(key.publicKey), presence)));
      }
    }
  }
  return vectors;
}

async function refusedByKeygen(keys: Keys): Promise<SignatureVector[]> {
  const key = await keys.makeSshKey('alice');
  const named = { ...SSH, fingerprint: fingerprintOf(blobOf(key.publicKey)) };
  const armor = await keys.sshSign(key, TEXT, 'git');
  const forReviews = await keys.sshSign(key, TEXT, 'countersign@v1');
  const of = (name: string, given: Parameters<typeof vector>[2], expect: SignatureExpectation) =>
    vector(`ssh-keygen: ${name}`, 'ssh-keygen of OpenSSH 9.2p1', given, expect);
  const wrong = refused('malformed', 'wrong-namespace', named);
  const text = Buffer.from(armor).toString();
  return [
    of('made for reviews', { armor: forReviews }, wrong),
    of('made for git', { armor, namespace: 'countersign@v1' }, wrong),
    of('made for nothing that we know', { armor: await keys.sshSign(key, TEXT, 'file') }, wrong),
    of('another document', { armor, payload: Buffer.from('other') }, refused('bad', 'signature-bad', named)),
    of('as clear text', { armor, form: 'cleartext' }, refused('bad', 'wrong-signature-type', SSH)),
    of('two armors', { armor: text + text }, refused('malformed', 'several-signatures', SSH)),
    of('text after the armor', { armor: `${text}x` }, MALFORMED),
    of('a blank after the first line of the armor', { armor: text.replace('\n', ' \n') }, MALFORMED),
    of('CR after the first line of the armor', { armor: text.replace('\n', '\r\n') }, MALFORMED),
    of('an empty line before the armor', { armor: `\n${text}` }, MALFORMED),
    of('no end', { armor: text.replace(/-----END.*\n/, '') }, MALFORMED),
  ];
}

/** ssh-keygen signs with the certificate where it is told to use that as the key. */
async function refusedCertificate(keys: Keys): Promise<SignatureVector[]> {
  const [authority, key] = [await keys.makeSshKey('carol'), await keys.makeSshKey('alice')];
  must('ssh-keygen', await run('ssh-keygen', ['-q', '-s', authority.path, '-I', 'alice', `${key.path}.pub`]));
  const certified = { ...key, path: `${key.path}-cert.pub` };
  const armor = await keys.sshSign(certified, TEXT, 'git');
  must('ssh-keygen', await checkSsh(await keys.writeTemporary(armor), TEXT, 'git'));
  const expect = refused('unsupported', 'ssh-certificate', SSH);
  return [vector('ssh-keygen: a certificate', 'ssh-keygen of OpenSSH 9.2p1', { armor }, expect)];
}
