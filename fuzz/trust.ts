import { addEntry, removeEntry } from '../src/trust/edit.ts';
import { parseMemory } from '../src/trust/memory-text.ts';
import { parseTrust } from '../src/trust/parse.ts';
import { conceal, parseRepositoryUrl } from '../src/trust/url.ts';
import type { Target } from './target.ts';

const COMMIT = 'c'.repeat(40);
const ENTRY = { url: 'https://example.org/added', branch: 'added', introduction: COMMIT };

const TRUST = `# mine
version: 1
repositories:
  - url: https://github.com/acme/nixpkgs # the fork
    project: github.com/acme/nixpkgs
    branch: master
    introduction: ${COMMIT}
    policy: sha256:${'d'.repeat(64)}
    heads:
      alice: [{ openpgp: ${'A'.repeat(40)} }]

  - { url: "git@example.org:acme/fork", branch: stable, introduction: ${COMMIT} } # here
`;

const URLS = [
  'https://alice:secret@github.com:8443/acme/nixpkgs.git?ref=master#x',
  'ssh://git@github.com/acme/nixpkgs',
  'git@github.com:acme/nixpkgs.git',
  'github:acme/nixpkgs/master?host=example.org',
  'git+file:///srv/my%20fork?ref=stable',
  '/srv/../fork',
];

const MEMORY = JSON.stringify({
  version: 1,
  branch: 'master',
  introduction: COMMIT,
  policy: null,
  remembered: {
    verifier: '0.1.0',
    state: {
      branch: 'master',
      introduction: COMMIT,
      commit: COMMIT,
      policy: 'd'.repeat(64),
      steps: 1,
      commits: 2,
      ratified: [COMMIT],
    },
    ledger: null,
  },
});

/** What a user's machine reads that others may have written: trust files, URLs of remotes and inputs, memories. */
export function trustTargets(): Target[] {
  const seeds = (texts: readonly string[]): Buffer[] => texts.map((text) => Buffer.from(text));
  return [
    { name: 'trust-file', seeds: seeds([TRUST]), words: YAML, run: runTrust },
    { name: 'repository-url', seeds: seeds(URLS), words: PARTS, run: runUrl },
    { name: 'memory', seeds: seeds([MEMORY]), words: ['null', '-1', '1e9', '"'], run: runMemory },
  ];
}

const YAML = [
  'repositories: []\n',
  'heads: ',
  '- ',
  '{ ',
  ' }',
  ', ',
  '# ',
  '\r\n',
  '&a ',
  '*a',
  '!!str ',
  '"',
  '[]',
];
const PARTS = [
  '://',
  '@',
  ':',
  '::',
  '/../',
  '%2f',
  '%00',
  '?ref=',
  '&ref=',
  'git+',
  'file://',
  '-',
  '[::1]',
  '\u202e',
];

function must(holds: boolean, what: string): void {
  if (!holds) throw new Error(what);
}

function runTrust(input: Buffer): void {
  const parsed = parseTrust(input, '/trust.yaml');
  if (!parsed.ok) {
    const { length } = parsed.diagnostics;
    must(length > 0 && length <= 50, 'a refusal without a reason, or without a bound');
    must(
      parsed.diagnostics.every(({ code }) => code.startsWith('trust-')),
      'a code of another format',
    );
    return;
  }
  for (const { url } of parsed.entries) {
    const read = parseRepositoryUrl(url);
    must(read.ok && !read.url.concealed, 'a secret in a file');
  }
  // Every other entry stays what it was.
  const said = JSON.stringify(parsed.entries.map((entry) => ({ ...entry, heads: [...entry.heads] })));
  const added = addEntry(input, ENTRY);
  if (added === null || parsed.entries.some(({ branch }) => branch === ENTRY.branch)) return;
  const more = parseTrust(added, '/trust.yaml');
  must(more.ok && more.entries.length === parsed.entries.length + 1, 'an entry that is not there once added');
  const removed = removeEntry(added, parsed.entries.length);
  const less = removed === null ? null : parseTrust(removed, '/trust.yaml');
  must(
    less === null ||
      (less.ok &&
        JSON.stringify(less.entries.map((entry) => ({ ...entry, heads: [...entry.heads] }))) === said),
    'an entry that is another once one was added and removed',
  );
}

function runUrl(input: Buffer): void {
  const text = input.toString();
  must(conceal(text).length === text.length, 'places that move');
  const parsed = parseRepositoryUrl(text);
  if (!parsed.ok) return;
  const { key, fetch } = parsed.url;
  must(!/[\p{Cc}\p{Cf}]/u.test(key + fetch), 'something invisible');
  must(!fetch.startsWith('-') && !/^[a-z0-9+]+::/.test(fetch), 'an option or a command');
  const again = parseRepositoryUrl(fetch);
  must(again.ok && again.url.key === key, 'a URL that is another when it is read again');
  must(again.ok && !again.url.concealed, 'a secret that stays');
}

function runMemory(input: Buffer): void {
  const text = input.toString();
  const parsed = parseMemory(text);
  must(parsed === null || parsed.remembered.state.branch === parsed.branch, 'a state of another branch');
}
