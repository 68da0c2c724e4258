import { openBasePolicy } from '../../core/facts/base-policy.ts';
import type { Oid } from '../../core/object/id.ts';
import type { Policy } from '../../core/policy/policy.ts';
import { encodeStatement, type Revocation } from '../../core/statement/statement.ts';
import { EXIT, type Io } from '../io.ts';
import { ownersOf } from '../keys/certificate.ts';
import { resolveRange } from '../revisions.ts';
import { appendSigned } from './append.ts';
import type { Draft } from './draft.ts';
import { reasonOf } from './reason.ts';
import type { Delivered } from './deliver.ts';
import { finish } from './finish.ts';
import { readKept } from './kept.ts';
import { findLocals, findTwin } from './local.ts';
import { findMe } from './me.ts';
import { readCommit } from './one.ts';
import { Refusal, runGuarded } from './refusal.ts';
import type { SignedBatch } from './sign.ts';
import { withWorkplace, type WorkOptions, type Workplace } from './workplace.ts';

export interface RevokeOptions extends WorkOptions {
  readonly reason?: string;
}

/**
 * `countersign revoke [PERSON] KEY`: stops a key on all branches for whatever has not landed. It is about no pull request:
 * it goes into the ledger of the remote, with the person's own git.
 */
export function revoke(wanted: readonly string[], options: RevokeOptions, io: Io): Promise<number> {
  return runGuarded('revoke', options, io, () =>
    withWorkplace(options, io, async (work) => {
      const reason = await reasonOf(options.reason, io);
      const tip = await tipOf(work, options);
      const folder = await work.opened.repository.readPolicyFolder((await readCommit(work, tip)).tree);
      const base = await openBasePolicy(folder);
      if (base === null)
        throw new Refusal('policy-invalid', 'the policy at the base cannot be read', null, EXIT.undetermined);
      const { policy } = base;
      const me = await findMe(work.directory, options.as, policy, folder);
      const [first = '', second] = wanted;
      const { person, key } = findKey(policy, second === undefined ? null : first, second ?? first);
      const { from } = policy.governance;
      if (person !== me.name && policy.groups.get(from)?.has(me.name) !== true) {
        throw new Refusal(
          'not-governance',
          `only \`${person}\` and members of \`${from}\` revoke this key, and \`${me.name}\` is neither`,
        );
      }
      const statement: Revocation = {
        type: 'revoke',
        project: policy.project,
        person,
        key,
        revoker: me.name,
        reason,
      };
      encodeStatement(statement);
      const kept = await readKept(io.environment, policy.project);
      const locals = await findLocals({ policy: folder, statements: [] }, kept);
      const twin = findTwin(locals, [], statement);
      const draft: Draft = { statement, pulls: [], subject: null, folder, alone: true, twin };
      const append = (signed: readonly SignedBatch[]): Promise<readonly Delivered[]> =>
        appendSigned(work, signed, folder);
      return finish(work, me, [draft], options, work.remote === null ? null : append);
    }),
  );
}

/** The tip of the branch whose policy says whose keys these are, as the remote last showed it. */
async function tipOf({ opened, remote }: Workplace, { base, branch, repository }: WorkOptions): Promise<Oid> {
  const name = branch ?? (await opened.refs.defaultBranch()) ?? (await opened.refs.currentBranch());
  const tracked =
    base ?? (remote === null || name === null ? undefined : await trackedRef(opened, remote, name));
  const range = await resolveRange(opened, {
    repository,
    head: 'HEAD',
    ...(name === null ? {} : { branch: name }),
    ...(tracked === undefined ? {} : { base: tracked }),
  });
  return range.base;
}

async function trackedRef(
  opened: Workplace['opened'],
  remote: string,
  name: string,
): Promise<string | undefined> {
  const ref = `refs/remotes/${remote}/${name}`;
  return (await opened.resolve(ref)) === null ? undefined : ref;
}

/** A whole fingerprint, or the first 16 digits or more of one that no other key begins with. */
function findKey(policy: Policy, person: string | null, text: string): { person: string; key: string } {
  const given = text.replace(/^(?:openpgp:|ssh:(?=SHA256:))/, '');
  const hex = given.replace(/^0x/i, '').replaceAll(' ', '').toUpperCase();
  const found = ownersOf(policy).flatMap(({ kind, name, keys }) =>
    kind === 'person' && (person === null || name === person)
      ? keys
          .filter((pin) =>
            pin.fingerprint.startsWith(pin.kind === 'ssh' ? given.replace(/={1,2}$/, '') : hex),
          )
          .map((pin) => ({ person: name, key: `${pin.kind}:${pin.fingerprint}` }))
      : [],
  );
  const [only, ...others] = found;
  const long = given.length >= (given.startsWith('SHA256:') ? 23 : 16);
  if (only !== undefined && others.length === 0 && long) return only;
  throw new Refusal(
    others.length > 0 || (only !== undefined && !long) ? 'key-ambiguous' : 'key-unknown',
    person !== null && !policy.people.has(person)
      ? `nobody in the policy is called \`${person}\``
      : `\`${text}\` is not the fingerprint of one key that the policy has for ${person === null ? 'somebody' : `\`${person}\``}`,
    'name it whole, as `countersign keys list` shows it',
  );
}
