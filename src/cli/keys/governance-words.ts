import type { Policy } from '../../core/policy/policy.ts';

/** Who must stand behind a change of policy or keys, to stand at the end of a sentence. */
export function whoMustAgree({ governance: { people, from } }: Policy): string {
  return people === 1
    ? `one person of \`${from}\` must stand behind the change of .countersign/`
    : `${people} people of \`${from}\` must stand behind the change of .countersign/`;
}
