import { lockoutInWords, type LockoutCode, type LockoutData } from '../../policy/lockout.ts';
import type { Entry } from './entry.ts';

/** Warnings about the policy that a change brings: they block nothing, since a quorum has to agree to it anyway. */
export type LockoutFindings = LockoutData;

function entry<C extends LockoutCode>(code: C): Entry<LockoutData[C]> {
  const words = (data: LockoutData[C]): { message: string; remedy: string } => lockoutInWords(code, data);
  return {
    outcome: 'pass',
    cause: (data) => `with the policy that this brings: ${words(data).message}`,
    remedy: (data) => [words(data).remedy],
  };
}

export const lockoutFindings: { readonly [C in LockoutCode]: Entry<LockoutData[C]> } = {
  'lockout-quorum-unreachable': entry('lockout-quorum-unreachable'),
  'lockout-quorum-expiring': entry('lockout-quorum-expiring'),
  'lockout-last-admin': entry('lockout-last-admin'),
  'lockout-quorum-tight': entry('lockout-quorum-tight'),
  'lockout-hardware': entry('lockout-hardware'),
  'lockout-no-key': entry('lockout-no-key'),
};
