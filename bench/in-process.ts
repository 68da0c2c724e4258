import { verify } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { openKeyring } from '../src/core/identity/certificate.ts';
import { parseCommit } from '../src/core/object/commit.ts';
import type { VerificationKeys } from '../src/core/signature/verification-keys.ts';
import { verifySignature } from '../src/core/signature/verify.ts';
import type { MadeCommit } from './commits.ts';
import { startClock } from './clock.ts';
import { countGood } from './lanes.ts';
import type { Sample } from './sample.ts';

/** Certificates of a folder as the verifier wants them. */
export async function readVerificationKeys(folder: string): Promise<VerificationKeys> {
  const files = readdirSync(folder).filter((name) => name.endsWith('.asc'));
  const { keys } = await openKeyring(
    files.map((path) => ({ path, bytes: readFileSync(join(folder, path)) })),
  );
  return keys;
}

/** Ours in steady state: from a commit's bytes to its proof. */
export function checkCommits(
  commits: readonly MadeCommit[],
  keys: VerificationKeys,
  passes: number,
): Promise<Sample> {
  return timed(commits, passes, async ({ id, raw }) => {
    const parsed = parseCommit(id, raw);
    if (!parsed.ok || parsed.commit.signature === null) return false;
    const { payload, signature } = parsed.commit;
    const claim = { payload, armor: signature.armor, form: 'detached', namespace: 'git' } as const;
    return (await verifySignature(claim, keys)).status === 'good';
  });
}

/** The raw limit: what OpenSSL does on libuv's pool when nothing is left but the signature itself. */
export function checkRaw(commits: readonly MadeCommit[], passes: number): Promise<Sample> {
  return timed(
    commits,
    passes,
    ({ check: { hash, data, key, signature } }) =>
      new Promise((resolve) => {
        verify(hash, data, key, signature, (error, good) => {
          resolve(error === null && good);
        });
      }),
  );
}

/** One pass, measured over several. */
async function timed<T>(
  items: readonly T[],
  passes: number,
  work: (item: T) => Promise<boolean>,
): Promise<Sample> {
  const many = Array.from({ length: passes }, () => items).flat();
  const stop = startClock();
  const good = await countGood(many, work);
  const { ms, cpuMs } = stop();
  return { good: good / passes, ms: ms / passes, cpuMs: cpuMs / passes };
}
