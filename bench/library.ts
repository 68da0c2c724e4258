import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createMessage, readKeys, readSignature, verify } from 'openpgp';
import type { PublicKey } from 'openpgp';
import { parseCommit } from '../src/core/object/commit.ts';
import { startClock } from './clock.ts';
import type { MadeCommit } from './commits.ts';
import { countGood } from './lanes.ts';
import type { Sample } from './sample.ts';

export async function readLibraryKeys(folder: string): Promise<PublicKey[]> {
  const files = readdirSync(folder).filter((name) => name.endsWith('.asc'));
  const keys = await Promise.all(
    files.map((name) => readKeys({ armoredKeys: readFileSync(join(folder, name), 'utf8') })),
  );
  return keys.flat().map((key) => key.toPublic());
}

/** The openpgp library's own `verify`, as its documentation shows it. Commits are taken apart by us. */
export async function checkWithLibrary(
  commits: readonly MadeCommit[],
  verificationKeys: PublicKey[],
): Promise<Sample> {
  const stop = startClock();
  const good = await countGood(commits, async ({ id, raw }) => {
    const parsed = parseCommit(id, raw);
    if (!parsed.ok || parsed.commit.signature?.kind !== 'openpgp') return false;
    const message = await createMessage({ binary: parsed.commit.payload });
    const armoredSignature = Buffer.from(parsed.commit.signature.armor).toString('latin1');
    const signature = await readSignature({ armoredSignature });
    const { signatures } = await verify({ message, signature, verificationKeys });
    return (await signatures[0]?.verified.catch(() => false)) === true;
  });
  return { good, ...stop() };
}
