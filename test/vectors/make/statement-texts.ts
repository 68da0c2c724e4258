import type { StatementTextVector } from '../vector.ts';

type Said = Readonly<Record<string, unknown>>;

const [ONE, TWO, THREE] = ['1', '2', '3'].map((digit) => digit.repeat(40)) as [string, string, string];
const [LONG_ONE, LONG_TWO, LONG_THREE] = ['a', 'b', 'c'].map((digit) => digit.repeat(64)) as [
  string,
  string,
  string,
];
const PROJECT = 'github.com/acme/nixpkgs';
const CHANGE = '4'.repeat(64);
const OPENPGP = '6B61ECD76088748C70590D55E90A401336C8AAA9';

/** A text and what it says, written down side by side: nothing here computes the one from the other. */
export interface Example {
  readonly text: string;
  readonly says: Said;
}

export const REVIEW: Example = {
  text: `countersign: review/v1
project: ${PROJECT}
branch: master
base: ${ONE}
head: ${TWO}
change: sha256:${CHANGE}
decision: approve
reviewer: alice
serial: 1
note: built it on two machines
`,
  says: {
    type: 'review',
    project: PROJECT,
    branch: 'master',
    base: ONE,
    head: TWO,
    change: CHANGE,
    decision: 'approve',
    reviewer: 'alice',
    serial: 1,
    notes: ['built it on two machines'],
  },
};

export const ADOPTION: Example = {
  text: `countersign: adopt/v1
project: ${PROJECT}
branch: release-26.11
base: ${ONE}
head: ${TWO}
change: sha256:${CHANGE}
adopter: bob
serial: 20
`,
  says: {
    type: 'adopt',
    project: PROJECT,
    branch: 'release-26.11',
    base: ONE,
    head: TWO,
    change: CHANGE,
    adopter: 'bob',
    serial: 20,
    notes: [],
  },
};

export const RATIFICATION: Example = {
  text: `countersign: ratify/v1
project: ${PROJECT}
branch: master
parent: ${LONG_ONE}
commit: ${LONG_TWO}
tree: ${LONG_THREE}
ratifier: carol
reason: pushed past the check while it was down
`,
  says: {
    type: 'ratify',
    project: PROJECT,
    branch: 'master',
    parent: LONG_ONE,
    commit: LONG_TWO,
    tree: LONG_THREE,
    ratifier: 'carol',
    reason: 'pushed past the check while it was down',
  },
};

export const REVOCATION: Example = {
  text: `countersign: revoke/v1
project: ${PROJECT}
person: dave
key: openpgp:${OPENPGP}
revoker: alice
reason: lost with the laptop
`,
  says: {
    type: 'revoke',
    project: PROJECT,
    person: 'dave',
    key: `openpgp:${OPENPGP}`,
    revoker: 'alice',
    reason: 'lost with the laptop',
  },
};

export const OVERRULING: Example = {
  text: `countersign: overrule/v1
project: ${PROJECT}
branch: master
head: ${THREE}
objector: dave
serial: 4
overruler: alice
reason: "what it asks for" is in the next change: #12
`,
  says: {
    type: 'overrule',
    project: PROJECT,
    branch: 'master',
    head: THREE,
    objector: 'dave',
    serial: 4,
    overruler: 'alice',
    reason: '"what it asks for" is in the next change: #12',
  },
};

export const HEAD: Example = {
  text: `countersign: head/v1
project: ${PROJECT}
branch: master
head: ${TWO}
time: 2026-11-23T13:00:00Z
attester: bob
`,
  says: {
    type: 'head',
    project: PROJECT,
    branch: 'master',
    head: TWO,
    time: 1_795_438_800,
    attester: 'bob',
  },
};

export const INTRODUCTION: Example = {
  text: `countersign: introduction/v1
project: ${PROJECT}
branch: master
commit: ${LONG_TWO}
policy: sha256:${CHANGE}
introducer: alice
`,
  says: {
    type: 'introduction',
    project: PROJECT,
    branch: 'master',
    commit: LONG_TWO,
    policy: CHANGE,
    introducer: 'alice',
  },
};

