const PROJECT = /^[a-z0-9][a-z0-9.:-]{0,252}(?:\/[A-Za-z0-9._-]{1,100}){1,8}$/;
const PERSON = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/;

/** The branch that holds the ledger: an append-only tree of statements, `<type>/<head>/<sha256 of the file>`. */
export const LEDGER_BRANCH = 'countersign/ledger';

/** Whether `text` can be a person's name in a policy and in a statement: 1 to 64 letters, digits, `.`, `_`, `-`. */
export function isPersonName(text: string): boolean {
  return PERSON.test(text);
}

/** Whether `text` can name a project: host, then path, such as `github.com/acme/nixpkgs`. */
export function isProjectName(text: string): boolean {
  return PROJECT.test(text);
}

/**
 * Whether `text` can be a branch's name: what `git check-ref-format --branch` allows, at most 250 characters. `HEAD` is
 * none: `refs/remotes/<remote>/HEAD` is a symbolic ref, and writing to it moves the branch that it points at.
 */
export function isBranchName(text: string): boolean {
  if (text.length === 0 || text.length > 250 || text === '@' || text === 'HEAD' || text.startsWith('-')) {
    return false;
  }
  if (/[\u0000-\u0020\u007f-\u009f\u2028\u2029~^:?*[\\]|\.\.|@\{|\/\/|\.$/.test(text)) return false;
  return text.split('/').every((part) => part.length > 0 && !part.startsWith('.') && !part.endsWith('.lock'));
}
