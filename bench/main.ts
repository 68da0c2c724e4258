import { mkdtempSync, rmSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { benchBranches } from './branches.ts';
import { openGnupgHome } from './gnupg.ts';
import { describeMachine } from './machine.ts';
import { measure } from './measure.ts';
import { judgeHistories, renderHistories } from './history/report.ts';
import { measureHistories } from './history/measure.ts';
import { judgeTargets, mixOf, renderText } from './report.ts';
import { buildRepository } from './repository.ts';
import { Disagreement } from './sample.ts';

/**
 * `npm run bench -- [--quick] [--json]`: builds its repository below the temporary folder, measures, prints, removes it.
 * Exits with 1 only where two ways of checking disagree about signatures: figures are no tests.
 */
const { values } = parseArgs({ options: { quick: { type: 'boolean' }, json: { type: 'boolean' } } });
const scale = values.quick === true ? 'quick' : 'whole';
// Before the first use of libuv's pool, which reads it then; as bin/countersign.js does.
process.env['UV_THREADPOOL_SIZE'] ??= String(Math.max(4, availableParallelism()));

const root = mkdtempSync(join(tmpdir(), 'countersign-bench-'));
try {
  const repository = await buildRepository(root, benchBranches(scale), progress);
  const home = await openGnupgHome(repository.keys);
  try {
    const figures = await measure(repository, home.dir, scale, progress);
    const histories = await measureHistories(join(root, 'histories'), repository.keys, scale, progress);
    const machine = describeMachine();
    if (values.json === true) {
      const branches = figures.branches.map(({ branch: { name, count, bytes, head, signers }, ways }) => {
        return { name, commits: count, bytes, head, mix: mixOf({ signers }), ways };
      });
      const { memory, starts } = figures;
      const targets = [...judgeTargets(figures), ...judgeHistories(histories)];
      const report = { scale, machine, branches, memory, starts, histories, targets };
      process.stdout.write(`${JSON.stringify(report, null, 2)}\n`);
    } else process.stdout.write(renderText(machine, figures, scale) + renderHistories(histories));
  } finally {
    await home.close();
  }
} catch (error) {
  if (!(error instanceof Disagreement)) throw error;
  process.stderr.write(`bench: ${error.message}\n`);
  process.exitCode = 1;
} finally {
  rmSync(root, { recursive: true, force: true });
}

function progress(text: string): void {
  process.stderr.write(`bench: ${text}\n`);
}
