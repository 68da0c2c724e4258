import { openCertificates } from '../../core/identity/certificate.ts';
import type { Oid } from '../../core/object/id.ts';
import { Unreadable } from '../../gather/ports.ts';
import type { OpenRepository } from '../../git/reader.ts';
import type { Io } from '../io.ts';
import { refuseAmbiguous } from '../revisions.ts';
import type { LogOptions } from './command.ts';
import { openHolders } from './holders.ts';
import type { Holders } from './holders.ts';

export interface FoundHolders {
  readonly holders: Holders;
  /** Sentences for a person. */
  readonly notes: readonly string[];
  /** Sentences for whoever called the command. */
  readonly warnings: readonly string[];
}

/**
 * Whose keys there are: those of a folder, which is read while git still looks for the repository, or those of a policy
 * that no commit of the listed ones chooses.
 */
export async function findHolders(
  opening: Promise<OpenRepository>,
  options: LogOptions,
  io: Io,
): Promise<FoundHolders> {
  if (options.keys !== undefined) return holdersOfFolder(io.path(options.keys));
  const opened = await opening;
  const place = await findPolicy(opened, options.policy);
  if (place === null) return { holders: await nobody(), notes: [], warnings: [] };
  const where = `${place.name} (${place.id.slice(0, 12)})`;
  const warning = (why: string): string => `warning: the policy of ${where} names nobody: ${why}`;
  const { readPolicyPeople } = await import('./policy.ts');
  try {
    const { claims, certificates, webFlow, state, problem } = await readPolicyPeople(
      opened.repository,
      place.id,
    );
    const holders = await openHolders(claims, certificates, webFlow);
    if (problem !== null) {
      // Whoever names a policy means it.
      if (options.policy !== undefined) throw new Unreadable('policy-invalid', warning(problem));
      return { holders, notes: [], warnings: [warning(problem)] };
    }
    const note =
      state === 'missing'
        ? `there is no policy at ${where}, so nobody is named: --policy REV or --keys DIR say whose keys there are`
        : `people are named by the policy of ${where}`;
    const ownWord =
      place.name === 'HEAD' && options.policy === undefined && options.json === true && state === 'present'
        ? [
            'warning: no default branch of origin is known here, so HEAD says who the people are, whoever wrote it',
          ]
        : [];
    return { holders, notes: [note], warnings: ownWord };
  } catch (error) {
    // Who asks for no policy still gets the list.
    if (!(error instanceof Unreadable) || options.policy !== undefined) throw error;
    return { holders: await nobody(), notes: [], warnings: [warning(error.message)] };
  }
}

async function nobody(): Promise<Holders> {
  return openHolders([], await openCertificates([]));
}

/** Files by whose names somebody meant them to hold public keys. */
const MEANT_AS_KEY = /\.(?:pub|asc|gpg|pgp|key)$|(?:^|\/)allowed_signers/;

async function holdersOfFolder(folder: string): Promise<FoundHolders> {
  const { readKeyFolder } = await import('./keys.ts');
  const { claims, certificates, keyless } = await readKeyFolder(folder);
  const meant = keyless.filter(({ path }) => MEANT_AS_KEY.test(path));
  const others = keyless.length - meant.length;
  return {
    holders: await openHolders(claims, certificates),
    notes: others === 0 ? [] : [`${others} other file${others === 1 ? ' holds' : 's hold'} no public key`],
    warnings: meant.map(({ path, reason }) => `no key is read from \`${path}\`: ${reason}`),
  };
}

async function findPolicy(
  opened: OpenRepository,
  given: string | undefined,
): Promise<{ name: string; id: Oid } | null> {
  if (given !== undefined) {
    await refuseAmbiguous(opened, given, 'policy');
    const id = await opened.resolve(given);
    if (id !== null) return { name: given, id };
    const hint = /\.ya?ml$/.test(given) ? ' (that is a file: `log` reads the policy of a commit)' : '';
    throw new Unreadable(
      'object-missing',
      `the revision \`${given}\` of --policy names no commit here${hint}`,
      { passing: false },
    );
  }
  const branch = await opened.refs.defaultBranch();
  const name = branch === null ? 'HEAD' : `refs/remotes/origin/${branch}`;
  const id = await opened.resolve(name);
  return id === null ? null : { name, id };
}
