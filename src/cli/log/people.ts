import { openCertificates } from '../../core/identity/certificate.ts';
import type { Oid } from '../../core/object/id.ts';
import { cleanSentence } from '../../core/report/clean.ts';
import { Unreadable } from '../../gather/ports.ts';
import type { OpenRepository } from '../../git/reader.ts';
import type { Io } from '../io.ts';
import { refuseAmbiguous } from '../revisions.ts';
import type { LogOptions, Tell } from './command.ts';
import { openHolders } from './holders.ts';
import type { Holders } from './holders.ts';

/** Whose keys there are: those of a folder, or those of a policy that no commit of the listed ones chooses. */
export async function findHolders(
  opened: OpenRepository,
  options: LogOptions,
  io: Io,
  tell: Tell,
): Promise<Holders> {
  if (options.keys !== undefined) {
    const { readKeyFolder } = await import('./keys.ts');
    const { claims, certificates, keyless } = await readKeyFolder(io.path(options.keys));
    for (const { path, reason } of keyless) {
      io.err(`countersign log: no key is read from \`${cleanSentence(path)}\`: ${reason}\n`);
    }
    return openHolders(claims, certificates);
  }
  const place = await findPolicy(opened, options.policy);
  if (place === null) return openHolders([], await openCertificates([]));
  const where = `${place.name} (${place.id.slice(0, 12)})`;
  const warn = (why: string): void => {
    io.err(
      `countersign log: warning: the policy of ${cleanSentence(where)} names nobody: ${cleanSentence(why)}\n`,
    );
  };
  const { readPolicyPeople } = await import('./policy.ts');
  try {
    const { claims, certificates, webFlow, state, problem } = await readPolicyPeople(
      opened.repository,
      place.id,
    );
    if (problem !== null) warn(problem);
    else if (state === 'missing') tell(`there is no policy at ${where}: nobody is named`);
    else tell(`people are named by the policy of ${where}`);
    return await openHolders(claims, certificates, webFlow);
  } catch (error) {
    // Who asks for no policy still gets the list.
    if (!(error instanceof Unreadable) || options.policy !== undefined) throw error;
    warn(error.message);
    return openHolders([], await openCertificates([]));
  }
}

async function findPolicy(
  opened: OpenRepository,
  given: string | undefined,
): Promise<{ name: string; id: Oid } | null> {
  if (given !== undefined) {
    await refuseAmbiguous(opened, given, 'policy');
    const id = await opened.resolve(given);
    if (id !== null) return { name: given, id };
    throw new Unreadable('object-missing', `the revision \`${given}\` of --policy names no commit here`, {
      passing: false,
    });
  }
  const branch = await opened.refs.defaultBranch();
  const name = branch === null ? 'HEAD' : `refs/remotes/origin/${branch}`;
  const id = await opened.resolve(name);
  return id === null ? null : { name, id };
}
