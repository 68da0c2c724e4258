import type { LogLine } from '../../src/cli/log/line.ts';
import { makeCommit, store, withSignature } from '../core/object/made.ts';
import { openFork, type Fork } from '../fork/fork.ts';
import { policyFiles } from '../fork/policy.ts';
import { makeAuthenticator } from '../keys/authenticator.ts';
import type { GpgKey, SshKey } from '../keys/keys.ts';

/** One repository with a commit of every kind, each a child of the one before, and what the log should say of it. */
export interface LogHistory {
  readonly fork: Fork;
  /** By what is special about it: id and the expected line, without its messages. */
  readonly commits: ReadonlyMap<string, { readonly id: string; readonly expected: Expected }>;
  close(): Promise<void>;
}

export type Expected = Omit<Partial<LogLine>, 'findings'> & { readonly codes: readonly string[] };

const X509 = '-----BEGIN SIGNED MESSAGE-----\nMIIB\n-----END SIGNED MESSAGE-----\n';

/**
 * alice has an SSH key, bob an OpenPGP key, dave one that has expired, carol a hardware key that must be touched, erin one
 * that must ask for her PIN; `github` is listed as GitHub's own; frank and mallory are nobody. `master` has the policy.
 */
export async function openLogHistory(): Promise<LogHistory> {
  const fork = await openFork({ alice: 'ssh', bob: 'gpg' });
  const { keys, people } = fork;
  const alice = people.get('alice') as SshKey;
  const bob = people.get('bob') as GpgKey;
  const [dave, frank, github] = await Promise.all([
    keys.makeGpgKey('dave', { at: '20200101T000000', expires: '1y' }),
    keys.makeGpgKey('frank'),
    keys.makeGpgKey('github'),
  ]);
  const mallory = await keys.makeSshKey('mallory');
  const [carol, erin] = [makeAuthenticator('ed25519'), makeAuthenticator('p256')];
  people.set('dave', dave);
  for (const [name, { publicKey }] of [['carol', carol] as const, ['erin', erin] as const]) {
    people.set(name, { kind: 'ssh', name, path: '', publicKey });
  }
  const files = policyFiles(people, { extra: `web-flow: [${github.fingerprint}]` });
  const erins = erin.publicKey.split(' ').slice(0, 2).join(' ');
  const policy = (files['.countersign/policy.yaml'] ?? '').replace(
    `ssh: ${erins}`,
    `ssh: ${erins}\n        presence: verified`,
  );
  const base = await fork.commit({
    files: {
      ...files,
      '.countersign/policy.yaml': policy,
      '.countersign/keys/github.asc': Buffer.from(github.certificate).toString('latin1'),
    },
    message: 'policy',
    as: 'alice',
  });

  const commits = new Map<string, { id: string; expected: Expected }>();
  let tip = base;
  const add = async (
    what: string,
    expected: Expected,
    sign: ((raw: Buffer) => Promise<Uint8Array | string> | Uint8Array | string) | null,
    change: (raw: Buffer) => Buffer = (raw) => raw,
  ): Promise<void> => {
    const raw = makeCommit({ parents: [tip], message: `${what}\n`, at: 1_700_000_000 + commits.size });
    const signed = sign === null ? raw : withSignature(raw, await sign(raw));
    tip = store(fork.dir, 'commit', change(signed));
    commits.set(what, { id: tip, expected });
  };
  const ssh = (key: SshKey) => (raw: Buffer) => keys.sshSign(key, raw, 'git');
  const gpg =
    (key: GpgKey, ...args: string[]) =>
    (raw: Buffer) =>
      keys.signDetached(key, raw, args);
  const good = (kind: 'ssh' | 'openpgp', person: string | null, ...codes: string[]): Expected => ({
    kind,
    status: 'good',
    person,
    codes,
  });
  const by = ({ fingerprint }: GpgKey): Expected => ({
    codes: [],
    fingerprint,
    primaryFingerprint: fingerprint,
  });
  const bad = (kind: LogLine['kind'], status: LogLine['status'], ...codes: string[]): Expected => ({
    kind,
    status,
    person: null,
    codes,
  });

  await add('by SSH', { ...good('ssh', 'alice'), primaryFingerprint: null }, ssh(alice));
  await add('by OpenPGP', { ...by(bob), ...good('openpgp', 'bob') }, gpg(bob));
  await add('by an expired key', { ...by(dave), ...good('openpgp', 'dave', 'key-expired') }, (raw) =>
    keys.signDetached(dave, raw, ['--faked-system-time', '20200601T000000!']),
  );
  await add('by GitHub', { ...by(github), ...good('openpgp', null, 'web-flow-key') }, gpg(github));
  await add('by a stranger over SSH', good('ssh', null, 'key-unknown'), ssh(mallory));
  await add(
    'by a stranger over OpenPGP',
    { ...bad('openpgp', 'unknown-key', 'key-unknown'), fingerprint: frank.fingerprint },
    gpg(frank),
  );
  await add('touched', good('ssh', 'carol'), (raw) => carol.sign(raw, 'git', 0x01));
  await add('not touched', good('ssh', 'carol', 'not-touched'), (raw) => carol.sign(raw, 'git', 0x00));
  await add('with a PIN', good('ssh', 'erin'), (raw) => erin.sign(raw, 'git', 0x05));
  await add('without a PIN', good('ssh', 'erin', 'not-verified'), (raw) => erin.sign(raw, 'git', 0x01));
  await add('unsigned', { ...bad('none', 'unsigned', 'unsigned'), fingerprint: null }, null);
  await add('in text mode', bad('openpgp', 'bad', 'text-mode-signature'), gpg(bob, '--textmode'));
  await add('with SHA-1', bad('openpgp', 'bad', 'weak-hash'), gpg(bob, '--digest-algo', 'SHA1'));
  await add('by X.509', bad('x509', 'unsupported', 'x509-unsupported'), () => X509);
  await add('garbage', bad('none', 'malformed', 'signature-malformed'), () => 'garbage');
  await add('for something else', bad('ssh', 'malformed', 'wrong-namespace'), (raw) =>
    keys.sshSign(alice, raw, 'file'),
  );
  await add('changed over SSH', bad('ssh', 'bad', 'signature-bad'), ssh(alice), swap);
  await add('changed over OpenPGP', bad('openpgp', 'bad', 'signature-bad'), gpg(bob), swap);
  await add('not canonical', bad('none', 'malformed', 'commit-malformed'), ssh(alice), (raw) =>
    Buffer.from(raw.toString('latin1').replace('\n\n', '\ngpgsig x\n\n'), 'latin1'),
  );
  await fork.git('update-ref', 'refs/heads/topic', tip);
  await fork.git('checkout', '--quiet', '--force', 'master');
  return { fork, commits, close: () => fork.close() };
}

function swap(raw: Buffer): Buffer {
  return Buffer.from(raw.toString('latin1').replace('\nauthor alice', '\nauthor Alice'), 'latin1');
}

/** What `--json` printed. */
export function parseLines(out: string): LogLine[] {
  return out
    .split('\n')
    .slice(0, -1)
    .map((line) => JSON.parse(line) as LogLine);
}

/** The lines that the program prints for these arguments, which must succeed. */
export async function linesOf({ fork }: LogHistory, ...args: string[]): Promise<LogLine[]> {
  const { code, out, err } = await fork.cli('log', '--json', ...args);
  if (code !== 0) throw new Error(err);
  return parseLines(out);
}
