import { describe, expect, test } from 'vitest';
import { extractStatements } from '../../../src/core/statement/extract.ts';

const STATEMENT = 'countersign: review/v1\nproject: p\nserial: 1\n';
const ARMOR = '-----BEGIN SSH SIGNATURE-----\nAAAA\nBBBB\n-----END SSH SIGNATURE-----\n';
const CLEAR = `-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA512\n\n${STATEMENT}-----BEGIN PGP SIGNATURE-----\n\nAAAA\n-----END PGP SIGNATURE-----\n`;

function extract(text: string): { texts: string[]; armors: string[]; forms: string[]; problems: string[] } {
  const { signed, broken } = extractStatements({ from: 'test', text });
  const decode = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);
  return {
    texts: signed.map((one) => decode(one.text)),
    armors: signed.map((one) => decode(one.armor)),
    forms: signed.map((one) => one.form),
    problems: broken.map(({ line, problem }) => `${line} ${problem}`),
  };
}

const ONE = { texts: [STATEMENT], armors: [ARMOR], forms: ['detached'], problems: [] };

describe('statements in comments', () => {
  test.each([
    ['as it was printed', STATEMENT + ARMOR],
    ['in a fenced block', `Looks good!\n\n\`\`\`\n${STATEMENT}${ARMOR}\`\`\`\nThanks`],
    ['with the line ends of a web form', (STATEMENT + ARMOR).replaceAll('\n', '\r\n')],
    ['with trailing blanks', (STATEMENT + ARMOR).replaceAll('\n', '  \n')],
    ['quoted in a reply', (STATEMENT + ARMOR).replaceAll(/^/gm, '> ')],
    ['indented in a list', (STATEMENT + ARMOR).replaceAll(/^/gm, '    ')],
    ['without the last line end', (STATEMENT + ARMOR).trimEnd()],
    ['text and signature in two blocks', `\`\`\`\n${STATEMENT}\`\`\`\n\n\`\`\`\n${ARMOR}\`\`\``],
  ])('%s, it is the same bytes', (_name, text) => {
    expect(extract(text)).toEqual(ONE);
  });

  test('a clear-signed frame gives the framed bytes', () => {
    const found = extract(CLEAR);
    expect(found.texts).toEqual([STATEMENT]);
    expect(found.forms).toEqual(['cleartext']);
    expect(found.armors[0]).toContain('BEGIN PGP SIGNATURE');
  });

  test('dash-escaped lines are unescaped', () => {
    expect(extract(CLEAR.replace('serial: 1\n', 'serial: 1\n- -x\n')).texts[0]).toContain('\n-x\n');
  });

  test('several in one comment are all found', () => {
    expect(extract(STATEMENT + ARMOR + CLEAR + STATEMENT + ARMOR).forms).toEqual([
      'detached',
      'cleartext',
      'detached',
    ]);
  });

  test.each([
    ['a statement without signature', STATEMENT, '1 signature-missing'],
    ['a signature that ends too early', STATEMENT + ARMOR.slice(0, 40), '1 armor-cut'],
    ['a signature without statement', `hello\n${ARMOR}`, '2 text-missing'],
    ['another armor inside the armor', `${STATEMENT}-----BEGIN SSH SIGNATURE-----\n${ARMOR}`, '1 armor-cut'],
    // Found by a property as a loop without an end.
    ['a frame that ends in its headers', '-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA512', '1 armor-cut'],
    ['a frame that is its first line', '-----BEGIN PGP SIGNED MESSAGE-----', '1 armor-cut'],
    ['a frame without signature', '-----BEGIN PGP SIGNED MESSAGE-----\n\nx\n', '1 armor-cut'],
    ['more than a megabyte', 'x'.repeat(1_048_577), '1 too-large'],
  ])('%s is reported with its line', (_name, text, problem) => {
    const found = extract(text);
    expect(found.texts).toEqual([]);
    expect(found.problems).toContain(problem);
  });

  test('what was begun and not finished hides nothing that comes after it', () => {
    for (const begun of [
      '-----BEGIN PGP SIGNED MESSAGE-----\n',
      '-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA512\n\ncountersign: review/v1\n',
      'countersign: review/v1\nproject: p\n\n',
      '-----BEGIN PGP SIGNATURE-----\nAAAA\n',
      `\n${ARMOR.slice(0, 40)}\n`,
    ]) {
      expect(extract(`${begun}${CLEAR}${STATEMENT}${ARMOR}`).forms).toEqual(['cleartext', 'detached']);
    }
  });

  test('other texts that people sign are passed over', () => {
    const other = CLEAR.replace(STATEMENT, 'Hello,\ncountersign: review/v1\n');
    expect(extract(other + STATEMENT + ARMOR)).toEqual(ONE);
  });

  test('several statements under one signature are one text', () => {
    expect(extract(STATEMENT + STATEMENT + ARMOR).texts).toEqual([STATEMENT + STATEMENT]);
    expect(extract(CLEAR.replace(STATEMENT, STATEMENT + STATEMENT)).texts).toEqual([STATEMENT + STATEMENT]);
  });

  test('a flood of frames is cut', () => {
    const found = extract('-----BEGIN PGP SIGNED MESSAGE-----\n'.repeat(20_000));
    expect(found.problems.length).toBeLessThanOrEqual(513);
    expect(found.problems.at(-1)).toContain('too-many');
  });
});
