import { describe, expect, test } from 'vitest';
import { useFork } from './attack.ts';

const shared = useFork();

/** Ways to post one signed statement that change no signed byte. */
const TEXTS: readonly (readonly [string, (statement: string) => string])[] = [
  ['as it is', (statement) => statement],
  ['with CR LF', (statement) => statement.replaceAll('\n', '\r\n')],
  ['with trailing blanks', (statement) => statement.replaceAll('\n', ' \t\n')],
  ['with non-breaking blanks', (statement) => statement.replaceAll(' ', '\u00a0')],
  ['quoted', (statement) => statement.replaceAll(/^/gm, '> ')],
  ['in a fenced block', (statement) => `Fine.\n\n\`\`\`text\n${statement}\`\`\`\n`],
  ['with a comment in its armor', (statement) => header(statement, 'Comment: again')],
  ['with other headers in its armor', (statement) => header(statement, 'Version: 2\nComment: and again')],
  ['with its armor in short lines', (statement) => rewrap(statement)],
];

/** RFC 9580 section 6.2.2: headers of an armor, which nothing signs. SSH armor has none. */
function header(statement: string, lines: string): string {
  return statement.replace('-----BEGIN PGP SIGNATURE-----\n', `-----BEGIN PGP SIGNATURE-----\n${lines}\n`);
}

function rewrap(statement: string): string {
  const start = statement.indexOf('-----BEGIN ');
  const armor = statement
    .slice(start)
    .replace(/^[A-Za-z0-9+/]{41,}$/gm, (line) => line.replaceAll(/.{40}/g, '$&\n'));
  return statement.slice(0, start) + armor.replaceAll(/\n\n(?=[^-\n]*\n-|-)/g, '\n');
}

describe.each(['carol', 'bob'])('row 38: one statement of %s', (name) => {
  test('posted again in whatever dress is one statement of one person', async () => {
    const { fork } = shared;
    const base = await fork.setPolicy({
      require: ['{ name: everything, people: 3, approvals: 2, from: maintainers }'],
    });
    const head = await fork.commit({ files: { 'pkgs/a.nix': '1\n' }, as: 'alice', on: base });
    const statement = await fork.review({ as: name, base, head });
    for (const [, dress] of TEXTS) {
      // Each of them counts alone: what follows is no accident of a text that was not understood.
      const alone = await fork.verify(base, head, [dress(statement)]);
      expect([alone.people.approvers, alone.outcome]).toEqual([[name], 'pending']);
    }
    const all = TEXTS.map(([, dress]) => dress(statement));
    for (const posted of [all, [all.join('\n')], [...all, ...all]]) {
      const report = await fork.verify(base, head, posted);
      expect(report.outcome).toBe('pending');
      expect(report.people.approvers).toEqual([name]);
    }
  });

  test('signed again, with another serial, is one person still', async () => {
    const { fork } = shared;
    const base = await fork.setPolicy({
      require: ['{ name: everything, people: 3, approvals: 2, from: maintainers }'],
    });
    const head = await fork.commit({ files: { 'pkgs/a.nix': '1\n' }, as: 'alice', on: base });
    const reviews = [
      await fork.review({ as: name, base, head }),
      await fork.review({ as: name, base, head }),
      await fork.review({ as: name, base, head, serial: 2 }),
      await fork.review({ as: name, base, head, serial: 2, note: 'again' }),
      ...(name === 'bob' ? [await fork.review({ as: name, base, head, form: 'cleartext' as const })] : []),
    ];
    const report = await fork.verify(base, head, reviews);
    expect([report.people.approvers, report.outcome]).toEqual([[name], 'pending']);
    const other = await fork.review({ as: 'dave', base, head });
    expect((await fork.verify(base, head, [...reviews, other])).outcome).toBe('pass');
  });
});
