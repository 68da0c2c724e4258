import { checkSsh, must, type GpgKey, type Keys, type SshKey } from '../../keys/keys.ts';
import type { SignedStatementVector } from '../vector.ts';
import {
  ADOPTION,
  EXAMPLES,
  OVERRULING,
  POSSESSION,
  RATIFICATION,
  REVIEW,
  type Example,
} from './statement-texts.ts';

type Found = SignedStatementVector['expect']['signed'][number];

const GPG = 'gpg 2.2.40';
const SSH = 'ssh-keygen of OpenSSH 9.2p1';

/** Every type and batches of them, signed by the real tools, each signature verified by the tool that did not make it up. */
export async function signedStatements(keys: Keys): Promise<SignedStatementVector[]> {
  const gpg = await keys.makeGpgKey('alice', { algorithm: 'ed25519', at: '20240101T000000' });
  const rsa = await keys.makeGpgKey('bob', { algorithm: 'rsa2048', at: '20240101T000000' });
  const ssh = await keys.makeSshKey('carol');
  const certificates = [gpg, rsa].map(({ certificate }) => Buffer.from(certificate).toString());
  const vector = (
    name: string,
    madeBy: string,
    source: string,
    signed: readonly Found[],
    broken: readonly string[] = [],
  ): SignedStatementVector => ({ name, madeBy, source, certificates, expect: { signed, broken } });

  const detached = async (key: GpgKey | SshKey, text: string, namespace = 'countersign@v1') => {
    const bytes = Buffer.from(text);
    const armor =
      key.kind === 'ssh'
        ? await keys.sshSign(key, bytes, namespace)
        : await keys.signDetached(key, bytes, ['--digest-algo', 'SHA512']);
    const path = await keys.writeTemporary(armor);
    if (key.kind === 'ssh') must('ssh-keygen', await checkSsh(path, bytes, namespace));
    else must('gpg', await keys.gpg(['--verify', path, await keys.writeTemporary(bytes)]));
    return text + Buffer.from(armor).toString();
  };
  const clear = async (key: GpgKey, text: string) => {
    const frame = await keys.clearsign(key, text);
    must('gpg', await keys.gpg(['--verify', await keys.writeTemporary(Buffer.from(frame))]));
    return frame;
  };
  const found = (key: GpgKey | SshKey, form: Found['form'], ...examples: readonly Example[]): Found => ({
    form,
    text: Buffer.from(textOf(examples)).toString('base64'),
    says: examples.map(({ says }) => says),
    status: 'good',
    key: key.kind === 'ssh' ? (key.publicKey.split(' ')[1] ?? '') : key.fingerprint,
  });

  const vectors: SignedStatementVector[] = [];
  for (const [name, example] of Object.entries(EXAMPLES)) {
    const type = name.toLowerCase();
    vectors.push(
      vector(`${type}, gpg`, `${GPG} --detach-sign`, await detached(gpg, example.text), [
        found(gpg, 'detached', example),
      ]),
      vector(`${type}, gpg clear text`, `${GPG} --clearsign`, await clear(rsa, example.text), [
        found(rsa, 'cleartext', example),
      ]),
      vector(`${type}, ssh`, SSH, await detached(ssh, example.text), [found(ssh, 'detached', example)]),
    );
  }
  const batch = [REVIEW, ADOPTION, RATIFICATION, OVERRULING];
  const large = Array.from({ length: 30 }, (_, index) => review(index + 1));
  const byGpg = await detached(gpg, textOf(batch));
  const bySsh = await detached(ssh, textOf(large));
  const byClear = await clear(gpg, textOf(batch));
  const one = await detached(ssh, REVIEW.text);
  const shown = (source: string) =>
    `Looks good.\r\n\r\n\`\`\`\r\n${source.replaceAll('\n', '\r\n')}\`\`\`\r\nThanks!`;
  vectors.push(
    vector('a batch, gpg', `${GPG} --detach-sign`, byGpg, [found(gpg, 'detached', ...batch)]),
    vector('a batch, gpg clear text', `${GPG} --clearsign`, byClear, [found(gpg, 'cleartext', ...batch)]),
    vector('a batch of thirty reviews, ssh', SSH, bySsh, [found(ssh, 'detached', ...large)]),
    vector('a batch in a fenced block of a web form', `${GPG}, CR LF`, shown(byGpg), [
      found(gpg, 'detached', ...batch),
    ]),
    vector('a clear text batch in a fenced block', `${GPG}, CR LF`, shown(byClear), [
      found(gpg, 'cleartext', ...batch),
    ]),
    vector('quoted in a reply', SSH, one.replaceAll(/^/gm, '> '), [found(ssh, 'detached', REVIEW)]),
    vector('with blanks at the ends of its lines', SSH, one.replaceAll('\n', '  \t\n'), [
      found(ssh, 'detached', REVIEW),
    ]),
    vector('with the blanks of a page', SSH, one.replaceAll(' ', '\u00a0'), [found(ssh, 'detached', REVIEW)]),
    vector('clear text with the blanks of a page', GPG, byClear.replaceAll(' ', '\u00a0'), [
      found(gpg, 'cleartext', ...batch),
    ]),
    vector('text and armor in two blocks', SSH, one.replace('-----BEGIN', '```\n\n```\n-----BEGIN'), [
      found(ssh, 'detached', REVIEW),
    ]),
    vector('three in one comment', `${GPG}, ${SSH}`, `${shown(one)}\r\n${shown(byClear)}\r\n${byGpg}`, [
      found(ssh, 'detached', REVIEW),
      found(gpg, 'cleartext', ...batch),
      found(gpg, 'detached', ...batch),
    ]),
    vector('an edited text', SSH, one.replace('approve', 'reject'), [
      { ...edited(REVIEW, 'approve', 'reject', { decision: 'reject' }), status: 'bad', key: null },
    ]),
    vector('a statement taken out of its batch', SSH, bySsh.replace(large[3]?.text ?? '', ''), [
      { ...found(ssh, 'detached', ...large.toSpliced(3, 1)), status: 'bad', key: null },
    ]),
    vector(
      'a statement put into a batch',
      GPG,
      byGpg.replace('countersign: adopt', `${OVERRULING.text}countersign: adopt`),
      [{ ...found(gpg, 'detached', REVIEW, OVERRULING, ...batch.slice(1)), status: 'bad', key: null }],
    ),
    vector('a signature made for commits', `${SSH} -n git`, await detached(ssh, REVIEW.text, 'git'), [
      { ...found(ssh, 'detached', REVIEW), status: 'malformed', key: null },
    ]),
    vector(
      'a proof of possession, which is no statement about changes',
      SSH,
      await detached(ssh, POSSESSION.text),
      [{ ...found(ssh, 'detached', POSSESSION), says: null }],
    ),
    vector('a text whose signature is cut off', SSH, one.slice(0, -60), [], ['armor-cut']),
    vector('a text without signature', 'no tool', REVIEW.text, [], ['signature-missing']),
    vector('a signature without text', SSH, one.slice(one.indexOf('-----BEGIN')), [], ['text-missing']),
  );
  return vectors;

  function edited(example: Example, was: string, is: string, more: object): Found {
    const changed = { text: example.text.replace(was, is), says: { ...example.says, ...more } };
    return found(ssh, 'detached', changed);
  }
}

function textOf(examples: readonly Example[]): string {
  return examples.map(({ text }) => text).join('');
}

function review(serial: number): Example {
  return {
    text: REVIEW.text.replace('serial: 1\n', `serial: ${serial}\n`),
    says: { ...REVIEW.says, serial },
  };
}
