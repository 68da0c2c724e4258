import type { BrokenTrust } from '../../trust/find.ts';
import { showDiagnostics } from '../diagnostics.ts';
import type { Io } from '../io.ts';

/** A trust file's errors, each with its line and a caret. */
export function brokenTrustText({ file, text, diagnostics }: BrokenTrust, io: Io): string {
  return showDiagnostics(
    diagnostics.map((one) => ({ ...one, file })),
    file,
    text,
    io.paint,
  );
}
