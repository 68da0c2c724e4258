import { openKeyring } from '../../core/identity/certificate.ts';
import type { OpenedKeyring } from '../../core/identity/certificate.ts';
import type { KeyFile } from '../../core/identity/keyring.ts';
import { parsePolicy } from '../../core/policy/parse.ts';
import type { Policy } from '../../core/policy/policy.ts';
import type { Located } from '../diagnostics.ts';
import { NO_SUCH_FILE } from '../file-problem.ts';
import { EXIT, type Io } from '../io.ts';
import { BrokenPolicy, KeysRefusal, unreadable } from './outcome.ts';
import { FIRST_POLICY, findPolicy, NO_POLICY, readKeys, type PolicyPlace } from '../policy-place.ts';
import { refuseLinkedFolders } from './write.ts';
import { readSmall } from '../small-file.ts';

export interface PolicyOnDisk {
  readonly place: PolicyPlace;
  readonly bytes: Uint8Array;
  readonly files: readonly KeyFile[];
}

export interface OpenPolicy extends PolicyOnDisk {
  readonly policy: Policy;
  readonly opened: OpenedKeyring;
}

/** @throws KeysRefusal where there is no policy to read */
export async function readPolicyOnDisk(given: string | undefined, io: Io): Promise<PolicyOnDisk> {
  const place = await findPolicy(given, io);
  if (place === null) {
    throw new KeysRefusal(
      'policy-missing',
      NO_POLICY,
      `${FIRST_POLICY}; or name another: \`--policy FILE\``,
      EXIT.undetermined,
    );
  }
  await refuseLinkedFolders(place);
  const bytes = await readSmall(place.path);
  if (typeof bytes === 'string') {
    throw unreadable(place.shown, bytes, bytes === NO_SUCH_FILE && given === undefined ? FIRST_POLICY : null);
  }
  return { place, bytes, files: await readKeys(place.keys) };
}

/** @throws BrokenPolicy where it has errors */
export async function openPolicy(given: string | undefined, io: Io): Promise<OpenPolicy> {
  const disk = await readPolicyOnDisk(given, io);
  const policy = parseOrThrow(disk.bytes, disk.place, null);
  return { ...disk, policy, opened: await openKeyring(disk.files) };
}

export function parseOrThrow(bytes: Uint8Array, place: PolicyPlace, attempt: string | null): Policy {
  const parsed = parsePolicy(bytes);
  if (parsed.ok) return parsed.policy;
  const found: Located[] = parsed.diagnostics.map((one) => ({ ...one, file: place.shown }));
  throw new BrokenPolicy(found, place.shown, new TextDecoder().decode(bytes), attempt);
}
