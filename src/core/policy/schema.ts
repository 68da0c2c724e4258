import { z } from 'zod';
import { isPersonName, isProjectName } from '../statement/names.ts';
import { branchPatternProblem, LONGEST_BRANCH_PATTERN, LONGEST_PATTERN, patternProblem } from './pattern.ts';

const name = z
  .string()
  .refine(isPersonName, 'a name is 1 to 64 letters, digits, `.`, `_` or `-`')
  .meta({ pattern: '^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$' });

const patternOf = (problemOf: (source: string) => string | null, maxLength: number) =>
  z
    .string()
    .superRefine((source, context) => {
      const problem = problemOf(source);
      if (problem !== null) context.addIssue({ code: 'custom', message: problem });
    })
    .meta({ minLength: 1, maxLength });
const pattern = patternOf(patternProblem, LONGEST_PATTERN);
const branchPattern = patternOf(branchPatternProblem, LONGEST_BRANCH_PATTERN);

const fingerprint = z
  .string()
  .regex(
    /^(?:[0-9A-Fa-f]{40}|[0-9A-Fa-f]{64})$/,
    'a whole OpenPGP fingerprint has 40 hex digits (64 for version 6 keys)',
  );

const openpgpKey = z
  .strictObject({
    openpgp: fingerprint.describe(
      'The whole fingerprint of the primary key: 40 hex digits, 64 for version 6. Its certificate lies in .countersign/keys/',
    ),
  })
  .describe('An OpenPGP key');

const sshKey = z
  .strictObject({
    ssh: z.string().describe('The whole public key as in a .pub file: type and base64'),
    presence: z
      .enum(['none', 'touch', 'verified'])
      .optional()
      .describe(
        'For an `sk-` key only: what each signature must prove. `verified` is a touch with PIN or fingerprint',
      )
      .meta({ default: 'touch' }),
  })
  .describe('An SSH key');

/** Bounds that no policy for people comes near: they keep a stranger's proposal from making its own check long. */
export const MOST_KEYS = 50;
const MOST = { keys: MOST_KEYS, paths: 500, match: 50, branches: 50, require: 50, days: 365 } as const;

/** The keys of one person or bot. */
export const keysSchema = z
  .array(z.union([openpgpKey, sshKey]))
  .min(1, 'at least one key')
  .max(MOST.keys, `more than ${MOST.keys} keys`);

const paths = z.array(pattern).min(1, 'at least one path').max(MOST.paths, `more than ${MOST.paths} paths`);

const person = z
  .strictObject({
    github: z
      .string()
      .regex(/^[A-Za-z0-9](?:[A-Za-z0-9-]{0,37}[A-Za-z0-9])?$/, 'not a GitHub login')
      .optional()
      .describe('Their login, to address them in messages; proves nothing'),
    keys: keysSchema.describe('The keys that speak for this person, for nobody else'),
  })
  .describe('A person: the name stands in every statement that they sign');

const bot = z
  .strictObject({
    keys: keysSchema.describe('The keys that the bot signs commits with'),
    paths: paths.describe(
      'What it may change: a change with a commit of it in it stays within these as a whole',
    ),
  })
  .describe('A bot: signs commits within its paths, never approves and never counts as a person');

const quorum = z.int().min(0).max(1000);

const requirement = z
  .strictObject({
    name: name.describe('As the check calls it'),
    paths: paths
      .optional()
      .describe('It is about changes that touch one of these; left out: about every change'),
    people: quorum
      .optional()
      .describe('How many distinct people stand behind the change: signed its head, approved it or merged it')
      .meta({ default: 0 }),
    approvals: quorum
      .optional()
      .describe('How many people approve it by a signed statement who wrote none of it')
      .meta({ default: 0 }),
    from: name.describe('The group they are counted from'),
  })
  .describe('All requirements that are about a change must hold');

