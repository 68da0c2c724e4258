import { describe, expect, test } from 'vitest';
import { advance, introduced, type TrustState } from '../../../src/core/history/trust-state.ts';
import { parseOid, type Oid } from '../../../src/core/object/id.ts';
import { finding } from '../../../src/core/verdict/finding.ts';
import { NOBODY, ruling, type Verdict } from '../../../src/core/verdict/verdict.ts';

const [A, B, C] = ['a', 'b', 'c'].map((digit) => id(digit)) as [Oid, Oid, Oid];
const POLICY = '0'.repeat(64);
const start = introduced('master', A, POLICY);

function id(digit: string): Oid {
  const parsed = parseOid(digit.repeat(40));
  if (parsed === null) throw new Error('no id');
  return parsed;
}

function verdict(changes: Partial<Verdict> = {}): Verdict {
  return {
    target: { kind: 'step', branch: 'master', parent: A, commit: B },
    outcome: 'pass',
    enforced: 'pass',
    mode: 'enforce',
    rulings: [ruling('policy', 'policy and keys', [])],
    people: NOBODY,
    digest: null,
    evidence: [],
    ...changes,
  };
}

function step(of: Verdict): TrustState | null {
  return advance(start, { verdict: of, commits: 3, policy: POLICY });
}

test('a step that passed moves trust by exactly that step', () => {
  const next = step(verdict());
  expect(next).toEqual({ ...start, commit: B, steps: 1, commits: 3 });
  const target = { kind: 'step', branch: 'master', parent: B, commit: C } as const;
  expect(next && advance(next, { verdict: verdict({ target }), commits: 1, policy: '1'.repeat(64) })).toEqual(
    {
      ...start,
      commit: C,
      steps: 2,
      commits: 4,
      policy: '1'.repeat(64),
    },
  );
});

describe('trust stays where it is', () => {
  test.each(['pending', 'undetermined', 'fail'] as const)('for a step that is %s', (outcome) => {
    expect(step(verdict({ outcome }))).toBeNull();
    expect(step(verdict({ enforced: outcome }))).toBeNull();
  });
  test('for a step on another parent, of another branch, and for a change', () => {
    const target = { kind: 'step', branch: 'master', parent: A, commit: C } as const;
    expect(step(verdict({ target: { ...target, parent: C } }))).toBeNull();
    expect(step(verdict({ target: { ...target, branch: 'Master' } }))).toBeNull();
    expect(step(verdict({ target: { kind: 'change', branch: 'master', tip: A, head: B } }))).toBeNull();
  });
});

test('a step that only governance lets pass is remembered', () => {
  const rulings = [
    ruling('ratification', 'ratified', []),
    ruling('commits', 'signatures', [finding('commit-unsigned', { commit: B, refused: true } as never)]),
  ];
  expect(step(verdict({ rulings }))?.ratified).toEqual([B]);
  expect(step(verdict())?.ratified).toEqual([]);
});
