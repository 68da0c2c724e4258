import { rulesFor } from '../../core/policy/branch-rules.ts';
import { explainPolicy } from '../../core/policy/explain.ts';
import { tellLockout } from '../../core/policy/lockout.ts';
import { jsonText } from '../../core/report/json.ts';
import { isGoverned } from '../../core/verdict/rules/governance.ts';
import { openRepository } from '../../git/reader.ts';
import { EXIT, type Io } from '../io.ts';
import { UsageError } from '../revisions.ts';
import { explanationText } from './explain-text.ts';
import { answering, findAtRevision, findInFile, isFile, readPolicy, type FoundPolicy } from './open.ts';

export interface ExplainOptions {
  readonly repository: string;
  readonly policy?: string;
  readonly branch?: string;
  readonly paths?: readonly string[];
  readonly json?: boolean;
}

/** `countersign policy explain`: who may change what, with how many. */
export async function explain(options: ExplainOptions, io: Io): Promise<number> {
  return answering('explain', io, async () => {
    const { policy, keyring, shown } = await readPolicy(await find(options, io));
    const { branch, paths = [] } = options;
    if (branch !== undefined && rulesFor(policy, branch).length === 0) {
      throw new UsageError(`the policy has no rule for the branch \`${branch}\``);
    }
    const now = Math.floor(Date.now() / 1000);
    const explanation = explainPolicy(policy, keyring, now, {
      ...(branch === undefined ? {} : { branch }),
      paths,
      alwaysGoverned: isGoverned,
    });
    if (options.json === true) {
      const lockouts = explanation.lockouts.map((lockout) => ({ ...lockout, ...tellLockout(lockout) }));
      io.out(`${jsonText({ policy: shown, ...explanation, lockouts })}\n`);
    } else io.out(explanationText(explanation, shown, io.paint));
    return EXIT.pass;
  });
}

async function find({ repository, policy }: ExplainOptions, io: Io): Promise<FoundPolicy> {
  if (policy !== undefined && !isFile(policy)) {
    const opened = await openRepository(io.path(repository));
    try {
      return await findAtRevision(opened, policy);
    } finally {
      await opened.dispose();
    }
  }
  if (policy !== undefined) return findInFile(policy, io);
  const inside = { ...io, path: (given: string) => io.path(given === '.' ? repository : given) };
  return findInFile(undefined, inside);
}
