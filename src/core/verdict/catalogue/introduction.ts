import type { Oid } from '../../object/id.ts';
import type { Diagnostic } from '../../policy/policy.ts';
import { list, short, type Entry } from './entry.ts';

/** What is wrong with where a user begins. Nobody can correct what lies in history, so the remedies are the user's. */
export interface IntroductionFindings {
  'introduction-missing': { readonly introduction: Oid };
  'introduction-not-reached': { readonly introduction: Oid; readonly to: Oid };
  'introduction-policy-differs': {
    readonly introduction: Oid;
    readonly expected: string;
    readonly found: string;
  };
  /** What the user was told of the project, and what its policy says. */
  'introduction-project-differs': {
    readonly introduction: Oid;
    readonly expected: string;
    readonly found: string;
  };
  'introduction-branch-unknown': {
    readonly introduction: Oid;
    readonly branch: string;
    readonly patterns: readonly string[];
  };
  'introduction-observes': { readonly introduction: Oid; readonly branch: string };
  'introduction-policy-missing': { readonly introduction: Oid };
  'introduction-policy-invalid': { readonly introduction: Oid; readonly diagnostics: readonly Diagnostic[] };
}

const COMPARE =
  'compare the introduction with what the project publishes, in more than one place; `countersign trust list` shows what your trust file says';

export const introductionFindings: {
  readonly [C in keyof IntroductionFindings]: Entry<IntroductionFindings[C]>;
} = {
  'introduction-missing': {
    outcome: 'undetermined',
    cause: ({ introduction }) => `the introduction ${short(introduction)} is not in this repository`,
    remedy: () => [
      'fetch the whole history: `git fetch --unshallow`, or check the introduction and the repository',
    ],
  },
  'introduction-not-reached': {
    outcome: 'fail',
    cause: ({ introduction, to }) =>
      `the first parents of ${short(to)} do not lead to the introduction ${short(introduction)}`,
    remedy: () => [
      'check that the commit is of the branch that the introduction was published for',
      'if the branch was pushed with its history rewritten, or merged backwards, its people have to put it right or publish a new introduction',
    ],
  },
  'introduction-policy-differs': {
    outcome: 'fail',
    cause: ({ introduction }) =>
      `the policy at the introduction ${short(introduction)} is not the one that was published with it`,
    remedy: ({ expected, found }) => [
      `ask the project for its introduction once more: it names sha256:${expected}, here is sha256:${found}`,
    ],
  },
  'introduction-project-differs': {
    outcome: 'undetermined',
    cause: ({ introduction, expected, found }) =>
      `you trust ${short(introduction)} as the introduction of \`${expected}\`, and its policy is one of \`${found}\``,
    remedy: () => [
      COMPARE,
      'what the repository calls itself is no answer: it may be another one than you meant, or pretend to be',
    ],
  },
  'introduction-branch-unknown': {
    outcome: 'undetermined',
    cause: ({ introduction, branch }) =>
      `the policy at the introduction ${short(introduction)} has no rule for the branch \`${branch}\`, so nothing can be proven from there`,
    remedy: ({ patterns }) => [
      `name a branch that it has (${list(
        patterns.map((pattern) => `\`${pattern}\``),
        'or',
      )}), or ask the project for an introduction of this one`,
    ],
  },
  'introduction-observes': {
    outcome: 'undetermined',
    cause: ({ introduction, branch }) =>
      `the policy at the introduction ${short(introduction)} only observes \`${branch}\`, so nothing can be proven from there`,
    remedy: () => ['ask the project for a later introduction, one whose policy enforces'],
  },
  'introduction-policy-missing': {
    outcome: 'undetermined',
    cause: ({ introduction }) =>
      `there is no policy at the introduction ${short(introduction)}, so nothing can be proven from there`,
    remedy: () => [
      COMPARE,
      'a repository that has no policy is judged by yours: `countersign verify --policy FILE`',
    ],
  },
  'introduction-policy-invalid': {
    outcome: 'undetermined',
    cause: ({ introduction, diagnostics: [first] }) =>
      `the policy at the introduction ${short(introduction)} has an error${first ? `: line ${first.line}: ${first.message}` : ''}`,
    remedy: () => [
      COMPARE,
      'if it is the right one, the project has to publish another, at a commit whose policy can be read',
    ],
  },
};
