import type { Oid } from '../../core/object/id.ts';
import type { OpenRepository } from '../../git/reader.ts';
import type { TrustEntry } from '../../trust/entry.ts';
import type { TrustedOptions } from '../history/trusted.ts';

/** What is to be proven by an entry of a trust file. */
export interface Question {
  readonly to: Oid;
  /** Tips of ledgers; the first is the one that is remembered as the newest that was seen. */
  readonly ledgers: readonly Oid[];
  readonly allowDowngrade: boolean;
  readonly newestProven: boolean;
  readonly onProgress?: (done: number, total: number) => void;
}

/** An entry of a trust file as `proveTrusted` takes it. */
export function trustedOptions(
  opened: OpenRepository,
  entry: TrustEntry,
  { ledgers, ...question }: Question,
): TrustedOptions {
  const { branch, introduction, policy: policyDigest, project, heads, url, from } = entry;
  const source = { url: url === '' ? null : url, file: from !== '' };
  return {
    ...{ opened, branch, introduction, policyDigest, project, heads, source },
    ...{ ...question, ledgers: [...new Set(ledgers)] },
  };
}
