import { columns, seconds, thousands, timeOf, type Target } from '../report.ts';
import { HISTORY_WAY, type HistoryFigures } from './measure.ts';

/** The project's targets for proving histories. */
export function judgeHistories({ linear, fork, sizes }: HistoryFigures): Target[] {
  const faster = timeOf(linear.ways, HISTORY_WAY.git) / timeOf(linear.ways, HISTORY_WAY.whole);
  const next = timeOf(linear.ways, HISTORY_WAY.next);
  // A repository of more files has more folders, not larger ones: the last, of large folders, is for comparison.
  const alike = sizes.slice(0, -1).map(({ stepUs }) => stepUs);
  const spread = Math.max(...alike) / Math.min(...alike);
  return [
    {
      name: `history of ${thousands(linear.steps)} steps: countersign verify against git log with gpg, start included`,
      target: 'at least 20 times as fast',
      measured: `${faster.toFixed(1)} times`,
      met: faster >= 20,
    },
    {
      name: 'a second verification after one new step',
      target: 'under 300 ms',
      measured: seconds(next),
      met: next < 300,
    },
    {
      name: `a fork of ${thousands(fork.commits)} commits and ${thousands(fork.steps)} merges`,
      target: 'under 60 s and 500 MB',
      measured: `${seconds(fork.ms)}, ${fork.treeMB === null ? 'memory not known' : `${fork.treeMB.toFixed(0)} MB`}`,
      met: fork.ms < 60_000 && (fork.treeMB ?? Infinity) < 500,
    },
    {
      name: 'cost of a step in a repository of 1,000 to 100,000 files',
      target: 'the same within a factor of 2',
      measured: sizes.map(shownSize).join(', '),
      met: spread < 2,
    },
  ];
}

function shownSize({ files, inFolder, stepUs }: HistoryFigures['sizes'][number]): string {
  return `${thousands(files)} (${inFolder} in a folder): ${stepUs.toFixed(0)} µs`;
}

export function renderHistories(figures: HistoryFigures): string {
  const { linear } = figures;
  const git = timeOf(linear.ways, HISTORY_WAY.git);
  return [
    '',
    `histories: ${thousands(linear.steps)} steps of one commit each`,
    ...columns([
      ['', 'good', 'median', 'against git', 'runs'],
      ...linear.ways.map(({ name, good, medianMs, runs }) => [
        name,
        thousands(good),
        seconds(medianMs),
        `${(git / medianMs).toFixed(1)} x`,
        String(runs.length),
      ]),
    ]),
    '',
    ...columns(
      judgeHistories(figures).map(({ name, target, measured, met }) => [
        name,
        target,
        measured,
        met ? 'met' : 'NOT MET',
      ]),
    ),
    '',
  ].join('\n');
}
