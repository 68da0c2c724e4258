import { encodeAllowedSigners, parseAllowedSigners } from '../src/core/policy/allowed-signers.ts';
import { parsePolicy } from '../src/core/policy/parse.ts';
import { extractStatements } from '../src/core/statement/extract.ts';
import { encodePossession, parsePossession } from '../src/core/statement/possession.ts';
import {
  encodeBatch,
  encodeStatement,
  parseStatement,
  parseStatements,
} from '../src/core/statement/statement.ts';
import { must, same } from '../test/properties/violation.ts';
import type { Target } from './target.ts';

const REVIEW = [
  'countersign: review/v1',
  'project: github.com/acme/nixpkgs',
  'branch: master',
  `base: ${'1'.repeat(40)}`,
  `head: ${'2'.repeat(40)}`,
  `change: sha256:${'3'.repeat(64)}`,
  'decision: approve',
  'reviewer: alice',
  'serial: 1',
  '',
].join('\n');
const ADOPTION = REVIEW.replace('review/v1', 'adopt/v1')
  .replace('decision: approve\n', '')
  .replace('reviewer', 'adopter');
const RATIFICATION = `countersign: ratify/v1\nproject: github.com/acme/nixpkgs\nbranch: master\nparent: ${'1'.repeat(64)}
commit: ${'2'.repeat(64)}\ntree: ${'3'.repeat(64)}\nratifier: alice\nreason: pushed past the check\n`;
const REVOCATION = `countersign: revoke/v1\nproject: github.com/acme/nixpkgs\nperson: bob\nkey: ssh:SHA256:${'A'.repeat(43)}
revoker: alice\nreason: lost\n`;
const OVERRULING = `countersign: overrule/v1\nproject: github.com/acme/nixpkgs\nbranch: master\nhead: ${'1'.repeat(40)}
objector: bob\nserial: 2\noverruler: alice\nreason: left\n`;
const EVERY_TYPE = [REVIEW, ADOPTION, RATIFICATION, REVOCATION, OVERRULING];
const POSSESSION = `countersign: possession/v1\nproject: github.com/acme/nixpkgs\nperson: alice\nkey: openpgp:${'A'.repeat(40)}\n`;
const ED25519 = `ssh-ed25519 ${Buffer.concat([Buffer.from('\0\0\0\x0bssh-ed25519\0\0\0\x20'), Buffer.alloc(32, 7)]).toString('base64')}`;
const POLICY = `version: 1
project: github.com/acme/nixpkgs
people:
  alice: { keys: [{ ssh: "${ED25519}" }] }
  bob: { github: bob, keys: [{ openpgp: ${'B'.repeat(40)} }] }
groups:
  all: [alice, bob]
governance: { people: 2, from: all }
branches:
  - name: stable
    match: [master, "release-*"]
    commits: { signed-by: all, unsigned: refuse }
    require:
      - { name: everything, approvals: 1, from: all }
`;

/** The parsers of what people write: comments, statements, policies, lists of signers. */
export function textTargets(armors: readonly Buffer[]): Target[] {
  const comments = armors
    .slice(0, 3)
    .map((armor) => `Fine.\r\n\r\n\`\`\`\r\n${REVIEW}${armor.toString('latin1')}\`\`\`\r\n`);
  const clear = `-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA512\n\n- -x\n${REVIEW}${armors[0]?.toString('latin1') ?? ''}`;
  const signers = [
    `alice@example.org,bob@example.org namespaces="git,file" ${ED25519} comment\n`,
    `# comment\n"a b" cert-authority,valid-after="20200101",valid-before="20300101000000Z" ${ED25519}\n\n`,
  ];
  return [
    { name: 'statements', seeds: [...comments, clear].map(bytesOf), words: COMMENT, run: runExtract },
    {
      name: 'statement',
      seeds: [...EVERY_TYPE, `${REVIEW}note: fine\nnote: é\n`].map(bytesOf),
      words: FIELDS,
      run: runStatement,
    },
    {
      name: 'batch',
      seeds: [EVERY_TYPE.join(''), `${ADOPTION}note: x\n${REVIEW}`].map(bytesOf),
      words: [...FIELDS, REVOCATION],
      run: runBatch,
    },
    { name: 'possession', seeds: [bytesOf(POSSESSION)], words: FIELDS, run: runPossession },
    { name: 'allowed-signers', seeds: signers.map(bytesOf), words: SIGNERS, run: runSigners },
    { name: 'policy', seeds: [bytesOf(POLICY)], words: YAML, run: runPolicy },
  ];
}

