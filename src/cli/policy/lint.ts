import { openKeyring } from '../../core/identity/certificate.ts';
import type { Keyring } from '../../core/identity/keyring.ts';
import { at, placeOf, type PolicyText } from '../../core/policy/document.ts';
import { POLICY_PATH } from '../../core/policy/folder.ts';
import { findLockouts, tellLockout, type Lockout } from '../../core/policy/lockout.ts';
import { parsePolicy } from '../../core/policy/parse.ts';
import type { Policy } from '../../core/policy/policy.ts';
import { clean } from '../../core/report/clean.ts';
import { jsonText } from '../../core/report/json.ts';
import { inOrder, showDiagnostics, type Located } from '../diagnostics.ts';
import { NO_SUCH_FILE } from '../file-problem.ts';
import { EXIT, type Io } from '../io.ts';
import { FIRST_POLICY, findPolicy, NO_POLICY, readKeys } from '../policy-place.ts';
import { readSmall } from '../small-file.ts';
import { rosterDiagnostics } from '../roster-diagnostics.ts';

/** `countersign policy lint`: every error with file, line, column, the line itself and a caret under what is wrong. */
export async function lintPolicy(given: string, options: { json?: boolean }, io: Io): Promise<number> {
  // The default is that of `countersign keys`: the policy of the repository around the current folder.
  const place = await findPolicy(given === POLICY_PATH ? undefined : given, io);
  if (place === null) {
    io.err(`countersign policy lint: ${NO_POLICY} [policy-missing]\n  → ${FIRST_POLICY}\n`);
    return EXIT.undetermined;
  }
  const file = place.shown;
  const bytes = await readSmall(place.path);
  if (typeof bytes === 'string') {
    const remedy = bytes === NO_SUCH_FILE ? `  → ${FIRST_POLICY}\n` : '';
    io.err(
      `countersign policy lint: \`${clean(file)}\` cannot be read: ${bytes} [file-unreadable]\n${remedy}`,
    );
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
    const now = Math.floor(Date.now() / 1000);
    const where = { file, text, keys: place.shownKeys };
    found.push(...rosterDiagnostics(parsed.policy, keyring, where, now));
    if (parsed.text !== null)
      found.push(...lockoutDiagnostics(parsed.policy, keyring, file, parsed.text, now));
  }
  const shown = inOrder(found);
  const failed = found.some(({ severity }) => severity === 'error');
  if (options.json === true) io.out(`${jsonText({ ok: !failed, diagnostics: shown })}\n`);
  else io.out(showDiagnostics(shown, file, text, io.paint));
  return failed ? EXIT.fail : EXIT.pass;
}

/** Warnings of lock-out at their places. What the parser or the keys' own diagnostics say already is not said twice. */
function lockoutDiagnostics(
  policy: Policy,
  keyring: Keyring,
  file: string,
  text: PolicyText,
  now: number,
): Located[] {
  return findLockouts(policy, keyring, now)
    .filter((lockout) => !isKnown(lockout))
    .map((lockout) => {
      const { message, remedy } = tellLockout(lockout);
      const place = placeOf(text, lockout.place, lockout.code === 'lockout-no-key');
      return { ...at(text, place, lockout.code, message, { severity: 'warning', remedy }), file };
    });
}

function isKnown(lockout: Lockout): boolean {
  if (lockout.code === 'lockout-no-key') return lockout.data.keys === 1;
  if (lockout.code !== 'lockout-quorum-tight') return false;
  return lockout.data.kind !== 'signers' && lockout.data.usable.length === lockout.data.members;
}
