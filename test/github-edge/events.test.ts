import { describe, expect, test } from 'vitest';
import { PayloadError, subjectsOf } from '../../src/github/events.ts';
import { subjectKey, type Subject } from '../../src/github/subject.ts';

const A = 'a'.repeat(40);
const B = 'b'.repeat(40);
const ZERO = '0'.repeat(40);
const repository = { name: 'nixpkgs', owner: { login: 'acme', extra: true }, full_name: 'acme/nixpkgs' };
const place = { installation: 7, owner: 'acme', repo: 'nixpkgs' };
const about = { installation: { id: 7, node_id: 'x' }, repository };
const pull = { kind: 'pull', ...place, number: 12 };
const pullRequest = { number: 12, title: 'ignored', head: { sha: A }, base: { ref: 'master' } };
const onPull = (action: string, more = {}) => ({ ...about, action, pull_request: pullRequest, ...more });
const retract = (head: string, branch: string) => ({ kind: 'retract', ...place, branch, head });
const onIssue = (action: string, more = {}) => ({ ...about, action, issue: { number: 12, ...more } });

describe('subjectsOf', () => {
  test.each<[string, unknown, unknown[]]>([
    ['pull_request', onPull('synchronize', { before: B }), [pull, retract(B, 'master')]],
    ['pull_request', onPull('edited', { changes: { title: { from: 'x' } } }), [pull]],
    [
      'pull_request',
      onPull('edited', { changes: { base: { ref: { from: 'old' } } } }),
      [pull, retract(A, 'old')],
    ],
    ['pull_request', onPull('closed'), [retract(A, 'master')]],
    ...['opened', 'reopened', 'edited', 'ready_for_review'].map((action): [string, unknown, unknown[]] => [
      'pull_request',
      onPull(action),
      [pull],
    ]),
    ...['labeled', 'assigned', 'locked'].map((action): [string, unknown, unknown[]] => [
      'pull_request',
      onPull(action),
      [],
    ]),
    ...['submitted', 'edited', 'dismissed'].map((action): [string, unknown, unknown[]] => [
      'pull_request_review',
      onPull(action),
      [pull],
    ]),
    ...['created', 'edited', 'deleted'].flatMap((action): [string, unknown, unknown[]][] => [
      ['pull_request_review_comment', onPull(action), [pull]],
      ['issue_comment', onIssue(action, { pull_request: { url: 'x' } }), [pull]],
      ['issue_comment', onIssue(action), []],
      ['issue_comment', onIssue(action, { pull_request: null }), []],
    ]),
    ['check_run', { ...about, action: 'created', check_run: { head_sha: A } }, []],
    ['check_run', { ...about, action: 'completed', check_run: { head_sha: A } }, []],
    [
      'check_run',
      { ...about, action: 'rerequested', check_run: { head_sha: A, name: 'x' } },
      [{ kind: 'sweep', ...place, branch: null, head: A }],
    ],
    [
      'check_suite',
      { ...about, action: 'rerequested', check_suite: { head_sha: B } },
      [{ kind: 'sweep', ...place, branch: null, head: B }],
    ],
    ['check_suite', { ...about, action: 'requested', check_suite: { head_sha: B } }, []],
    [
      'push',
      { ...about, ref: 'refs/heads/release-1/x', before: A, after: B },
      [
        { kind: 'push', ...place, branch: 'release-1/x', before: A, after: B },
        { kind: 'sweep', ...place, branch: 'release-1/x', head: null },
      ],
    ],
    ['push', { ...about, ref: 'refs/tags/v1', before: ZERO, after: B }, []],
    [
      'merge_group',
      { ...about, action: 'checks_requested', merge_group: { head_sha: A, base_ref: 'refs/heads/master' } },
      [{ kind: 'group', ...place, branch: 'master', head: A }],
    ],
    ['merge_group', { ...about, action: 'destroyed', merge_group: {} }, []],
    [
      'installation',
      { action: 'created', installation: { id: 7 }, repositories: [{ full_name: 'acme/nixpkgs' }] },
      [{ kind: 'sweep', ...place, branch: null, head: null }],
    ],
    ['installation', { action: 'created', installation: { id: 7 } }, [{ kind: 'everything' }]],
    ['installation', { action: 'deleted', installation: { id: 7 } }, []],
    [
      'installation_repositories',
      { action: 'added', installation: { id: 7 }, repositories_added: [{ full_name: 'acme/nixpkgs' }] },
      [{ kind: 'sweep', ...place, branch: null, head: null }],
    ],
    ['installation_repositories', { action: 'removed', installation: { id: 7 } }, []],
    ['ping', { zen: 'x' }, []],
    ['star', null, []],
    ['__proto__', {}, []],
    ['constructor', {}, []],
  ])('%s %j', (event, payload, expected) => {
    expect(subjectsOf(event, payload)).toEqual(expected);
  });

  test.each<[string, string, unknown]>([
    ['no action', 'pull_request', { ...about, pull_request: { number: 1 } }],
    ['null', 'pull_request', null],
    ['a list', 'issue_comment', []],
    ['a number that is text', 'pull_request', { ...about, action: 'opened', pull_request: { number: '1' } }],
    ['a negative number', 'pull_request', { ...about, action: 'opened', pull_request: { number: -1 } }],
    ['a fraction', 'pull_request', { ...about, action: 'opened', pull_request: { number: 1.5 } }],
    ['no installation', 'pull_request', { repository, action: 'opened', pull_request: { number: 1 } }],
    [
      'an owner that is a path',
      'pull_request',
      {
        ...about,
        repository: { name: 'nixpkgs', owner: { login: '../..' } },
        action: 'opened',
        pull_request: { number: 1 },
      },
    ],
    [
      'a repository that is a folder',
      'pull_request',
      {
        ...about,
        repository: { name: '..', owner: { login: 'acme' } },
        action: 'opened',
        pull_request: { number: 1 },
      },
    ],
    ['a short id', 'push', { ...about, ref: 'refs/heads/x', before: 'abc', after: B }],
    ['an id in upper case', 'push', { ...about, ref: 'refs/heads/x', before: A.toUpperCase(), after: B }],
    ['an option as branch', 'push', { ...about, ref: 'refs/heads/-x', before: A, after: B }],
    ['a line in a branch', 'push', { ...about, ref: 'refs/heads/a\nb', before: A, after: B }],
    ['a climbing branch', 'push', { ...about, ref: 'refs/heads/a/../b', before: A, after: B }],
    [
      'a group on a tag',
      'merge_group',
      { ...about, action: 'checks_requested', merge_group: { head_sha: A, base_ref: 'refs/tags/x' } },
    ],
    [
      'a repository with three parts',
      'installation',
      { action: 'created', installation: { id: 7 }, repositories: [{ full_name: 'a/b/c' }] },
    ],
  ])('refuses %s', (_, event, payload) => {
    expect(() => subjectsOf(event, payload)).toThrow(PayloadError);
  });
});

describe('subjectKey', () => {
  const pullOf = (more: Partial<typeof place> = {}, number = 12): Subject => ({
    kind: 'pull',
    ...place,
    ...more,
    number,
  });

  test('is one for what is judged once, whatever the letter case of the names', () => {
    expect(subjectKey(pullOf({ owner: 'ACME' }))).toBe(subjectKey(pullOf()));
    expect(subjectKey(pullOf({ installation: 8 }))).toBe(subjectKey(pullOf()));
  });

  test('differs between subjects', () => {
    const [a, b] = subjectsOf('push', { ...about, ref: 'refs/heads/x', before: A, after: B });
    const [c, d] = subjectsOf('push', { ...about, ref: 'refs/heads/X', before: A, after: B });
    const all = [a, b, c, d, pullOf(), pullOf({}, 13), pullOf({ repo: 'other' })];
    const keys = all.flatMap((subject) => (subject ? [subjectKey(subject)] : []));
    expect(new Set(keys).size).toBe(all.length);
  });
});
