import { readLines, refuseLine, writeLines } from './lines.ts';
import { isPersonName, isProjectName } from './review.ts';

/** What the owner of a key signs with it before it becomes theirs in a policy: the fields of `possession/v1`. */
export interface Possession {
  readonly project: string;
  /** A person's or bot's name in the policy. */
  readonly person: string;
  /** `openpgp:` and the primary key's whole fingerprint in upper case, or `ssh:SHA256:` and unpadded base64. */
  readonly key: string;
}

export type ParsedPossession =
  | { readonly ok: true; readonly possession: Possession }
  | { readonly ok: false; readonly line: number; readonly problem: string };

const TYPE = 'possession/v1';
const FIELDS = ['project', 'person', 'key'] as const;
const KEY = /^(?:openpgp:(?:[0-9A-F]{40}|[0-9A-F]{64})|ssh:SHA256:[A-Za-z0-9+/]{42}[AEIMQUYcgkosw048])$/;

/** The one text that says whose a key is: what is signed, byte for byte. Throws `RangeError` for what has no encoding. */
export function encodePossession(possession: Possession): string {
  const text = writeLines(
    TYPE,
    FIELDS.map((name) => [name, possession[name]] as const),
  );
  const parsed = parsePossession(new TextEncoder().encode(text));
  if (!parsed.ok) throw new RangeError(`line ${parsed.line}: ${parsed.problem}`);
  return text;
}

/** Reads it from exactly the signed bytes. As with every statement there is one encoding, and nothing else parses. */
export function parsePossession(bytes: Uint8Array): ParsedPossession {
  const read = readLines(bytes, TYPE, FIELDS);
  if (!read.ok) return read;
  const { value, rest, refuseAt } = read;
  if (!isProjectName(value('project'))) {
    return refuseAt('project', 'not a project such as `github.com/acme/nixpkgs`');
  }
  if (!isPersonName(value('person'))) return refuseAt('person', 'not the name of a person');
  if (!KEY.test(value('key'))) return refuseAt('key', 'not `openpgp:` or `ssh:` with a whole fingerprint');
  if (rest.length > 0) return refuseLine(FIELDS.length + 2, 'expected the end');
  return {
    ok: true,
    possession: { project: value('project'), person: value('person'), key: value('key') },
  };
}
