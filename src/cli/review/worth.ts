import type { Item } from './item.ts';
import type { Me } from './me.ts';
import { Refusal, type Remark } from './refusal.ts';

type Act = 'approve' | 'reject' | 'withdraw' | 'adopt';

/**
 * Why what this person would sign could never count, as things stand. `null`: it could. The verdict decides whose word
 * counts for what; this only asks it before somebody unlocks a key.
 */
export function whyIdle(item: Item, { name, keys }: Me, act: Act): Remark | null {
  const revoked = revokedKeys(item);
  const [key] = keys;
  if (key !== undefined && keys.every((one) => revoked.has(one))) {
    return {
      code: 'key-revoked-by-statement',
      message: `yours would not count: a signed statement has revoked your key ${key}`,
      remedy:
        'sign with another key that the policy has for you; a new one comes in with `countersign keys add`',
    };
  }
  if (act !== 'approve') return null;
  const { authors, adopters, behind } = item.verdict.people;
  // Who is not counted as standing behind it yet is so by an approval, as an author too.
  if (!authors.includes(name) || !behind.includes(name)) return null;
  if (adopters.includes(name)) {
    // Where others answer for the same commits, an adopter is counted as an approver.
    if (item.verdict.evidence.some(({ type, signer }) => type === 'adopt' && signer !== name)) return null;
    return idle('you have taken its commits over, and nobody approves what they answer for');
  }
  return idle(
    item.target.kind === 'step' && item.verdict.people.merger === name
      ? 'you signed this change and its merge'
      : 'you signed this change',
  );
}

/** @throws Refusal */
export function refuseIdleWord(item: Item, me: Me, act: Act): void {
  const idleWord = whyIdle(item, me, act);
  if (idleWord !== null) throw new Refusal(idleWord.code, idleWord.message, idleWord.remedy);
}

function idle(why: string): Remark {
  return {
    code: 'would-not-count',
    message: `yours would not count: ${why}`,
    remedy: 'somebody else of the group approves',
  };
}

/** As `revoke/v1` spells them. Of what has landed nothing is stopped, and the verdict says so. */
function revokedKeys({ verdict: { rulings } }: Item): ReadonlySet<string> {
  const found = rulings.flatMap(({ findings }) => findings);
  return new Set(found.flatMap((one) => (one.code === 'key-revoked' ? [one.data.key] : [])));
}
