import { withSignature } from '../core/object/made.ts';
import { changed, extended } from './edits.ts';
import { honest } from './honest.ts';
import { BACKDOOR, type TamperedHistory } from './tampered.ts';

const linear = honest('linear');
const merges = honest('merges');
const webFlow = honest('web-flow');

/** Who tampers with commits and merges themselves. */
export const commitTampering: readonly TamperedHistory[] = [
  {
    name: 'unsigned-push',
    about: 'a commit that nobody signed was pushed past the check: row 30',
    from: extended(linear, { by: null, files: BACKDOOR }),
    expect: { outcome: 'pending', at: 4, codes: ['commit-unsigned', 'people-missing'] },
  },
  {
    name: 'unreviewed-push',
    about: 'a maintainer pushed alone past the check: row 30',
    from: extended(linear, { by: 'alice', files: BACKDOOR }, { by: 'bob', approved: ['alice'] }),
    expect: { outcome: 'pending', at: 4, codes: ['people-missing', 'approvals-missing'] },
  },
  {
    name: 'stranger',
    about: 'the commit of somebody on nobody’s list, with two approvals',
    from: extended(linear, { by: 'mallory', approved: ['alice', 'bob'] }),
    expect: { outcome: 'pending', at: 4, codes: ['commit-key-unknown'] },
  },
  {
    name: 'borrowed-signature',
    about: 'a commit carries the signature of another one',
    from: linear,
    tamper(built) {
      const raw = Buffer.from(built.git(['cat-file', 'commit', built.at(1)]));
      const armor = /-----BEGIN[\s\S]*END SSH SIGNATURE-----/
        .exec(raw.toString())?.[0]
        .replaceAll('\n ', '\n');
      const plain = built.scene.commit({ on: built.at(-1), files: BACKDOOR });
      const unsigned = Buffer.from(`${built.git(['cat-file', 'commit', plain])}\n`);
      const forged = built.store.commit(withSignature(unsigned, armor ?? ''));
      return [...built.line, forged];
    },
    expect: { outcome: 'fail', at: 4, codes: ['commit-signature-bad'] },
  },
  {
    name: 'forged-web-flow-merge',
    about: "a merge in GitHub's name with a stranger's signature",
    from: extended(webFlow, { by: 'mallory', brings: [{ by: 'alice' }], approved: ['bob'] }),
    expect: { outcome: 'pending', at: 4, codes: ['commit-key-unknown'] },
  },
  {
    name: 'web-flow-merge-with-more',
    about: "GitHub's own signature under content that neither side had",
    from: extended(webFlow, {
      by: 'web-flow',
      brings: [{ by: 'alice' }],
      files: BACKDOOR,
      approved: ['bob', 'carol'],
    }),
    expect: { outcome: 'fail', at: 4, codes: ['github-merge-changed'] },
  },
  {
    name: 'web-flow-merge-unreviewed',
    about: "GitHub's button on what nobody reviewed",
    from: extended(webFlow, { by: 'web-flow', brings: [{ by: 'alice' }] }),
    expect: { outcome: 'pending', at: 4, codes: ['people-missing'] },
  },
  {
    name: 'web-flow-as-author',
    about: "a commit made in GitHub's editor is nobody's, whoever approves it",
    from: extended(webFlow, { by: 'web-flow', approved: ['alice', 'bob'] }),
    expect: { outcome: 'pending', at: 4, codes: ['commit-by-github'] },
  },
  {
    name: 'web-flow-unlisted',
    about: "a key that the policy does not list as GitHub's makes no clean merge",
    from: { ...linear, steps: [{ by: 'web-flow', brings: [{ by: 'alice' }], approved: ['bob'] }] },
    expect: { outcome: 'pending', at: 1, codes: ['commit-key-unknown'] },
  },
  {
    name: 'evil-merge',
    about: 'a maintainer merges reviewed work and adds something of their own: row 20',
    from: changed(merges, 2, { files: BACKDOOR }),
    expect: { outcome: 'pending', at: 2, codes: ['merge-resolution'] },
  },
  {
    name: 'evil-merge-drops',
    about: 'a merge that keeps its own side and drops what was reviewed, `-s ours`',
    from: changed(merges, 2, { files: { 'pkgs/step-2-1.nix': null, 'pkgs/step-2-3.nix': null } }),
    expect: { outcome: 'pending', at: 2, codes: ['merge-resolution'] },
  },
  {
    name: 'bot-outside-of-its-paths',
    about: "the bot's key signs something else, and two maintainers approve it",
    from: extended(honest('bot'), { by: 'updater', files: BACKDOOR, approved: ['alice', 'bob'] }),
    expect: { outcome: 'fail', at: 3, codes: ['commit-outside-paths'] },
  },
  {
    name: 'octopus',
    about: 'a merge of three: row 52',
    from: linear,
    tamper({ scene, at, line }) {
      const [one, two] = ['a', 'b'].map((name) =>
        scene.commit({ on: at(-1), files: { [`pkgs/${name}.nix`]: '1\n' }, as: 'alice' }),
      );
      if (one === undefined || two === undefined) throw new Error('no commits');
      return [...line, scene.commit({ on: [at(-1), one, two], as: 'carol', files: {} })];
    },
    expect: { outcome: 'fail', at: 4, codes: ['octopus-merge'] },
  },
];
