import { readFile } from 'node:fs/promises';
import { openKeyring } from '../../core/identity/certificate.ts';
import type { Keyring } from '../../core/identity/keyring.ts';
import { openFolder, type PolicyFolder } from '../../core/policy/folder.ts';
import { buildRoster, type Roster } from '../../core/policy/roster.ts';
import type { Policy } from '../../core/policy/policy.ts';
import { clean } from '../../core/report/clean.ts';
import { parseSshPublicKey } from '../../core/signature/ssh-key.ts';
import { runTool } from '../../signing/tool.ts';
import { readSigningSetup, type SigningSetup } from '../../signing/configured.ts';
import { UsageError } from '../revisions.ts';
import { Refusal, signingRefusal } from './refusal.ts';

/** Who sits here: a person of the policy, and how their git signs. */
export interface Me {
  readonly name: string;
  readonly setup: SigningSetup;
  /** The key that git signs with, as `revoke/v1` spells it; several where gpg is free to choose, none where that is unclear. */
  readonly keys: readonly string[];
}

/**
 * The person of a policy whose key git signs with in this directory, or whom `--as` names. Whether that key really speaks
 * for them shows in the signature, which is verified before anybody sees it.
 */
export async function findMe(
  directory: string,
  as: string | undefined,
  policy: Policy,
  folder: PolicyFolder,
): Promise<Me> {
  const read = await readSigningSetup(directory);
  if (!read.ok) throw signingRefusal(read.trouble);
  const { setup } = read;
  const names = [...policy.people.keys()].join(', ');
  if (as !== undefined && !policy.people.has(as)) {
    throw new UsageError(`nobody in the policy is called \`${as}\`: --as takes one of ${names}`);
  }
  const { keyring } = await openKeyring(openFolder(folder).keys);
  const { owner, keys, problem } = await identify(setup, buildRoster(policy, keyring), keyring);
  if (as !== undefined && (owner === null || owner === as)) return { name: as, setup, keys };
  if (as !== undefined && owner !== null) {
    throw new Refusal(
      'key-not-theirs',
      `this is ${owner}'s key, not ${as}'s`,
      `leave out \`--as\`, or sign with a key of ${as}: \`git config user.signingkey …\``,
    );
  }
  if (owner !== null) return { name: owner, setup, keys };
  throw new Refusal(
    problem === null ? 'key-not-in-policy' : 'key-missing',
    problem ?? 'the key that git signs with here belongs to nobody in the policy',
    `sign with the key that the policy has (\`git config user.signingkey …\`), say who you are with \`--as PERSON\` (one of ${names}), or have the key added: \`countersign keys add PERSON FILE\``,
  );
}

interface Identity {
  /** The one person of the policy who has the key. */
  readonly owner: string | null;
  readonly keys: readonly string[];
  /** Why there is no key to look at. */
  readonly problem: string | null;
}

async function identify(setup: SigningSetup, roster: Roster, keyring: Keyring): Promise<Identity> {
  if (setup.format === 'ssh') return identifySsh(setup, roster);
  const fingerprints = await fingerprintsOf(setup);
  const primaries = fingerprints.map((hex) => {
    const certificate = keyring.certificates.find(({ keys }) =>
      keys.some(({ fingerprint }) => fingerprint === hex),
    );
    return certificate?.primary ?? hex;
  });
  const owners = primaries.flatMap((hex) => {
    const owner = roster.openpgp.get(hex);
    return owner?.kind === 'person' ? [owner.name] : [];
  });
  const [name, ...others] = new Set(owners);
  const owned = primaries.filter((hex) => roster.openpgp.has(hex));
  return {
    owner: name !== undefined && others.length === 0 ? name : null,
    keys: [...new Set(owned)].map((hex) => `openpgp:${hex}`),
    problem: fingerprints.length > 0 ? null : noSecretKey(setup),
  };
}

async function identifySsh({ key }: SshSetup, roster: Roster): Promise<Identity> {
  const line = key.kind === 'line' ? key.line : await publicLine(key.path);
  if (line === null) {
    const problem = `git signs with \`${clean(key.kind === 'file' ? key.path : '')}\`, which does not exist`;
    return { owner: null, keys: [], problem };
  }
  const parsed = parseSshPublicKey(line.trim());
  if (!parsed.ok) return { owner: null, keys: [], problem: null };
  const owner = roster.ssh.get(parsed.key.blob);
  return {
    owner: owner?.kind === 'person' ? owner.name : null,
    keys: [`ssh:${parsed.key.fingerprint}`],
    problem: null,
  };
}

function noSecretKey({ program, user }: GpgSetup): string {
  return user === null
    ? `git is not set to sign with any key here, and \`${clean(program)}\` has no secret key`
    : `git signs as \`${clean(user)}\` here, and \`${clean(program)}\` has no secret key for that`;
}

type SshSetup = Extract<SigningSetup, { format: 'ssh' }>;
type GpgSetup = Extract<SigningSetup, { format: 'openpgp' }>;

/** git takes the private or the public half of a key; the public one lies beside the other. `null`: there is no such file. */
async function publicLine(path: string): Promise<string | null> {
  const read = (file: string): Promise<string | null> =>
    readFile(file, 'latin1').catch((error: unknown) =>
      error instanceof Error && 'code' in error && error.code === 'ENOENT' ? null : '',
    );
  const text = await read(path);
  return text?.startsWith('-----BEGIN ') === true ? ((await read(`${path}.pub`)) ?? '') : text;
}

/** Whatever gpg takes `user.signingkey` for, as fingerprints. A whole fingerprint needs no asking. */
async function fingerprintsOf({ program, user, directory }: GpgSetup): Promise<readonly string[]> {
  const hex = user?.replace(/^0x/i, '').replace(/!$/, '').toUpperCase() ?? '';
  if (/^(?:[0-9A-F]{40}|[0-9A-F]{64})$/.test(hex)) return [hex];
  const asked = user === null ? [] : ['--', user];
  const args = ['--batch', '--no-tty', '--with-colons', '--with-fingerprint', '--list-secret-keys', ...asked];
  const ran = await runTool(program, args, { directory, quiet: true });
  if (!ran.started || ran.code !== 0) return [];
  const listed = new TextDecoder('latin1').decode(ran.stdout);
  return [...listed.matchAll(/^fpr:{9}([0-9A-F]{40,64}):/gm)].map(([, found = '']) => found);
}
