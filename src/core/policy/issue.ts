import type { z } from 'zod';
import { at, MOST_DIAGNOSTICS, placeOf, type PolicyText } from './document.ts';
import type { Diagnostic } from './policy.ts';

type Issue = z.core.$ZodIssue;

/**
 * A schema issue as diagnostics in plain words, each at the place of the value that is wrong. A union is one of the two
 * kinds of keys.
 */
export function describeIssue(text: PolicyText, issue: Issue): Diagnostic[] {
  if (issue.code === 'unrecognized_keys') {
    return issue.keys
      .slice(0, MOST_DIAGNOSTICS)
      .map((key) =>
        at(text, placeOf(text, [...issue.path, key], true), 'policy-unknown-key', `unknown key \`${key}\``),
      );
  }
  if (issue.code === 'invalid_union') {
    // A key is either kind: report the kind whose field is there, so that one mistake gives one message.
    const branches = issue.errors.filter(
      (issues) =>
        !issues.some(
          (inner) => isAbsence(inner) || (inner.path.length === 0 && inner.code === 'invalid_type'),
        ),
    );
    const chosen = branches[0] ?? null;
    if (chosen) {
      return chosen.flatMap((inner) =>
        describeIssue(text, { ...inner, path: [...issue.path, ...inner.path] }),
      );
    }
    return [at(text, placeOf(text, issue.path), 'policy-value', 'expected a key: `openpgp: …` or `ssh: …`')];
  }
  if (issue.code === 'invalid_key') {
    const message = issue.issues[0]?.message ?? 'not a name';
    return [at(text, placeOf(text, issue.path, true), 'policy-value', message)];
  }
  const missing = isAbsence(issue) || !text.document.hasIn(issue.path);
  const [code, message] = missing
    ? ['policy-missing-key', `\`${String(issue.path.at(-1) ?? 'policy')}\` is missing`]
    : ['policy-value', plain(issue)];
  return [at(text, placeOf(text, issue.path), code, message)];
}

function isAbsence(issue: Issue): boolean {
  return issue.code === 'invalid_type' && issue.message.endsWith('received undefined');
}

const KINDS: Readonly<Record<string, string>> = {
  array: 'a list',
  record: 'a mapping',
  object: 'a mapping',
  string: 'a text',
  number: 'a number',
  int: 'a whole number',
};

function plain(issue: Issue): string {
  if (issue.code === 'invalid_type') return `expected ${KINDS[issue.expected] ?? issue.expected}`;
  if (issue.code === 'invalid_value')
    return `expected ${issue.values.map((value) => `\`${String(value)}\``).join(' or ')}`;
  if (issue.code === 'too_small' && issue.origin === 'number')
    return `expected a number from ${Number(issue.minimum)} up`;
  if (issue.code === 'too_big' && issue.origin === 'number')
    return `expected a number up to ${Number(issue.maximum)}`;
  return issue.message.charAt(0).toLowerCase() + issue.message.slice(1);
}
