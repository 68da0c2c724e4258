import { keyringOf, openedFolder, policyIn } from '../../core/facts/opened.ts';
import type { Commit } from '../../core/object/commit.ts';
import { rulesFor } from '../../core/policy/branch-rules.ts';
import type { PolicyFolder } from '../../core/policy/folder.ts';
import { verifySignature } from '../../core/signature/verify.ts';
import type { SnippetKey } from '../../nix/snippet.ts';

/** What a policy says of the signatures of a branch, as far as nix can be told. */
export interface Signers {
  /** Each SSH key of whoever may sign commits of the branch, in the order of names. */
  readonly keys: readonly SnippetKey[];
  /** Which of them signed the commit; `null`: none, or not with SSH. */
  readonly signer: SnippetKey | null;
  /** Sentences about what nix cannot be told. */
  readonly notes: readonly string[];
}

/** Reads the policy at a commit. Whether it is in force, and whether a key is in good standing, is for a proof to say. */
export async function readSigners(commit: Commit, folder: PolicyFolder, branch: string): Promise<Signers> {
  const opened = openedFolder(folder);
  const parsed = policyIn(opened);
  if (parsed?.ok !== true)
    return { keys: [], signer: null, notes: ['there is no usable policy at this commit'] };
  const { policy } = parsed;
  const rules = rulesFor(policy, branch);
  const names = new Set(rules.flatMap(({ commits }) => [...(policy.groups.get(commits.signedBy) ?? [])]));
  const people = [...names].toSorted().flatMap((name) => policy.people.get(name) ?? []);
  const keys = people.flatMap(({ name, keys: pins }) =>
    pins.flatMap((pin) => (pin.kind === 'ssh' ? [{ type: pin.type, blob: pin.blob, person: name }] : [])),
  );
  const openpgp = people.filter((person) => person.keys.some(({ kind }) => kind === 'openpgp'));
  const { keys: verifying } = await keyringOf(opened.keys);
  const armor = commit.signature?.armor ?? new Uint8Array();
  const proof = await verifySignature(
    { payload: commit.payload, armor, form: 'detached', namespace: 'git' },
    verifying,
  );
  const { key, kind } = proof;
  const blob = proof.status === 'good' && key?.kind === 'ssh' ? key.blob : null;
  return {
    keys,
    signer: keys.find((one) => one.blob === blob) ?? null,
    notes: [
      ...(rules.length === 0 ? [`the policy has no rule for the branch ${branch}`] : []),
      ...(openpgp.length > 0
        ? [`OpenPGP keys cannot be given to nix: ${openpgp.map(({ name }) => name).join(', ')}`]
        : []),
      ...(kind === 'openpgp' ? ['this commit is signed with OpenPGP'] : []),
    ],
  };
}
