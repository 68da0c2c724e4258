import { expect } from 'vitest';

/** in-toto attestation framework v1, ResourceDescriptor. */
export interface Descriptor {
  readonly name?: string;
  readonly uri?: string;
  readonly digest: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, unknown>>;
}

/** An in-toto Statement v1 with an SLSA verification summary v1, as far as we make use of its fields. */
export interface Summary {
  readonly _type: string;
  readonly subject: readonly Descriptor[];
  readonly predicateType: string;
  readonly predicate: {
    readonly verifier: { readonly id: string; readonly version?: Readonly<Record<string, string>> };
    readonly timeVerified?: string;
    readonly resourceUri: string;
    readonly policy: Descriptor & { readonly uri: string };
    readonly inputAttestations?: readonly Descriptor[];
    readonly verificationResult: string;
    readonly verifiedLevels: readonly string[];
    readonly slsaVersion?: string;
  };
}

const RESOURCE_FIELDS = ['name', 'uri', 'digest', 'content', 'downloadLocation', 'mediaType', 'annotations'];
/** slsa.dev/spec/v1.2/verification_summary, "Fields"; those that are required first. */
const REQUIRED = ['verifier', 'resourceUri', 'policy', 'verificationResult', 'verifiedLevels'];
const OPTIONAL = ['timeVerified', 'inputAttestations', 'dependencyLevels', 'slsaVersion'];
/** "Users MUST NOT use custom values starting with SLSA_": what the levels, tracks and verified properties of 1.2 define. */
const LEVELS = /^(?:FAILED|SLSA_SOURCE_LEVEL_(?:[0-3]|UNEVALUATED)|SLSA_SOURCE_TWO_PARTY_REVIEWED)$/;
/** in-toto DigestSet: lower-case hex of a known length. */
const DIGESTS: Readonly<Record<string, RegExp>> = {
  gitCommit: /^(?:[0-9a-f]{40}|[0-9a-f]{64})$/,
  sha256: /^[0-9a-f]{64}$/,
};

/** Checks a value against the field lists of both specifications, and gives it as what it was found to be. */
export function checkSummary(value: unknown): Summary {
  const statement = value as Summary;
  expect(Object.keys(statement).toSorted()).toEqual(['_type', 'predicate', 'predicateType', 'subject']);
  expect(statement._type).toBe('https://in-toto.io/Statement/v1');
  expect(statement.predicateType).toBe('https://slsa.dev/verification_summary/v1');
  expect(statement.subject).toHaveLength(1);
  for (const one of statement.subject) {
    checkDescriptor(one);
    expect(one.digest['gitCommit']).toBeDefined();
    for (const ref of (one.annotations?.['sourceRefs'] ?? []) as string[])
      expect(ref).toMatch(/^refs\/heads\/./);
  }
  checkPredicate(statement.predicate);
  return statement;
}

function checkPredicate(predicate: Summary['predicate']): void {
  const fields = Object.keys(predicate);
  for (const name of REQUIRED) expect(fields).toContain(name);
  // A field of one's own must be named by a URI (in-toto parsing rules).
  const own = fields.filter((name) => !REQUIRED.includes(name) && !OPTIONAL.includes(name));
  for (const name of own) expect(isUri(name), name).toBe(true);
  expect(isUri(predicate.verifier.id)).toBe(true);
  expect(Object.values(predicate.verifier.version ?? {}).every((one) => typeof one === 'string')).toBe(true);
  expect(predicate.timeVerified).toMatch(/^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}Z$/);
  expect(isUri(predicate.resourceUri)).toBe(true);
  checkDescriptor(predicate.policy);
  expect(isUri(predicate.policy.uri)).toBe(true);
  for (const one of predicate.inputAttestations ?? []) {
    checkDescriptor(one);
    expect(Object.keys(one.digest).length).toBeGreaterThan(0);
  }
  const { verificationResult, verifiedLevels } = predicate;
  expect(['PASSED', 'FAILED']).toContain(verificationResult);
  for (const level of verifiedLevels) expect(level).toMatch(LEVELS);
  // "FAILED" if policy verification failed; at most one level of a track.
  expect(verifiedLevels.includes('FAILED')).toBe(verificationResult === 'FAILED');
  expect(verifiedLevels.filter((level) => level.includes('_LEVEL_')).length).toBeLessThanOrEqual(1);
  expect(predicate.slsaVersion).toMatch(/^\d+\.\d+$/);
}

function checkDescriptor(descriptor: Descriptor): void {
  const fields = Object.keys(descriptor);
  expect(fields.filter((name) => !RESOURCE_FIELDS.includes(name))).toEqual([]);
  expect(fields.some((name) => ['uri', 'digest', 'content'].includes(name))).toBe(true);
  if (descriptor.uri !== undefined) expect(isUri(descriptor.uri), descriptor.uri).toBe(true);
  for (const [name, digest] of Object.entries(descriptor.digest)) {
    expect(digest, name).toMatch(DIGESTS[name] ?? /$^/);
  }
}

/** RFC 3986: a scheme, and none of the characters that must be encoded. */
function isUri(text: string): boolean {
  return URL.canParse(text) && /^[A-Za-z][A-Za-z0-9+.-]*:[A-Za-z0-9._~:/?#[\]@!$&'()*+,;=%-]+$/.test(text);
}
