import { z } from 'zod';
import { parseOid } from '../core/object/id.ts';
import { at, MOST_DIAGNOSTICS, placeOf, readText, type PolicyText } from '../core/policy/document.ts';
import { describeIssue } from '../core/policy/issue.ts';
import { parsePin } from '../core/policy/pin.ts';
import type { Diagnostic, Pin } from '../core/policy/policy.ts';
import { keysSchema } from '../core/policy/schema.ts';
import { isBranchName, isPersonName, isProjectName } from '../core/statement/names.ts';
import type { TrustEntry } from './entry.ts';
import { normalUrl, parseRepositoryUrl } from './url.ts';

/** Bounds that nobody's own list comes near: a `countersign.lock` may be a stranger's. */
const MOST = { repositories: 1000, heads: 100 } as const;

const DIGEST = /^sha256:[0-9a-f]{64}$/;

const repositorySchema = z
  .strictObject({
    url: z.string().describe('Where the repository is: as git or a flake writes it, without a password'),
    project: z
      .string()
      .refine(isProjectName, 'a project is host and path, such as `github.com/acme/nixpkgs`')
      .optional()
      .describe('What its policy has to name as its project'),
    branch: z
      .string()
      .refine(isBranchName, 'not the name of a branch')
      .describe('The branch, without `refs/heads/`'),
    introduction: z
      .string()
      .refine((text) => parseOid(text) !== null, 'a whole commit id has 40 or 64 hex digits in lower case')
      .describe('The commit from which on it is trusted'),
    policy: z
      .string()
      .regex(DIGEST, 'expected `sha256:` and 64 hex digits in lower case')
      .optional()
      .describe('What `.countersign/` at that commit has to be'),
    heads: z
      .record(
        z.string().refine(isPersonName, 'a name is 1 to 64 letters, digits, `.`, `_` or `-`'),
        keysSchema,
      )
      .refine((people) => Object.keys(people).length <= MOST.heads, `more than ${MOST.heads} people`)
      .optional()
      .describe('Who may say what the newest commit is, with their keys'),
  })
  .describe('A branch of a repository, and from where it is trusted');

/** The shape of `trust.yaml` and of `countersign.lock`. */
export const trustSchema = z.strictObject({
  version: z.literal(1).describe('The version of this format'),
  repositories: z.array(repositorySchema).max(MOST.repositories, `more than ${MOST.repositories} entries`),
});

type RepositoryDocument = z.infer<typeof repositorySchema>;

export type ParsedTrust =
  | { readonly ok: true; readonly entries: readonly TrustEntry[]; readonly text: PolicyText }
  | { readonly ok: false; readonly diagnostics: readonly Diagnostic[] };

/**
 * Reads a trust file: YAML as strict as a policy's, at most 262,144 bytes. A file with an error says nothing at all.
 *
 * @param from the file, for `TrustEntry.from`
 */
export function parseTrust(bytes: Uint8Array, from: string): ParsedTrust {
  const read = readText(bytes);
  if (!read.ok) return { ok: false, diagnostics: read.diagnostics.map(ofTrust) };
  const { policy: text } = read;
  const shaped = trustSchema.safeParse(text.document.toJS({ maxAliasCount: 0 }));
  if (!shaped.success) {
    const found = shaped.error.issues
      .slice(0, MOST_DIAGNOSTICS)
      .flatMap((issue) => describeIssue(text, issue));
    return { ok: false, diagnostics: found.slice(0, MOST_DIAGNOSTICS).map(ofTrust) };
  }
  const diagnostics: Diagnostic[] = [];
  const report: Report = (path, code, message) => {
    diagnostics.push(at(text, placeOf(text, ['repositories', ...path]), code, message));
  };
  const entries = shaped.data.repositories.map((one, index) => readEntry(one, index, from, report));
  refuseTwins(shaped.data.repositories, report);
  if (diagnostics.length > 0) return { ok: false, diagnostics: diagnostics.slice(0, MOST_DIAGNOSTICS) };
  return { ok: true, entries: entries.filter((entry) => entry !== null), text };
}

type Report = (path: readonly PropertyKey[], code: string, message: string) => void;

function readEntry(
  document: RepositoryDocument,
  index: number,
  from: string,
  report: Report,
): TrustEntry | null {
  checkUrl(document.url, [index, 'url'], report);
  const heads = new Map<string, readonly Pin[]>();
  for (const [name, keys] of Object.entries(document.heads ?? {})) {
    const pins: Pin[] = [];
    for (const [position, key] of keys.entries()) {
      const parsed = parsePin(key);
      if (parsed.ok) pins.push(parsed.pin);
      else report([index, 'heads', name, position, parsed.field], 'trust-key-unreadable', parsed.problem);
    }
    heads.set(name, pins);
  }
  const introduction = parseOid(document.introduction);
  if (introduction === null) return null;
  const { url, project, branch, policy } = document;
  return {
    url,
    project: project ?? null,
    branch,
    introduction,
    policy: policy?.slice('sha256:'.length) ?? null,
    heads,
    from,
  };
}

function checkUrl(url: string, path: readonly PropertyKey[], report: Report): void {
  const parsed = parseRepositoryUrl(url);
  if (!parsed.ok) report(path, 'trust-url', parsed.problem);
  else if (parsed.url.concealed) {
    report(path, 'trust-credentials', 'a user name, password or token does not belong into this file');
  } else if (parsed.url.ref !== null) {
    report(path, 'trust-url', 'the branch is a key of its own: `branch: …`');
  }
}

/** Of two entries for one branch, one would be ignored in silence. */
function refuseTwins(repositories: readonly RepositoryDocument[], report: Report): void {
  const seen = new Set<string>();
  for (const [index, { url, branch }] of repositories.entries()) {
    const key = JSON.stringify([normalUrl(url)?.key ?? url, branch]);
    if (seen.has(key))
      report([index, 'branch'], 'trust-twice', 'this branch of this repository is there twice');
    seen.add(key);
  }
}

/** The reader of YAML was made for policies, and says so. */
function ofTrust(diagnostic: Diagnostic): Diagnostic {
  return {
    ...diagnostic,
    code: diagnostic.code.replace(/^policy-/, 'trust-'),
    message: diagnostic.message.replace(/\ba policy\b/, 'a trust file'),
  };
}