const COMMENT = [
  'countersign: ',
  '-----BEGIN PGP SIGNED MESSAGE-----\n',
  '-----BEGIN PGP SIGNATURE-----\n',
  '-----END PGP SIGNATURE-----\n',
  '-----BEGIN SSH SIGNATURE-----\n',
  '-----END SSH SIGNATURE-----\n',
  '```\n',
  '> ',
  '\r\n',
  '\n\n',
  '- ',
  'Hash: SHA256\n',
  '\u2028',
  '\u00a0',
  '\ufeff',
];
const FIELDS = [
  'countersign: ',
  'review/v1\n',
  'possession/v1\n',
  'adopt/v1\n',
  'ratify/v1\n',
  'revoke/v1\n',
  'overrule/v1\n',
  'reason: ',
  '\u00a0',
  'note: ',
  'serial: ',
  'decision: reject\n',
  'ssh:SHA256:',
  '\n',
  '\r',
  '\u2028',
  '\u202e',
  ': ',
];
const SIGNERS = [
  'namespaces="',
  'valid-after="',
  'valid-before="',
  'cert-authority',
  'cert-authority,',
  '"',
  '\\"',
  ',',
  ' ',
  '!',
  '*',
  '#',
  'Z"',
  '20240229',
  ED25519,
];
const YAML = [
  '&a ',
  '*a',
  '!x ',
  '<<: ',
  '---\n',
  '? ',
  '|\n',
  '>\n',
  '{',
  '}',
  '[',
  ']',
  '- ',
  ': ',
  '#',
  '"',
  "'",
  '__proto__: ',
  'presence: touch',
  'bots:\n',
  'web-flow: [',
  'merges: { union: ["*"] }',
  '**',
  '\t',
  '\u2028',
  '%YAML 1.1\n',
];

function bytesOf(text: string): Buffer {
  return Buffer.from(text);
}

function runExtract(input: Buffer): void {
  const { signed, broken } = extractStatements({ from: 'comment', text: input.toString() });
  must(signed.length + broken.length <= 513, 'more findings than the bound');
  for (const { text, armor, form } of signed) {
    must(armor.length > 0 && text.length + armor.length <= 4 * input.length + 64, 'more text than there was');
    if (form === 'detached')
      must(Buffer.from(text).toString().startsWith('countersign: '), 'a statement that is none');
    must(Buffer.from(armor).toString().startsWith('-----BEGIN '), 'a signature that is none');
    runBatch(Buffer.from(text));
    // What is posted again as it was cut out is cut out again.
    if (form !== 'detached') continue;
    const again = extractStatements({ from: 'comment', text: Buffer.concat([text, armor]).toString() });
    must(
      again.signed.length === 1 && again.broken.length === 0,
      'a statement that is lost when it is posted again',
    );
    must(
      same(again.signed[0]?.text ?? input, text) && same(again.signed[0]?.armor ?? input, armor),
      'a statement that changed',
    );
  }
}

/** There is one encoding of a statement. */
function runStatement(input: Buffer): void {
  const parsed = parseStatement(input);
  if (parsed.ok) {
    must(Buffer.from(encodeStatement(parsed.statement)).equals(input), 'a statement with two encodings');
    must(parseStatements(input).ok, 'a statement that is no batch of one');
  } else must(parsed.line >= 1 && parsed.problem.length > 0, 'a refusal without a place');
}

/** And one of a batch. */
function runBatch(input: Buffer): void {
  const parsed = parseStatements(input);
  if (!parsed.ok) {
    must(parsed.line >= 1 && parsed.problem.length > 0, 'a refusal without a place');
    must(parsed.line <= input.toString().split('\n').length, 'a place outside of the text');
    return;
  }
  must(parsed.statements.length >= 1 && parsed.statements.length <= 200, 'a batch past its bound');
  must(Buffer.from(encodeBatch(parsed.statements)).equals(input), 'a batch with two encodings');
  must(parseStatement(input).ok === (parsed.statements.length === 1), 'a batch that is one statement');
}

function runPossession(input: Buffer): void {
  const parsed = parsePossession(input);
  if (parsed.ok)
    must(Buffer.from(encodePossession(parsed.possession)).equals(input), 'a statement with two encodings');
}

function runSigners(input: Buffer): void {
  const signers = parseAllowedSigners(input.toString()).flatMap((line) => (line.ok ? [line.signer] : []));
  const again = parseAllowedSigners(encodeAllowedSigners(signers)).map((line) => line.ok && line.signer);
  must(
    JSON.stringify(again) === JSON.stringify(signers),
    'signers that are others when they are written again',
  );
}

function runPolicy(input: Buffer): void {
  const parsed = parsePolicy(input);
  const diagnostics = parsed.ok ? parsed.warnings : parsed.diagnostics;
  must(
    parsed.ok || (diagnostics.length > 0 && diagnostics.length <= 50),
    'a refusal without a reason, or without a bound',
  );
  const lines = input.toString().split('\n');
  for (const { line, column, length, severity } of diagnostics) {
    must((severity === 'error') !== parsed.ok, 'an error in a good policy');
    const width = lines[line - 1]?.length ?? -1;
    must(
      line >= 1 && column >= 1 && length >= 1 && column + length <= width + 2,
      `a place outside of the text: ${line}:${column}+${length}`,
    );
  }
}
