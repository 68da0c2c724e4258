import { clean } from '../core/report/clean.ts';
import type { ProofReason } from '../core/signature/proof.ts';
import { reasonInWords, reasonRemedy } from '../core/verdict/catalogue/words.ts';
import type { SetupProblem, SigningSetup } from './setup.ts';
import type { ToolProblem } from './sign.ts';

/** Why nothing was signed, for the person who wanted to sign. */
export interface Trouble {
  readonly code: SetupProblem['code'] | ToolProblem | SshProblem | 'signature-refused';
  /** What is the matter. */
  readonly message: string;
  /** What to do next. */
  readonly next: string;
}

/** What is found out after ssh-keygen failed. */
export type SshProblem = 'key-file-missing' | 'ssh-agent-missing' | 'agent-lacks-key';

const CHOOSE_KEY =
  '`git config --global user.signingkey …` with a fingerprint of `gpg --list-secret-keys`, or for SSH `git config --global gpg.format ssh` and the path of your `.pub` file';

export function setupTrouble(problem: SetupProblem): Trouble {
  const { code } = problem;
  switch (code) {
    case 'git-missing':
      return { code, message: '`git` is not installed, or not in the PATH', next: 'install git' };
    case 'format-unsupported':
      return {
        code,
        message: `git signs with \`${clean(problem.format)}\` here, and a policy knows OpenPGP and SSH keys only`,
        next: '`git config gpg.format openpgp` or `git config gpg.format ssh`, and `user.signingkey` to go with it',
      };
    case 'no-key':
      return { code, message: 'git is set to sign with SSH, but not with which key', next: SSH_KEY };
    case 'key-malformed':
      return {
        code,
        message: `\`user.signingkey\` is \`${clean(problem.key)}\`, which is no public key`,
        next: SSH_KEY,
      };
    case 'key-command-failed':
      return {
        code,
        message: `\`gpg.ssh.defaultKeyCommand\`, \`${clean(problem.command)}\`, did not print a key in its first line`,
        next: `the line must begin with \`ssh-\` or \`key::\`: is your agent running (\`ssh-add -L\`)? Or ${SSH_KEY}`,
      };
  }
}

const SSH_KEY =
  '`git config --global user.signingkey ~/.ssh/id_ed25519.pub`, or `key::` and the public key for one that only your agent has';

export function signingTrouble(code: ToolProblem | SshProblem, setup: SigningSetup): Trouble {
  const program = clean(setup.program);
  const name = nameOf(setup);
  switch (code) {
    case 'tool-missing':
      return {
        code,
        message: `\`${program}\` is not installed, or not in the PATH`,
        next:
          program === 'gpg' || program === 'ssh-keygen'
            ? `install ${program === 'gpg' ? 'GnuPG' : 'OpenSSH'}`
            : `correct \`${setup.format === 'ssh' ? 'gpg.ssh.program' : 'gpg.program'}\` in your git configuration`,
      };
    case 'tool-failed':
      return {
        code,
        message: `\`${program}\` made no signature; what it said stands above`,
        next: 'try again; a security key must be plugged in and touched, and a passphrase typed in time',
      };
    case 'cancelled':
      return {
        code,
        message: 'the question for the passphrase was cancelled',
        next: 'run the same command again',
      };
    case 'passphrase-wrong':
      return { code, message: 'the passphrase or PIN was wrong', next: 'run the same command again' };
    case 'pinentry-missing':
      return {
        code,
        message: '`gpg` could not ask for the passphrase',
        next: '`export GPG_TTY=$(tty)` in this terminal, or install a pinentry; `gpgconf --kill gpg-agent` after a change',
      };
    case 'secret-key-missing':
      return {
        code,
        message: name === null ? '`gpg` has no secret key' : `\`gpg\` has no secret key for \`${name}\``,
        next: CHOOSE_KEY,
      };
    case 'key-unusable':
      return {
        code,
        message: `\`gpg\` cannot sign with \`${name ?? 'its default key'}\`: it may have expired, be revoked, or not be for signing`,
        next: '`gpg --list-secret-keys` says which; prolong it with `gpg --quick-set-expire`, or choose another with `git config user.signingkey`',
      };
    case 'card-missing':
      return {
        code,
        message: 'the card or token with the secret key is not there',
        next: 'plug it in; `gpg --card-status` must show it',
      };
    case 'gpg-agent-missing':
      return { code, message: 'the agent of `gpg` does not answer', next: '`gpgconf --launch gpg-agent`' };
    case 'key-file-missing':
      return { code, message: `there is no key file \`${name}\``, next: SSH_KEY };
    case 'ssh-agent-missing':
      return {
        code,
        message: `no ssh agent answers, and only an agent can sign with \`${name}\``,
        next: 'start one and add the key: `eval $(ssh-agent)`, `ssh-add`; with a running one, `SSH_AUTH_SOCK` must be set here',
      };
    case 'agent-lacks-key':
      return {
        code,
        message: `your ssh agent does not have \`${name}\``,
        next: '`ssh-add` with the private key, `ssh-add -K` for one that lives on a security key; `ssh-add -L` must show it',
      };
  }
}

/** A tool made a signature that would not count. */
export function refusedTrouble(setup: SigningSetup, reason: ProofReason): Trouble {
  return {
    code: 'signature-refused',
    message: `\`${clean(setup.program)}\` made a signature that does not count: ${reasonInWords(reason)}`,
    next: reasonRemedy(reason) ?? 'sign with an ordinary gpg or ssh-keygen',
  };
}

/** What the person would call their key. */
function nameOf(setup: SigningSetup): string | null {
  if (setup.format === 'openpgp') return setup.user === null ? null : clean(setup.user);
  return clean(setup.key.kind === 'file' ? setup.key.path : setup.key.line);
}
