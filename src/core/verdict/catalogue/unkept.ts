import type { Entry } from './entry.ts';

/** Why what was proven is not remembered. */
export type Unkept =
  | { readonly why: 'no-place' }
  /** `detail`: what the operating system said, to stand in brackets. */
  | { readonly why: 'unwritable' | 'full'; readonly folder: string; readonly detail: string }
  | { readonly why: 'foreign'; readonly folder: string }
  /** `lock`: the folder that stands for it; it did not become free while we waited. */
  | { readonly why: 'locked'; readonly lock: string }
  /** Others wrote it between each reading and writing of ours. */
  | { readonly why: 'contended'; readonly path: string }
  /** What another process has remembered meanwhile does not lead to what this one has proven. */
  | { readonly why: 'overtaken' }
  | { readonly why: 'damaged'; readonly path: string };

export interface UnkeptFindings {
  'memory-not-kept': Unkept;
}

const OLDER = '; without it, an older state could be served next time';

/** Where somebody else's state is kept, or the next run stops, none could be. */
const NEXT_TIME: Readonly<Record<Unkept['why'], string>> = {
  'no-place': OLDER,
  unwritable: OLDER,
  full: OLDER,
  foreign: OLDER,
  locked: OLDER,
  contended: '',
  overtaken: '',
  damaged: '',
};

const ANOTHER_PLACE = 'let XDG_STATE_HOME name one that is and that stays from one run to the next';

export const unkeptFindings: { readonly [C in keyof UnkeptFindings]: Entry<UnkeptFindings[C]> } = {
  'memory-not-kept': {
    outcome: 'pass',
    cause: (data) => `proven, but not remembered: ${reasonOf(data)}${NEXT_TIME[data.why]}`,
    remedy: remedyFor,
  },
};

function reasonOf(data: Unkept): string {
  switch (data.why) {
    case 'no-place':
      return 'neither XDG_STATE_HOME nor HOME is set, so there is no place for it';
    case 'unwritable':
    case 'full':
      return `\`${data.folder}\` cannot be written (${data.detail})`;
    case 'foreign':
      return `\`${data.folder}\` belongs to another user`;
    case 'locked':
      return `another process keeps \`${data.lock}\``;
    case 'contended':
      return `other commands write \`${data.path}\` all the time`;
    case 'overtaken':
      return 'another command has meanwhile remembered a state that this one does not go on from';
    case 'damaged':
      return `\`${data.path}\` cannot be read any more`;
  }
}

function remedyFor(data: Unkept): readonly string[] {
  switch (data.why) {
    case 'no-place':
      return ['let XDG_STATE_HOME name a folder that can be written and that stays from one run to the next'];
    case 'unwritable':
      return [`make that folder writable, or ${ANOTHER_PLACE}`];
    case 'full':
      return ['make room there, then run this again'];
    case 'foreign':
      return [
        'let XDG_STATE_HOME name a folder of your own; where `sudo` made this one, give it back to yourself with `chown`',
      ];
    case 'locked':
      return [
        'wait for the other countersign command, or end it where it hangs; then run this again',
        'if there is none, remove that lock: it is a folder with an empty file in it',
      ];
    case 'contended':
      return ['run this again once they are done'];
    case 'overtaken':
      return ['run this again: it starts from that state, or says what is wrong'];
    case 'damaged':
      return ['run this again: it stops there, and says how to drop it'];
  }
}
