const SLASH = 0x2f;

/** The names of which a path consists. */
export function splitPath(path: Uint8Array): Uint8Array[] {
  const parts: Uint8Array[] = [];
  let from = 0;
  for (let end = path.indexOf(SLASH); end >= 0; end = path.indexOf(SLASH, from)) {
    parts.push(path.subarray(from, end));
    from = end + 1;
  }
  return [...parts, path.subarray(from)];
}
