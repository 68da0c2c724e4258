import { parseOid, type Oid } from '../../src/core/object/id.ts';
import type { HistoryFindings } from '../../src/core/verdict/catalogue/history.ts';
import { DIGEST, EARLIER, HEAD, SSH, STEP, TIP, type Examples } from './example.ts';

const [earlier, head, step, tip] = [id(EARLIER), id(HEAD), id(STEP), id(TIP)];
const branch = 'master';
const name = '26.11';
const url = 'https://github.com/acme/nixpkgs';
const BROKEN = {
  severity: 'error',
  code: 'policy-unknown-key',
  message: '`brunches` is not a key here',
  remedy: null,
  line: 3,
  column: 1,
  length: 8,
} as const;

export const historyExamples: Examples<keyof HistoryFindings> = {
  'introduction-missing': [{ introduction: earlier }],
  'introduction-not-reached': [{ introduction: earlier, to: head }],
  'introduction-policy-differs': [
    { introduction: earlier, expected: DIGEST, found: DIGEST.replace(/^../, '00') },
  ],
  'introduction-project-differs': [
    { introduction: earlier, expected: 'github.com/acme/nixpkgs', found: 'github.com/mallory/nixpkgs' },
  ],
  'introduction-branch-unknown': [{ introduction: earlier, branch, patterns: ['main', 'release-*'] }],
  'introduction-observes': [{ introduction: earlier, branch }],
  'introduction-policy-missing': [{ introduction: earlier }],
  'introduction-policy-invalid': [{ introduction: earlier, diagnostics: [BROKEN] }],
  'history-no-step': [
    { branch, to: head, by: step, tip },
    { branch, to: earlier, by: null, tip },
  ],
  'history-off-branch': [{ branch, to: head, tip }],
  'history-downgrade': [
    { branch, seen: head, to: earlier, here: true },
    { branch, seen: head, to: earlier, here: false },
    { branch, seen: head, to: earlier, here: false, used: true },
  ],
  'history-fork': [{ branch, seen: head, to: step }],
  'downgrade-accepted': [
    {
      detail: `${earlier.slice(0, 10)} is older than ${head.slice(0, 10)}, which you saw on ${branch} before`,
    },
  ],
  'ledger-rewritten': [
    { seen: tip, ledger: step },
    { seen: tip, ledger: null },
  ],
  'ledger-behind': [
    { seen: tip, ledger: step },
    { seen: tip, ledger: null },
  ],
  'freshness-unpinned': [
    { branch, need: 2, pinned: 1, url, file: true },
    { branch, need: 2, pinned: 0, url: null, file: false },
  ],
  'head-stale': [{ branch, head, days: 7, need: 2, have: ['alice'] }],
  'head-vouched-earlier': [{ branch, head, vouched: step, need: 2, days: 7 }],
  'history-ratified': [{ commit: step }],
  'tag-unsigned': [{ tag: tip, name }],
  'tag-signed': [{ tag: tip, name, person: 'alice' }],
  'tag-name-differs': [{ tag: tip, asked: '26.11', name: '26.05' }],
  'tag-signature-refused': [{ tag: tip, name, reason: 'it was not made over these bytes by this key' }],
  'tag-signer-unknown': [{ tag: tip, name, fingerprint: SSH }],
  'memory-ignored': [{ reason: 'its file belongs to another user' }],
  'memory-damaged': [
    { path: '~/.local/state/countersign/history/4f1e….json', url, file: true },
    { path: '~/.local/state/countersign/history/4f1e….json', url: null, file: false },
  ],
};

function id(text: string): Oid {
  const parsed = parseOid(text);
  if (parsed === null) throw new Error(`no object id: ${text}`);
  return parsed;
}
