import { parseOid, type Oid } from '../../src/core/object/id.ts';
import type { HistoryFindings } from '../../src/core/verdict/catalogue/history.ts';
import { DIGEST, EARLIER, HEAD, SSH, STEP, TIP, type Examples } from './example.ts';

const [earlier, head, step, tip] = [id(EARLIER), id(HEAD), id(STEP), id(TIP)];
const branch = 'master';
const name = '26.11';

export const historyExamples: Examples<keyof HistoryFindings> = {
  'introduction-missing': [{ introduction: earlier }],
  'introduction-not-reached': [{ introduction: earlier, to: head }],
  'introduction-policy-differs': [
    { introduction: earlier, expected: DIGEST, found: DIGEST.replace(/^../, '00') },
  ],
  'history-downgrade': [
    { branch, seen: head, to: earlier, here: true },
    { branch, seen: head, to: earlier, here: false },
  ],
  'history-fork': [{ branch, seen: head, to: step }],
  'ledger-rewritten': [
    { seen: tip, ledger: step },
    { seen: tip, ledger: null },
  ],
  'ledger-behind': [
    { seen: tip, ledger: step },
    { seen: tip, ledger: null },
  ],
  'freshness-unpinned': [{ branch, need: 2, pinned: 0 }],
  'head-stale': [{ branch, head, days: 7, need: 2, have: ['alice'] }],
  'head-vouched-earlier': [{ branch, head, vouched: step, need: 2, days: 7 }],
  'history-ratified': [{ commit: step }],
  'tag-unsigned': [{ tag: tip, name }],
  'tag-signed': [{ tag: tip, name, person: 'alice' }],
  'tag-name-differs': [{ tag: tip, asked: '26.11', name: '26.05' }],
  'tag-signature-refused': [{ tag: tip, name, reason: 'it was not made over these bytes by this key' }],
  'tag-signer-unknown': [{ tag: tip, name, fingerprint: SSH }],
  'memory-ignored': [{ reason: 'its file belongs to another user' }],
};

function id(text: string): Oid {
  const parsed = parseOid(text);
  if (parsed === null) throw new Error(`no object id: ${text}`);
  return parsed;
}
