import { styleText } from 'node:util';
import { makeScenes, type Ending, type Narrator } from './scenes.ts';
import { openStage } from './stage.ts';

/** `npm run demo`: plays the scenes; with `--json` prints nothing but their endings. */
const json = process.argv.includes('--json');

function paint(style: Parameters<typeof styleText>[0], text: string): string {
  return process.stdout.isTTY ? styleText(style, text) : text;
}

function makeNarrator(): Narrator {
  let number = 0;
  const write = (text: string): void => {
    if (!json) process.stdout.write(text);
  };
  return {
    scene(title) {
      number += 1;
      write(`\n${paint('bold', `${number}. ${title}`)}\n`);
    },
    say: (text) => {
      write(`   ${text}\n`);
    },
    show: (text) => {
      write(`${text.trimEnd().replaceAll(/^/gm, '     | ')}\n`);
    },
  };
}

const INTRODUCTION = `
Countersign is a check on GitHub that believes nothing that GitHub says about people. A policy file in the repository
lists who the maintainers are and which keys they sign with; the check turns green only when enough of them have signed
for exactly what would land. Here it runs against a stand-in for GitHub on this machine, with real keys made by gpg and
ssh-keygen just now, real git and real HTTP. master asks for two people, one of whom wrote none of the change. In the
end somebody updates, on a machine that believes neither GitHub nor the check.
`;

function table(endings: readonly Ending[]): string {
  const rows = endings.map(({ name, check, conclusion, title }) => [name, check, conclusion, title]);
  const heads = ['scene', 'check', 'conclusion', 'title'];
  const widths = heads.map((head, column) =>
    Math.max(head.length, ...rows.map((row) => row[column]?.length ?? 0)),
  );
  const line = (row: readonly string[]): string =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd();
  return [line(heads), widths.map((width) => '-'.repeat(width)).join('  '), ...rows.map(line)].join('\n');
}

const narrator = makeNarrator();
if (!json) process.stdout.write(INTRODUCTION);
const stage = await openStage({ unsigned: 'adopt', merges: '{ github-button: clean }' });
const endings: Ending[] = [];
try {
  for (const scene of makeScenes()) endings.push(await scene(stage, narrator));
  stage.github.assertClean();
} finally {
  await stage.close();
}
const wrong = endings.filter(({ ok }) => !ok);
if (json) {
  const scenes = endings.map(({ name, check, conclusion, title }) => ({ name, check, conclusion, title }));
  process.stdout.write(`${JSON.stringify({ scenes })}\n`);
} else {
  process.stdout.write(`\n${table(endings)}\n`);
}
for (const { name, conclusion } of wrong)
  process.stderr.write(`not as it should be: ${name} (${conclusion})\n`);
process.exitCode = wrong.length > 0 ? 1 : 0;
