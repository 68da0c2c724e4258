import { chmodSync, existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Built } from './build.ts';

/**
 * Everything by which a repository can make git, or whoever works in it, start a program: each would write its own name
 * into the canary file.
 */
export interface HostileRepository {
  /** What has run so far; empty: nothing. */
  readonly ran: () => boolean;
  readonly canary: string;
}

const HOOKS = [
  'post-checkout',
  'post-merge',
  'post-index-change',
  'pre-auto-gc',
  'reference-transaction',
  'fsmonitor-watchman',
  'pre-commit',
  'post-rewrite',
  'proc-receive',
  'update',
];

const ATTRIBUTES = '* filter=evil diff=evil merge=evil working-tree-encoding=UTF-16 ident export-subst\n';

export function makeHostile({ dir, git }: Built): HostileRepository {
  const canary = join(dir, 'canary');
  const script = join(dir, 'evil.sh');
  writeFileSync(script, `#!/bin/sh\necho "$0 $*" >> '${canary}'\n`);
  chmodSync(script, 0o755);
  const hooks = join(dir, '.git/hooks');
  mkdirSync(hooks, { recursive: true });
  for (const name of HOOKS) {
    writeFileSync(join(hooks, name), `#!/bin/sh\necho '${name}' >> '${canary}'\n`);
    chmodSync(join(hooks, name), 0o755);
  }
  const ext = `ext::${script} %S`;
  const included = join(dir, '.git/more');
  writeFileSync(included, `[core]\n\tsshCommand = ${script} included\n`);
  const settings: readonly (readonly [string, string])[] = [
    ['core.fsmonitor', script],
    ['core.hooksPath', hooks],
    ['core.sshCommand', script],
    ['core.gitProxy', script],
    ['core.askPass', script],
    ['core.pager', script],
    ['core.editor', script],
    ['core.alternateRefsCommand', script],
    ['core.attributesFile', join(dir, 'attributes')],
    ['core.commitGraph', 'true'],
    ['include.path', included],
    ['pager.log', script],
    ['pager.rev-list', script],
    ['diff.external', script],
    ['diff.evil.textconv', script],
    ['diff.evil.command', script],
    ['filter.evil.clean', script],
    ['filter.evil.smudge', script],
    ['filter.evil.process', script],
    ['filter.evil.required', 'true'],
    ['merge.default', 'evil'],
    ['merge.evil.driver', `${script} %A %O %B`],
    ['merge.directoryRenames', 'true'],
    ['gpg.program', script],
    ['gpg.ssh.program', script],
    ['gpg.ssh.defaultKeyCommand', script],
    ['gpg.ssh.allowedSignersFile', join(dir, 'attributes')],
    ['log.showSignature', 'true'],
    ['credential.helper', `!${script}`],
    ['uploadpack.packObjectsHook', script],
    ['protocol.ext.allow', 'always'],
    ['protocol.allow', 'always'],
    ['remote.origin.url', ext],
    ['remote.origin.uploadpack', script],
    ['remote.origin.promisor', 'true'],
    ['remote.origin.partialclonefilter', 'blob:none'],
    ['extensions.partialClone', 'origin'],
    ['core.repositoryFormatVersion', '1'],
    [`url.${ext}.insteadOf`, 'https://'],
    ['alias.rev-parse', `!${script}`],
    ['alias.cat-file', `!${script}`],
    ['gc.auto', '1'],
    ['trace2.normalTarget', canary],
    ['trace2.eventTarget', canary],
  ];
  for (const [name, value] of settings) git(['config', '--add', name, value]);
  writeFileSync(join(dir, 'attributes'), ATTRIBUTES);
  writeFileSync(join(dir, '.gitattributes'), ATTRIBUTES);
  mkdirSync(join(dir, '.git/info'), { recursive: true });
  writeFileSync(join(dir, '.git/info/attributes'), ATTRIBUTES);
  return { canary, ran: () => existsSync(canary) };
}
