import { expect, test } from 'vitest';
import { askHistory } from '../histories/ask.ts';
import type { Built } from '../histories/build.ts';
import { honest } from '../histories/honest.ts';
import { expectProven, expectRefused, expectRefusedAt } from '../histories/refuse.ts';
import { useUser } from '../histories/user.ts';

const user = useUser();
const LINEAR = honest('linear');

function certificateOf({ scene }: Built, name: string): { readonly path: string; readonly text: string } {
  const key = scene.signers.get(name)?.key;
  if (key?.kind !== 'openpgp') throw new Error(`${name} has no OpenPGP key`);
  const text = Buffer.from(key.certificate).toString('latin1');
  return { path: `.countersign/keys/${key.fingerprint}.asc`, text };
}

/** The history with one more step that puts frank's certificate where bob's was, approved by these. */
function replaced(approved: readonly string[]): { built: Built; line: Built['line'] } {
  const built = user.build(LINEAR);
  const files = { [certificateOf(built, 'bob').path]: certificateOf(built, 'frank').text };
  const { commit, entries } = built.extend(built.at(-1), { by: 'alice', files, approved });
  built.ledger.append(entries);
  return { built, line: [...built.line, commit] };
}

test("row 39: another certificate under bob's fingerprint is a change for governance", async () => {
  await expectRefused(user, 'replaced-certificate');
});

test('row 39: and even where governance lets it land, it speaks for nobody', async () => {
  const { built, line } = replaced(['carol', 'dave']);
  await expectProven(user, built, line);
  for (const as of ['frank', 'bob']) {
    // frank signs as bob; and bob's own key has no certificate any more.
    const head = built.scene.commit({
      on: line.at(-1) ?? built.at(0),
      files: { [`pkgs/${as}.nix`]: '1\n' },
      as: 'alice',
    });
    const text = built.scene.review({ as: 'bob', key: as, base: line.at(-1) ?? built.at(0), head });
    built.ledger.append([{ kind: 'other', step: 5, by: 'bob', text }]);
    await expectRefusedAt(user, built, [...line, head], {
      outcome: 'pending',
      at: 5,
      codes: ['people-missing'],
    });
  }
});

test('row 39: what was signed before the replacement stays proven', async () => {
  const { built, line } = replaced(['carol', 'dave']);
  expect(await askHistory({ dir: built.dir, line })).toMatchObject({ outcome: 'pass', proven: 4 });
});
