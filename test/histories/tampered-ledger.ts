import type { Oid } from '../../src/core/object/id.ts';
import type { Built } from './build.ts';
import { entryOf, extended, withoutEntries, withTexts } from './edits.ts';
import { honest } from './honest.ts';
import { drop, type TamperedHistory } from './tampered.ts';

const linear = honest('linear');
const merges = honest('merges');
const governed = honest('policy-by-governance');
const adopted = honest('adoption');

/** What people signed was left out, swapped or used for something else. */
export const ledgerTampering: readonly TamperedHistory[] = [
  {
    name: 'dropped-review',
    about: 'the ledger lost the one approval of a step in the middle',
    from: linear,
    tamper: (built) => drop(built, 3, 'alice'),
    expect: { outcome: 'pending', at: 3, codes: ['people-missing', 'approvals-missing'] },
  },
  {
    name: 'dropped-review-of-two',
    about: 'one of two approvals that the policy asks for is gone',
    from: merges,
    tamper: (built) => drop(built, 1, 'dave'),
    expect: { outcome: 'pending', at: 1, codes: ['approvals-missing'] },
  },
  {
    name: 'removed-ledger-entry',
    about: 'a commit on top of the ledger removes an approval',
    from: linear,
    tamper(built) {
      withoutEntries(built, ({ step, by }) => step === 1 && by === 'bob', 'on top');
      return null;
    },
    expect: { outcome: 'pending', at: 1, codes: ['people-missing'] },
  },
  {
    name: 'deleted-ledger',
    about: 'the ledger is gone',
    from: linear,
    tamper({ ledger }) {
      ledger.set(null);
      return null;
    },
    expect: { outcome: 'pending', at: 1, codes: ['people-missing'] },
  },
  {
    name: 'swapped-ledger-entry',
    about: 'under the name and in the folder of an approval lies that of another step',
    from: linear,
    tamper(built) {
      const { ledger } = built;
      const missing = entryOf(built, 1, 'bob');
      const other = entryOf(built, 3, 'alice');
      const files = new Map(
        ledger.entries.flatMap((entry) => {
          const text = entry === missing ? other.text : entry.text;
          return pathsIn(built, entry.text).map((path): [string, string] => [path, text]);
        }),
      );
      ledger.set(ledger.makeOf(files, null));
      return null;
    },
    expect: { outcome: 'pending', at: 1, codes: ['people-missing'] },
  },
  {
    name: 'dropped-adoption',
    about: 'nobody vouches for unsigned commits any more',
    from: adopted,
    tamper: (built) => drop(built, 1, 'alice'),
    expect: { outcome: 'pending', at: 1, codes: ['commit-unsigned'] },
  },
  {
    name: 'dropped-ratification',
    about: 'two of three ratify',
    from: honest('ratified'),
    tamper: (built) => drop(built, 2, 'dave'),
    expect: { outcome: 'pending', at: 2, codes: ['ratification-missing', 'people-missing'] },
  },
  {
    name: 'borrowed-ratification',
    about: 'the ratifications of a step are used for another one with the same tree',
    from: honest('ratified'),
    tamper(built) {
      const again = built.scene.commit({ on: built.at(1), files: {}, message: 'another one' });
      const same = rawLike(built, built.at(2), built.at(1), again);
      return [built.at(0), built.at(1), same];
    },
    expect: { outcome: 'pending', at: 2, codes: ['people-missing', 'commit-unsigned'] },
  },
  {
    name: 'dropped-governance',
    about: 'a change of policy lost one of three of governance',
    from: governed,
    tamper: (built) => drop(built, 3, 'bob'),
    expect: { outcome: 'pending', at: 3, codes: ['governance-missing'] },
  },
  {
    name: 'replay-after-revert',
    about: 'a reviewed change was reverted, and comes back with its old review: row 53',
    from: extended(
      honest('introduction-alone'),
      { by: 'alice', files: { 'pkgs/a.nix': 'bad\n' }, approved: ['bob'] },
      { by: 'carol', files: { 'pkgs/a.nix': null }, approved: ['dave'] },
    ),
    tamper(built) {
      const again = built.scene.commit({ on: built.at(2), files: { 'pkgs/a.nix': 'bad\n' }, as: 'alice' });
      const { text } = entryOf(built, 1, 'bob');
      withTexts(built, [text.replaceAll(built.at(1), again)]);
      return [...built.line, again];
    },
    expect: { outcome: 'pending', at: 3, codes: ['people-missing'] },
  },
  {
    name: 'other-branches-review',
    about: 'the same change was approved for another branch',
    from: {
      ...linear,
      policy: { match: '[master, "release-*"]', merges: '{ github-button: clean }' },
      steps: [{ by: 'alice' }],
    },
    tamper(built) {
      const [base, head] = [built.at(0), built.at(1)];
      withTexts(built, [built.scene.review({ as: 'bob', base, head, branch: 'release-1' })]);
      return null;
    },
    expect: { outcome: 'pending', at: 1, codes: ['people-missing'] },
  },
  {
    name: 'other-projects-review',
    about: 'the same change was approved in another repository',
    from: { ...linear, steps: [{ by: 'alice' }] },
    tamper(built) {
      const [base, head] = [built.at(0), built.at(1)];
      withTexts(built, [built.scene.review({ as: 'bob', base, head, project: 'github.com/evil/nixpkgs' })]);
      return null;
    },
    expect: { outcome: 'pending', at: 1, codes: ['people-missing'] },
  },
];

/** A commit with the tree of one commit, on a parent, in everything else like a third. */
function rawLike({ git, store, scene }: Built, tree: Oid, parent: Oid, like: Oid): Oid {
  const raw = `${git(['cat-file', 'commit', like])}\n`;
  return store.commit(
    Buffer.from(
      raw.replace(/^tree .*$/m, `tree ${scene.treeOf(tree)}`).replace(/^parent .*$/m, `parent ${parent}`),
    ),
  );
}

function pathsIn({ ledger, git }: Built, text: string): readonly string[] {
  const tip = ledger.tips.at(-1) ?? '';
  const id = git(['hash-object', '--stdin'], text);
  return git(['ls-tree', '-r', tip])
    .split('\n')
    .flatMap((line) => (line.includes(id) ? [line.slice(line.indexOf('\t') + 1)] : []));
}
