import { parseOid, type Oid } from '../../src/core/object/id.ts';
import type { WrapperFindings } from '../../src/core/verdict/catalogue/wrappers.ts';
import { EARLIER, HEAD, STEP, type Examples } from './example.ts';

const [earlier, head, step] = [id(EARLIER), id(HEAD), id(STEP)];
const branch = 'master';
const computed = 'sha256-LMIMO0arPQv0NJA+m8Qj2VVq9T6plnCCKKspZJwsipc=';
const history = '~/.local/state/countersign/history';
const locked = 'sha256-AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=';

export const wrapperExamples: Examples<keyof WrapperFindings> = {
  'history-ahead': [{ branch, used: head, proven: step, outcome: 'pending' }],
  'flake-rev-missing': [{ name: 'nixpkgs' }],
  'flake-rev-unknown': [{ rev: head, branch }],
  'flake-rev-behind': [{ rev: earlier, newest: step, steps: 12 }],
  'flake-rev-not-proven': [
    { rev: head, branch, newest: step, outcome: 'pending' },
    { rev: head, branch, newest: null, outcome: 'undetermined' },
  ],
  'flake-rev-not-on-branch': [{ rev: head, branch, introduction: earlier }],
  'flake-nar-hash-missing': [{ computed }],
  'flake-nar-hash-differs': [
    { rev: head, locked, computed, tarball: false },
    { rev: head, locked, computed, tarball: true },
  ],
  'flake-nar-hash-replaced': [{ rev: head, locked, computed }],
  'flake-facts-differ': [{ fact: 'lastModified', locked: 4_102_444_800, computed: 1_700_000_000 }],
  'flake-tarball-attributes': [
    {
      path: 'pkgs/.gitattributes',
      line: 3,
      attribute: 'export-subst',
      url: 'https://github.com/acme/nixpkgs',
    },
  ],
  'flake-input-extras': [{ extras: ['submodules'] }],
  'flake-input-disagrees': [
    { detail: '`github:acme/nixpkgs` was asked for, `github:mallory/nixpkgs` is locked' },
  ],
  'flake-input-ambiguous': [{ url: 'https://github.com/acme/nixpkgs', branches: ['master', 'stable'] }],
  'flake-input-unreachable': [{ detail: '`https://github.com/acme/nixpkgs` could not be read' }],
  'flake-branch-assumed': [{ branch }],
  'flake-own-inputs': [{ inputs: ['flake-utils', 'systems'] }],
  'object-format': [{ branch }],
  'memory-not-kept': [
    { why: 'unwritable', folder: history, detail: 'the disk is read-only' },
    { why: 'full', folder: history, detail: 'the disk is full' },
    { why: 'no-place' },
    { why: 'foreign', folder: history },
    { why: 'locked', lock: `${history}/9c1d2e….json.lock` },
    { why: 'contended', path: `${history}/9c1d2e….json` },
    { why: 'overtaken' },
    { why: 'damaged', path: `${history}/9c1d2e….json` },
  ],
};

function id(text: string): Oid {
  const parsed = parseOid(text);
  if (parsed === null) throw new Error(`no object id: ${text}`);
  return parsed;
}
