import type { PolicyText } from '../../core/policy/document.ts';
import { policyJsonSchema } from '../../core/policy/schema.ts';
import type { Located } from '../diagnostics.ts';
import { didYouMean } from '../near.ts';

/** What a misspelt key, person or group may have been meant to be, before what else there is to do. */
export function suggest(found: readonly Located[], text: PolicyText | null): readonly Located[] {
  return found.map((one) => {
    const names = namesFor(one.code, text);
    const [, word] = /`([^`]{1,200})`/.exec(one.message) ?? [];
    const meant = names === null || word === undefined ? null : didYouMean(word, names());
    if (meant === null) return one;
    return { ...one, remedy: one.remedy === null ? meant : `${meant} Otherwise ${one.remedy}` };
  });
}

function namesFor(code: string, text: PolicyText | null): (() => readonly string[]) | null {
  switch (code) {
    case 'policy-unknown-key':
      return knownKeys;
    case 'policy-unknown-person':
      return () => namesIn(text, 'people');
    case 'policy-unknown-group':
      return () => namesIn(text, 'groups');
    default:
      return null;
  }
}

function namesIn(text: PolicyText | null, key: string): readonly string[] {
  const document: unknown = text?.document.toJS({ maxAliasCount: 0 });
  const value = isRecord(document) ? document[key] : null;
  return isRecord(value) ? Object.keys(value) : [];
}

/** Every key that a policy may have anywhere, by its schema. */
function knownKeys(): readonly string[] {
  const keys = new Set<string>();
  const open: unknown[] = [policyJsonSchema()];
  for (let node = open.pop(); node !== undefined; node = open.pop()) {
    if (Array.isArray(node)) {
      const list: readonly unknown[] = node;
      open.push(...list);
    }
    if (!isRecord(node)) continue;
    const { properties } = node;
    if (isRecord(properties)) for (const key of Object.keys(properties)) keys.add(key);
    open.push(...Object.values(node));
  }
  return [...keys];
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
