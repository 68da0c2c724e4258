import type { Oid } from '../object/id.ts';
import { branch, constant, digest, oid, person, project } from './fields.ts';
import { form } from './form.ts';

/** Somebody of governance says that trust in a branch may begin at a commit: `introduction/v1` (trust.md F28). */
export interface IntroductionStatement {
  readonly type: 'introduction';
  readonly project: string;
  readonly branch: string;
  readonly commit: Oid;
  /** `policyDigest` of `.countersign/` at the commit, 64 hex digits without the `sha256:` that stands before it in the text. */
  readonly policy: string;
  readonly introducer: string;
}

export const INTRODUCTION = form<IntroductionStatement>('introduction/v1', {
  type: constant('introduction'),
  project,
  branch,
  commit: oid,
  policy: digest,
  introducer: person,
});
