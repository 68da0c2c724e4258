import { z } from 'zod';
import { isPersonName, isProjectName } from '../statement/review.ts';
import { patternProblem } from './pattern.ts';

const name = z.string().refine(isPersonName, 'a name is 1 to 64 letters, digits, `.`, `_` or `-`');

const pattern = z.string().superRefine((source, context) => {
  const problem = patternProblem(source);
  if (problem !== null) context.addIssue({ code: 'custom', message: problem });
});

const fingerprint = z
  .string()
  .regex(
    /^(?:[0-9A-Fa-f]{40}|[0-9A-Fa-f]{64})$/,
    'a whole OpenPGP fingerprint has 40 hex digits (64 for version 6 keys)',
  );

const openpgpKey = z.strictObject({
  openpgp: fingerprint.describe('Full fingerprint; the certificate lies in .countersign/keys/'),
});

const sshKey = z.strictObject({
  ssh: z.string().describe('The whole public key as in a .pub file: type and base64'),
  presence: z
    .enum(['none', 'touch', 'verified'])
    .optional()
    .describe('What a hardware key must prove with each signature; `touch` where left out'),
});

/** Bounds that no policy for people comes near: they keep a stranger's proposal from making its own check long. */
export const MOST_KEYS = 50;
const MOST = { keys: MOST_KEYS, paths: 500, match: 50, branches: 50, require: 50 } as const;

const keys = z
  .array(z.union([openpgpKey, sshKey]))
  .min(1, 'at least one key')
  .max(MOST.keys, `more than ${MOST.keys} keys`);

const paths = z.array(pattern).min(1, 'at least one path').max(MOST.paths, `more than ${MOST.paths} paths`);

const person = z.strictObject({
  github: z
    .string()
    .regex(/^[A-Za-z0-9](?:[A-Za-z0-9-]{0,37}[A-Za-z0-9])?$/, 'not a GitHub login')
    .optional()
    .describe('To address this person in messages; proves nothing'),
  keys,
});

const bot = z.strictObject({ keys, paths });

const quorum = z.int().min(0).max(1000);

const requirement = z.strictObject({
  name,
  paths: paths.optional(),
  people: quorum.optional().describe('How many distinct people stand behind the change, its signer included'),
  approvals: quorum.optional().describe('How many people approve it who wrote none of it'),
  from: name.describe('The group they are counted from'),
});

const branch = z.strictObject({
  name,
  match: z.array(pattern).min(1, 'at least one branch').max(MOST.match, `more than ${MOST.match} patterns`),
  mode: z.enum(['observe', 'enforce']).optional().describe('`enforce` where left out'),
  commits: z.strictObject({
    'signed-by': name.describe('The group whose keys may sign commits'),
    unsigned: z.enum(['adopt', 'refuse']).optional().describe('`refuse` where left out'),
  }),
  merges: z
    .strictObject({
      'github-button': z.enum(['clean', 'refuse']).optional(),
      conflicts: z.enum(['reviewed', 'never']).optional(),
      'signer-counts-as': z.enum(['person', 'approver']).optional(),
      union: z.array(pattern).max(MOST.paths, `more than ${MOST.paths} paths`).optional(),
    })
    .optional(),
  reviews: z.strictObject({ 'carry-over': z.enum(['re-created', 'never']).optional() }).optional(),
  require: z
    .array(requirement)
    .min(1, 'at least one requirement')
    .max(MOST.require, `more than ${MOST.require} requirements`),
});

/** The shape of `policy.yaml`; what it means beyond its shape is checked in `meaning.ts`. */
export const policySchema = z.strictObject({
  version: z.literal(1),
  project: z.string().refine(isProjectName, 'a project is host and path, such as `github.com/acme/nixpkgs`'),
  people: z.record(name, person),
  groups: z.record(name, z.array(name).min(1, 'an empty group can never be a quorum')),
  bots: z.record(name, bot).optional(),
  governance: z.strictObject({
    people: z.int().min(1).max(1000).describe('How many distinct people stand behind a change of the policy'),
    from: name,
    paths: paths.optional().describe('Governed besides .countersign/, .gitattributes, .gitmodules'),
  }),
  branches: z
    .array(branch)
    .min(1, 'at least one branch')
    .max(MOST.branches, `more than ${MOST.branches} branches`),
  'web-flow': z
    .array(fingerprint)
    .optional()
    .describe("Fingerprints of a GitHub Enterprise server's own merge keys; github.com's are known"),
});

export type PolicyDocument = z.infer<typeof policySchema>;

/** The JSON Schema of `policy.yaml`, for editors. */
export function policyJsonSchema(): unknown {
  return z.toJSONSchema(policySchema, { io: 'input' });
}