export const POSSESSION: Example = {
  text: `countersign: possession/v1
project: ${PROJECT}
person: alice
key: ssh:SHA256:${'A'.repeat(42)}E
`,
  says: { project: PROJECT, person: 'alice', key: `ssh:SHA256:${'A'.repeat(42)}E` },
};

/** One of each type. */
export const EXAMPLES = {
  REVIEW,
  ADOPTION,
  RATIFICATION,
  REVOCATION,
  OVERRULING,
  HEAD,
  INTRODUCTION,
};

function good(name: string, ...examples: readonly Example[]): StatementTextVector {
  const text = examples.map((example) => example.text).join('');
  return { name, text: base64(text), expect: { says: examples.map(({ says }) => says), line: null } };
}

function bad(name: string, text: string | Uint8Array, line: number): StatementTextVector {
  return { name, text: base64(text), expect: { says: null, line } };
}

function base64(text: string | Uint8Array): string {
  return Buffer.from(text).toString('base64');
}

/** An example with one line, or a part of it, replaced in the text and in what it says. */
function variant(example: Example, was: string, is: string, more: Said): Example {
  if (!example.text.includes(was)) throw new Error(`no \`${was}\` in the text`);
  return { text: example.text.replace(was, is), says: { ...example.says, ...more } };
}

export function goodTexts(): StatementTextVector[] {
  const note = 'note: built it on two machines\n';
  const many = Array.from({ length: 100 }, (_, index) => `n${index}`);
  return [
    good('review', REVIEW),
    good('adoption', ADOPTION),
    good('ratification, SHA-256 ids', RATIFICATION),
    good('revocation', REVOCATION),
    good('overruling', OVERRULING),
    good('head', HEAD),
    good('introduction, SHA-256 ids', INTRODUCTION),
    good(
      'head: the first second',
      variant(HEAD, '2026-11-23T13:00:00Z', '1970-01-01T00:00:00Z', { time: 0 }),
    ),
    good(
      'head: the last second',
      variant(HEAD, '2026-11-23T13:00:00Z', '9999-12-31T23:59:59Z', { time: 253_402_300_799 }),
    ),
    good(
      'head: a day that only leap years have',
      variant(HEAD, '2026-11-23T13:00:00Z', '2024-02-29T00:00:00Z', { time: 1_709_164_800 }),
    ),
    ...['reject', 'withdraw'].map((decision) =>
      good(
        `review: ${decision}`,
        variant(REVIEW, 'decision: approve', `decision: ${decision}`, { decision }),
      ),
    ),
    good('review without notes', variant(REVIEW, note, '', { notes: [] })),
    good(
      'a hundred notes',
      variant(REVIEW, note, many.map((one) => `note: ${one}\n`).join(''), { notes: many }),
    ),
    good(
      'a note of a thousand characters',
      variant(REVIEW, 'built it on two machines', 'é'.repeat(1000), { notes: ['é'.repeat(1000)] }),
    ),
    good(
      'a note that reads like the first line of a statement',
      variant(REVIEW, 'built it on two machines', 'countersign: review/v1', {
        notes: ['countersign: review/v1'],
      }),
    ),
    good(
      'a branch with slashes and letters',
      variant(REVIEW, 'master', 'feature/é@x', { branch: 'feature/é@x' }),
    ),
    good(
      'the largest serial',
      variant(ADOPTION, 'serial: 20', 'serial: 999999999999999', { serial: 999_999_999_999_999 }),
    ),
    good(
      'an SSH key',
      variant(REVOCATION, `openpgp:${OPENPGP}`, `ssh:SHA256:${'a'.repeat(42)}A`, {
        key: `ssh:SHA256:${'a'.repeat(42)}A`,
      }),
    ),
    good(
      'a version 6 fingerprint',
      variant(REVOCATION, OPENPGP, 'A0'.repeat(32), { key: `openpgp:${'A0'.repeat(32)}` }),
    ),
    good(
      'a project on a host with a port',
      variant(REVIEW, PROJECT, 'git.example.org:8443/a/b/c', { project: 'git.example.org:8443/a/b/c' }),
    ),
    good('a batch of one of each', ...Object.values(EXAMPLES)),
    good('a batch of the same twice', REVIEW, REVIEW),
    good('a batch of two hundred', ...Array.from({ length: 200 }, () => ADOPTION)),
  ];
}

