/** Opaque to clients, as GitHub's. */
export function nodeId(kind: string, id: number): string {
  return Buffer.from(`${kind}${id}`).toString('base64url');
}

/** GitHub prints whole seconds. */
export function instant(date: Date): string {
  return date.toISOString().replace(/\.\d{3}Z$/, 'Z');
}