const branch = z
  .strictObject({
    name: name.describe('As messages call the rule'),
    match: z
      .array(branchPattern)
      .min(1, 'at least one branch')
      .max(MOST.match, `more than ${MOST.match} patterns`)
      .describe('Whole names of branches: `master`, `release-*`. A branch has one rule'),
    mode: z
      .enum(['observe', 'enforce'])
      .optional()
      .describe('`observe` shows results under another name, and blocks nothing')
      .meta({ default: 'enforce' }),
    commits: z
      .strictObject({
        'signed-by': name.describe('The group whose members may sign commits'),
        unsigned: z
          .enum(['adopt', 'refuse'])
          .optional()
          .describe(
            'Whether a commit that nobody on the roster signed may be adopted by one of them, or fails',
          )
          .meta({ default: 'refuse' }),
      })
      .describe('Who may sign commits'),
    merges: z
      .strictObject({
        'github-button': z
          .enum(['clean', 'refuse'])
          .optional()
          .describe("Whether GitHub's button may make merges that add nothing of their own")
          .meta({ default: 'refuse' }),
        conflicts: z
          .enum(['reviewed', 'never'])
          .optional()
          .describe('Whether a merge with content of its own may be reviewed as a change, or fails')
          .meta({ default: 'reviewed' }),
        'signer-counts-as': z
          .enum(['person', 'approver'])
          .optional()
          .describe('Whether whoever signs the merge approves it too, having written none of it')
          .meta({ default: 'person' }),
        union: z
          .array(pattern)
          .max(MOST.paths, `more than ${MOST.paths} paths`)
          .optional()
          .describe('Files in which a conflict keeps the lines of both sides, as `merge=union` does')
          .meta({ default: [] }),
      })
      .optional()
      .describe('How changes may be merged'),
    reviews: z
      .strictObject({
        'carry-over': z
          .enum(['re-created', 'never'])
          .optional()
          .describe('Whether a review still counts after a rebase or an update that changes nothing')
          .meta({ default: 're-created' }),
      })
      .optional()
      .describe('How long reviews count'),
    freshness: z
      .strictObject({
        days: z
          .int()
          .min(1)
          .max(MOST.days)
          .describe('How old such a statement may be, by the clock of the user who updates'),
        people: z
          .int()
          .min(1)
          .max(1000)
          .describe(
            'How many distinct people say so, of those whom the user pinned: the governance group, when they began',
          ),
      })
      .optional()
      .describe(
        'What users wait for besides: recent `head` statements that name the newest commit of the branch',
      ),
    require: z
      .array(requirement)
      .min(1, 'at least one requirement')
      .max(MOST.require, `more than ${MOST.require} requirements`)
      .describe('What a change needs. Where none is about it, it does not pass: have one without `paths`'),
  })
  .describe('A rule for branches');

/** The shape of `policy.yaml`; what it means beyond its shape is checked in `meaning.ts`. */
export const policySchema = z.strictObject({
  version: z.literal(1).describe('The version of this format'),
  project: z
    .string()
    .refine(isProjectName, 'a project is host and path, such as `github.com/acme/nixpkgs`')
    .meta({ pattern: '^[a-z0-9][a-z0-9.:-]{0,252}(?:/[A-Za-z0-9._-]{1,100}){1,8}$' })
    .describe('Host and path of the repository: every signature names it, so that none counts anywhere else'),
  people: z
    .record(name, person)
    .describe('Who may sign. Quorums count people: never keys, accounts or addresses'),
  groups: z
    .record(
      name,
      z
        .array(name.describe('A name of `people`'))
        .min(1, 'an empty group can never be a quorum')
        .describe('Its members'),
    )
    .describe('Groups of people, for requirements to count from'),
  bots: z.record(name, bot).optional().describe('Keys that may sign commits within paths'),
  governance: z
    .strictObject({
      people: z
        .int()
        .min(1)
        .max(1000)
        .describe('How many distinct people stand behind a change of the policy, its author included'),
      from: name.describe('The group they are counted from'),
      paths: paths.optional().describe('Governed besides .countersign/, .gitattributes and .gitmodules'),
    })
    .describe('Who may change what decides, on top of every other requirement'),
  branches: z
    .array(branch)
    .min(1, 'at least one branch')
    .max(MOST.branches, `more than ${MOST.branches} branches`)
    .describe('The branches that are protected, and how'),
  'web-flow': z
    .array(fingerprint)
    .optional()
    .describe("Fingerprints of a GitHub Enterprise server's own merge keys; those of github.com are known"),
});

export type PolicyDocument = z.infer<typeof policySchema>;

/** The JSON Schema of `policy.yaml`, for editors: what has the right shape may still mean nothing, which lint tells. */
export function policyJsonSchema(): Record<string, unknown> {
  const { $schema, ...shape } = z.toJSONSchema(policySchema, { io: 'input' });
  const title = 'Countersign policy';
  const description = 'Whose signatures count, and how many a change needs: `.countersign/policy.yaml`';
  return { $schema, title, description, ...shape };
}
