import type { ShapeFindings } from '../../src/core/verdict/catalogue/shape.ts';
import { EARLIER, HEAD, STEP, TIP, type Examples } from './example.ts';

export const shapeExamples: Examples<keyof ShapeFindings> = {
  'merge-base-ambiguous': [{ branch: 'master', bases: [TIP, EARLIER] }],
  'history-unrelated': [{ branch: 'master' }],
  'change-empty': [{ branch: 'master' }],
  'first-parent-changed': [{ branch: 'master', from: TIP, to: STEP }],
  'branch-created': [{ branch: 'release-26.11', commit: TIP }],
  'octopus-merge': [{ commit: STEP, parents: 3 }],
  'commit-forged': [{ commit: HEAD }],
  'merge-conflict': [{ branch: 'master', paths: ['pkgs/by-name/he/hello/package.nix'] }],
  'merge-resolution': [{ commit: STEP }],
  'merge-resolution-refused': [{ commit: STEP }],
  'github-merge-refused': [{ commit: STEP }],
  'github-merge-changed': [{ commit: STEP }],
  'path-hostile': [
    { path: 'pkgs/hello\\u{202e}xin.nix', reason: 'control' },
    { path: 'pkgs/hello\\xff.nix', reason: 'not-utf8' },
  ],
  'path-twin': [{ path: 'pkgs/Hello.nix', twin: 'pkgs/hello.nix' }],
};
