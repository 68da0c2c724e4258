import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { openKeys } from '../keys/keys.ts';
import { makeCertificates } from './make/certificates.ts';
import { makeCleartext } from './make/openpgp-cleartext.ts';
import { makeGoodOpenpgp } from './make/openpgp-good.ts';
import { makeRefusedOpenpgp } from './make/openpgp-refused.ts';
import { makeStanding } from './make/openpgp-standing.ts';
import { makeSsh } from './make/ssh.ts';
import { signedStatements } from './make/statement-signatures.ts';
import { goodTexts, refusedTexts } from './make/statement-texts.ts';

/**
 * Makes all vectors anew: `node test/vectors/make.ts`, or with `statements` those of statements alone. Every run makes new
 * keys, whose private halves it throws away. It imports nothing of `src`: what is expected comes from how a vector was
 * made, and from the tools that accepted it.
 */
const only = process.argv[2];
const keys = await openKeys();
try {
  await write('statements/good.json', goodTexts());
  await write('statements/refused.json', refusedTexts());
  await write('statements/signed.json', await signedStatements(keys));
  if (only !== 'statements') {
    const ssh = await makeSsh(keys);
    await write('signatures/openpgp-good.json', await makeGoodOpenpgp(keys));
    await write('signatures/openpgp-refused.json', await makeRefusedOpenpgp(keys));
    await write('signatures/openpgp-standing.json', makeStanding());
    await write('signatures/openpgp-cleartext.json', await makeCleartext(keys));
    await write('signatures/ssh-good.json', ssh.good);
    await write('signatures/ssh-refused.json', ssh.refused);
    await write('certificates/certificates.json', await makeCertificates(keys));
  }
} finally {
  await keys.close();
}

async function write(path: string, vectors: readonly { readonly name: string }[]): Promise<void> {
  const names = new Set(vectors.map(({ name }) => name));
  if (names.size !== vectors.length) throw new Error(`two vectors of one name in ${path}`);
  const file = join(import.meta.dirname, path);
  await mkdir(join(file, '..'), { recursive: true });
  await writeFile(file, `${JSON.stringify(vectors, null, 1)}\n`);
}
