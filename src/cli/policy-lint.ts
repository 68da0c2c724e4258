import { openKeyring } from '../core/identity/certificate.ts';
import { parsePolicy } from '../core/policy/parse.ts';
import { clean } from '../core/report/clean.ts';
import { jsonText } from '../core/report/json.ts';
import { showDiagnostics, type Located } from './diagnostics.ts';
import { EXIT, type Io } from './io.ts';
import { findPolicy, readKeys, readSmall } from './policy-place.ts';
import { rosterDiagnostics } from './roster-diagnostics.ts';

/** `countersign policy lint`: every error with file, line, column, the line itself and a caret under what is wrong. */
export async function lintPolicy(file: string, options: { json?: boolean }, io: Io): Promise<number> {
  const place = await findPolicy(file, io);
  const bytes = place === null ? 'there is no such file' : await readSmall(place.path);
  if (place === null || typeof bytes === 'string') {
    io.err(`countersign policy lint: \`${clean(file)}\` cannot be read: ${String(bytes)}\n`);
    return EXIT.undetermined;
  }
  const text = new TextDecoder().decode(bytes);
  const parsed = parsePolicy(bytes);
  const found: Located[] = (parsed.ok ? parsed.warnings : parsed.diagnostics).map((one) => ({
    ...one,
    file,
  }));
  if (parsed.ok) {
    const { keyring } = await openKeyring(await readKeys(place.keys));
    const where = { file, text, keys: place.shownKeys };
    found.push(...rosterDiagnostics(parsed.policy, keyring, where, Math.floor(Date.now() / 1000)));
  }
  const failed = found.some(({ severity }) => severity === 'error');
  if (options.json === true) io.out(`${jsonText({ ok: !failed, diagnostics: found })}\n`);
  else io.out(showDiagnostics(found, file, text, io.paint));
  return failed ? EXIT.fail : EXIT.pass;
}
