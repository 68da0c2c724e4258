import type { IncomingMessage } from 'node:http';

/** GitHub's own cap on payloads. */
export const LARGEST_BODY = 25 * 1024 * 1024;
/** Of all bodies that are being received. Nobody has proven who they are yet. */
const LARGEST_TOTAL = 8 * LARGEST_BODY;

export type Body =
  | { readonly ok: true; readonly bytes: Buffer }
  | { readonly ok: false; readonly status: 400 | 413 | 503; readonly reason: string };

/** Reads bodies within bounds that hold for each and for all of them together. */
export function openBodies(): { read(request: IncomingMessage): Promise<Body> } {
  let held = 0;
  return {
    async read(request) {
      const tooLarge = { ok: false, status: 413, reason: 'the body is larger than 25 MB' } as const;
      if (Number(request.headers['content-length'] ?? 0) > LARGEST_BODY) return tooLarge;
      const parts: Buffer[] = [];
      let length = 0;
      try {
        // Ending the loop early must not end the connection: it still has to carry the answer.
        for await (const part of request.iterator({ destroyOnReturn: false })) {
          if (!Buffer.isBuffer(part)) return { ok: false, status: 400, reason: 'the body cannot be read' };
          length += part.length;
          held += part.length;
          if (length > LARGEST_BODY) return tooLarge;
          if (held > LARGEST_TOTAL) return { ok: false, status: 503, reason: 'too much is being received' };
          parts.push(part);
        }
        return { ok: true, bytes: Buffer.concat(parts, length) };
      } catch {
        return { ok: false, status: 400, reason: 'the connection broke' };
      } finally {
        held -= length;
      }
    },
  };
}