export function refusedTexts(): StatementTextVector[] {
  const { text } = REVIEW;
  const without = (pattern: RegExp, is = '') => text.replace(pattern, is);
  return [
    bad('nothing', '', 1),
    bad('one line end', '\n', 1),
    bad('a commit', `tree ${ONE}\nauthor a <a> 1 +0000\ncommitter a <a> 1 +0000\n\nx\n`, 1),
    bad('a tag', `object ${ONE}\ntype commit\ntag v1\ntagger a <a> 1 +0000\n\nx\n`, 1),
    bad('a proof of possession, which is no statement about changes', POSSESSION.text, 1),
    bad('a byte order mark', `\ufeff${text}`, 1),
    bad('a blank before the first line', ` ${text}`, 1),
    bad('CR LF', text.replaceAll('\n', '\r\n'), 1),
    bad('bytes that are no UTF-8', Buffer.concat([Buffer.from(text), Uint8Array.of(0xff, 0x0a)]), 1),
    bad('an overlong encoding', Buffer.concat([Buffer.from(text), Uint8Array.of(0xc0, 0xaf, 0x0a)]), 1),
    bad('version 2', text.replace('review/v1', 'review/v2'), 1),
    bad('a type in upper case', text.replace('review/v1', 'Review/v1'), 1),
    bad('no line end at the end', text.slice(0, -1), 10),
    bad('an empty line at the end', `${text}\n`, 11),
    bad('a foreign line at the end', `${text}extra: x\n`, 11),
    bad('a line left out', without(/branch: .*\n/), 3),
    bad('a line twice', without(/(branch: .*\n)/, '$1$1'), 4),
    bad('two lines swapped', without(/(base: .*\n)(head: .*\n)/, '$2$1'), 4),
    bad('two blanks after the colon', text.replace('branch: ', 'branch:  '), 3),
    bad('no blank after the colon', text.replace('branch: ', 'branch:'), 3),
    bad('a blank at the end of a line', text.replace('master\n', 'master \n'), 3),
    bad('a tab at the end of a line', text.replace('master\n', 'master\t\n'), 3),
    bad('a non-breaking blank in a branch', text.replace('master', 'mas\u00a0ter'), 3),
    bad('a non-breaking blank after the colon', text.replace('branch: ', 'branch:\u00a0'), 3),
    bad('a non-breaking blank in a note', text.replace('built it', 'built\u00a0it'), 10),
    bad('U+2028 in a note', text.replace('built it', 'built\u2028it'), 10),
    bad('a note that turns the direction', text.replace('built it', 'built\u202eit'), 10),
    bad('a tab in a note', text.replace('built it', 'built\tit'), 10),
    bad('an empty note', without(/note: .*/, 'note: '), 10),
    bad('a note of 1,001 characters', without(/note: .*/, `note: ${'x'.repeat(1001)}`), 10),
    bad('101 notes', without(/note: .*\n/, 'note: x\n'.repeat(101)), 110),
    bad('no project', text.replace(PROJECT, 'nixpkgs'), 2),
    bad('a project in upper case', text.replace(PROJECT, 'GitHub.com/acme/nixpkgs'), 2),
    bad('a branch that git does not allow', text.replace('master', 'a..b'), 3),
    bad('a short id', text.replace(ONE, ONE.slice(1)), 4),
    bad('an id in upper case', text.replace(ONE, 'A'.repeat(40)), 4),
    bad('ids of two hash functions', text.replace(TWO, LONG_TWO), 5),
    ...[
      ['with an offset', '2026-11-23T13:00:00+00:00'],
      ['with parts of a second', '2026-11-23T13:00:00.000Z'],
      ['without its seconds', '2026-11-23T13:00Z'],
      ['with a blank', '2026-11-23 13:00:00Z'],
      ['in lower case', '2026-11-23t13:00:00z'],
      ['as a number', '1795438800'],
      ['of a day that is none', '2026-02-29T00:00:00Z'],
      ['of an hour that is none', '2026-11-23T24:00:00Z'],
      ['of a leap second', '2016-12-31T23:59:60Z'],
      ['before 1970', '1969-12-31T23:59:59Z'],
      ['after 9999', '+010000-01-01T00:00:00Z'],
    ].map(([name = '', is = '']) =>
      bad(`head: a time ${name}`, HEAD.text.replace('2026-11-23T13:00:00Z', is), 5),
    ),
    bad('head: a note', `${HEAD.text}note: x\n`, 7),
    bad('head: a short id', HEAD.text.replace(TWO, TWO.slice(1)), 4),
    bad('introduction: a policy without its hash', INTRODUCTION.text.replace('sha256:', ''), 5),
    bad('introduction: another hash', INTRODUCTION.text.replace('sha256:', 'sha512:'), 5),
    bad('introduction: a note', `${INTRODUCTION.text}note: x\n`, 7),
    bad('a change without its hash', text.replace('sha256:', ''), 6),
    bad('another hash', text.replace('sha256:', 'sha512:'), 6),
    bad('a decision in upper case', text.replace('approve', 'Approve'), 7),
    bad('another decision', text.replace('approve', 'accept'), 7),
    bad('a name with a blank', text.replace('alice', 'alice b'), 8),
    bad('serial 0', text.replace('serial: 1', 'serial: 0'), 9),
    bad('serial 01', text.replace('serial: 1', 'serial: 01'), 9),
    bad('serial -1', text.replace('serial: 1', 'serial: -1'), 9),
    bad('a serial of 16 digits', text.replace('serial: 1', `serial: ${'1'.repeat(16)}`), 9),
    bad('an adoption with a decision', ADOPTION.text.replace('adopter', 'decision: approve\nadopter'), 7),
    bad('a ratification with a note', `${RATIFICATION.text}note: x\n`, 9),
    bad(
      'a ratification with a tree of another hash function',
      RATIFICATION.text.replace(LONG_THREE, THREE),
      6,
    ),
    bad('a ratification without reason', RATIFICATION.text.replace(/reason: .*/, 'reason: '), 8),
    bad('a revocation with a key id', REVOCATION.text.replace(OPENPGP, OPENPGP.slice(-16)), 4),
    bad(
      'a revocation with a fingerprint in lower case',
      REVOCATION.text.replace(OPENPGP, OPENPGP.toLowerCase()),
      4,
    ),
    bad(
      'a revocation with base64 that has stray bits',
      REVOCATION.text.replace(`openpgp:${OPENPGP}`, `ssh:SHA256:${'A'.repeat(42)}B`),
      4,
    ),
    bad('an overruling without the objector', OVERRULING.text.replace(/objector: .*\n/, ''), 5),
    bad('a batch with an empty line between', `${text}\n${ADOPTION.text}`, 11),
    bad('a batch with words between', `${text}And:\n${ADOPTION.text}`, 11),
    bad(
      'a batch whose second statement is wrong',
      `${text}${ADOPTION.text.replace('adopter', 'adoptor')}`,
      17,
    ),
    bad('a batch with a proof of possession', `${text}${POSSESSION.text}`, 11),
    bad('a batch of 201', ADOPTION.text.repeat(201), 1601),
  ];
}
