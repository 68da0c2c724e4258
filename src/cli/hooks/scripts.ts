/** The hooks of githooks(5) that we write. */
export const HOOKS = ['pre-push', 'post-merge', 'reference-transaction'] as const;
export type HookName = (typeof HOOKS)[number];

/** By this second line a hook is known to be ours, in whichever version. */
const MARK =
  '# countersign hook: written by `countersign hooks install`, removed by `countersign hooks uninstall`';

/** Whether a hook's text is ours. */
export function isOurs(text: string): boolean {
  return text.split('\n', 2)[1] === MARK;
}

/** The first line of what `trusted` reads, beside a trust file of the user's own or without one. */
export function guardTitle(own: boolean): string {
  return `countersign trusted 1 ${own ? 'file' : 'none'}`;
}

/**
 * `trusted NAME` tells whether a branch of this name is in a trust file, without starting anything big: the git directory
 * has one file with a title, the names, an empty line and the very bytes of the trust file that they were taken from. Those
 * are compared byte by byte, since dates say nothing where files are links into a store; `read` leaves the rest of a file to
 * whoever reads next (POSIX, read). It is one file, so that it is whole or is not there: of two, an old list could come to
 * lie beside a new trust file for good. Whatever else is found there counts for nothing, and `countersign hook branches`
 * writes it anew.
 */
const PRELUDE = `
names=
known() {
  found=
  read -r title || return 1
  while read -r one; do
    if [ -n "$one" ]; then
      found="$found$one
"
      continue
    fi
    case $title in
      '${guardTitle(true)}') [ -f "$own" ] && cmp -s - "$own"; return ;;
      '${guardTitle(false)}') [ ! -e "$own" ]; return ;;
    esac
    return 1
  done
  return 1
}
available() {
  command -v countersign >/dev/null 2>&1 && return 0
  echo "countersign: this repository's hook \${0##*/} needs the program countersign, which is not in PATH" >&2
  echo "countersign: without it, nothing can be proven; to give it up, delete the hook $0" >&2
  return 1
}
load() {
  if [ -n "\${GIT_DIR-}" ]; then place=$GIT_DIR
  elif [ -d .git ]; then place=.git
  else place=$(git rev-parse --git-dir </dev/null) || return 1
  fi
  place=$place/countersign
  case \${XDG_CONFIG_HOME-} in
    /*) own=$XDG_CONFIG_HOME/countersign/trust.yaml ;;
    *) own=\${HOME-}/.config/countersign/trust.yaml ;;
  esac
  if [ ! -f "$place/trusted" ] || ! known <"$place/trusted"; then
    available || return 1
    found=$(countersign hook branches </dev/null) || return 1
  fi
  names="
$found
"
}
trusted() {
  [ -n "$names" ] || load || exit 1
  case $names in *"
$1
"*) return 0 ;; esac
  return 1
}
`;

const TEXTS: Readonly<Record<HookName, string>> = {
  'pre-push': `lines=
while read -r from id ref old; do
  case $ref in refs/heads/*) ;; *) continue ;; esac
  trusted "\${ref#refs/heads/}" || continue
  lines="$lines$from $id $ref $old
"
done
[ -n "$lines" ] || exit 0
available || exit 1
printf '%s' "$lines" | countersign hook pre-push -- "$@"
`,
  'post-merge': `ref=$(git symbolic-ref -q HEAD) || exit 0
case " \${COUNTERSIGN_PROVEN-} " in *" $(git rev-parse HEAD)=$ref "*) exit 0 ;; esac
trusted "\${ref#refs/heads/}" || exit 0
available || exit 0
countersign hook post-merge -- "$@"
`,
  'reference-transaction': `[ "\${1-}" = prepared ] || exit 0
lines=
ledgers=
while read -r old new ref; do
  case $ref in
    refs/remotes/*/countersign/ledger)
      ledgers="$ledgers$old $new $ref
"
      continue
      ;;
    refs/heads/* | refs/remotes/*/*) ;;
    *) continue ;;
  esac
  case $new in *[!0]*) ;; *) continue ;; esac
  case " \${COUNTERSIGN_PROVEN-} " in *" $new=$ref "*) continue ;; esac
  case $ref in
    refs/heads/*) trusted "\${ref#refs/heads/}" || continue ;;
    *)
      rest=\${ref#refs/remotes/}
      hit=
      while :; do
        case $rest in */*) rest=\${rest#*/} ;; *) break ;; esac
        if trusted "$rest"; then hit=1; break; fi
      done
      [ -n "$hit" ] || continue
      ;;
  esac
  lines="$lines$old $new $ref
"
done
[ -n "$lines" ] || exit 0
available || exit 1
printf '%s' "$ledgers$lines" | countersign hook reference-transaction -- "$@"
`,
};

/** The whole file of a hook: POSIX sh, so that it costs little wherever nothing concerns a trusted branch. */
export function hookText(name: HookName): string {
  return `#!/bin/sh\n${MARK}${PRELUDE}${TEXTS[name]}`;
}

/** What somebody who has a hook of their own puts at its beginning. Both of those that read lines get them. */
export function linesToAdd(name: HookName): readonly string[] {
  if (name === 'post-merge') return [`countersign hook post-merge -- "$@"`];
  return [
    'lines=$(cat)',
    `printf '%s\\n' "$lines" | countersign hook ${name} -- "$@" || exit 1`,
    `# what follows reads its lines from: printf '%s\\n' "$lines"`,
  ];
}
