import { readFile } from 'node:fs/promises';
import { openKeyring } from '../../core/identity/certificate.ts';
import type { Keyring } from '../../core/identity/keyring.ts';
import { openFolder, type PolicyFolder } from '../../core/policy/folder.ts';
import { buildRoster, type Roster } from '../../core/policy/roster.ts';
import type { Policy } from '../../core/policy/policy.ts';
import { parseSshPublicKey } from '../../core/signature/ssh-key.ts';
import { runTool } from '../../signing/tool.ts';
import { readSigningSetup, type SigningSetup } from '../../signing/configured.ts';
import { UsageError } from '../revisions.ts';
import { Refusal, signingRefusal } from './refusal.ts';

/** Who sits here: a person of the policy, and how their git signs. */
export interface Me {
  readonly name: string;
  readonly setup: SigningSetup;
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
  if (as !== undefined) {
    if (policy.people.has(as)) return { name: as, setup };
    throw new UsageError(`nobody in the policy is called \`${as}\`: --as takes one of ${names}`);
  }
  const { keyring } = await openKeyring(openFolder(folder).keys);
  const name = await ownerOfSetup(setup, buildRoster(policy, keyring), keyring);
  if (name !== null) return { name, setup };
  throw new Refusal(
    'key-not-in-policy',
    'the key that git signs with here belongs to nobody in the policy',
    `sign with the key that the policy has (\`git config user.signingkey …\`), say who you are with \`--as PERSON\` (one of ${names}), or have the key added: \`countersign keys add PERSON FILE\``,
  );
}

async function ownerOfSetup(setup: SigningSetup, roster: Roster, keyring: Keyring): Promise<string | null> {
  if (setup.format === 'ssh') {
    const blob = await blobOf(setup);
    const owner = blob === null ? undefined : roster.ssh.get(blob);
    return owner?.kind === 'person' ? owner.name : null;
  }
  const owners = (await fingerprintsOf(setup)).flatMap((hex) => {
    const certificate = keyring.certificates.find(({ keys }) =>
      keys.some(({ fingerprint }) => fingerprint === hex),
    );
    const owner = roster.openpgp.get(certificate?.primary ?? hex);
    return owner?.kind === 'person' ? [owner.name] : [];
  });
  const [name, ...others] = [...new Set(owners)];
  return name !== undefined && others.length === 0 ? name : null;
}

type SshSetup = Extract<SigningSetup, { format: 'ssh' }>;
type GpgSetup = Extract<SigningSetup, { format: 'openpgp' }>;

async function blobOf({ key }: SshSetup): Promise<string | null> {
  const line = key.kind === 'line' ? key.line : await publicLine(key.path);
  const parsed = parseSshPublicKey(line.trim());
  return parsed.ok ? parsed.key.blob : null;
}

/** git takes the private or the public half of a key; the public one lies beside the other. */
async function publicLine(path: string): Promise<string> {
  const read = (file: string): Promise<string> => readFile(file, 'latin1').catch(() => '');
  const text = await read(path);
  return text.startsWith('-----BEGIN ') ? read(`${path}.pub`) : text;
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
