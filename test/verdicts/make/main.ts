import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { format, resolveConfig } from 'prettier';
import type { Facts } from '../../../src/core/facts/facts.ts';
import { encodeFacts, parseFacts } from '../../../src/core/facts/json.ts';
import { decide } from '../../../src/judge.ts';
import { expectedOf, summaryOf } from './case.ts';
import { cases } from './cases.ts';
import { gatherScene } from './gathering.ts';
import { reportOf } from './report.ts';

/**
 * Makes the folders of the verdict cases:
 *
 *     node test/verdicts/make/main.ts [CASE…]             facts, expectation and report
 *     node test/verdicts/make/main.ts --update [CASE…]    expectation and report, from the facts that are there
 *
 * What is expected is what the case's declaration says; a verdict that differs is reported, and written nowhere.
 */
async function main(): Promise<void> {
  const { values, positionals } = parseArgs({
    options: { update: { type: 'boolean' } },
    allowPositionals: true,
  });
  const chosen = cases.filter(({ name }) => positionals.length === 0 || positionals.includes(name));
  for (const one of chosen) {
    const folder = new URL(`../${one.name}/`, import.meta.url);
    const facts = values.update ? readFacts(folder) : await gatherScene(one.make, one.people);
    const verdict = await decide(facts);
    mkdirSync(folder, { recursive: true });
    if (!values.update) writeFileSync(new URL('facts.json', folder), await pretty(encodeFacts(facts)));
    writeFileSync(new URL('expected.json', folder), await pretty(JSON.stringify(expectedOf(one))));
    writeFileSync(new URL('report.txt', folder), reportOf(one, verdict));
    const [is, wanted] = [summaryOf(verdict), expectedOf(one)].map((value) => JSON.stringify(value, null, 1));
    if (is !== wanted) console.log(`${one.name} is not as declared:\n${is ?? ''}\n`);
  }
}

function readFacts(folder: URL): Facts {
  return parseFacts(readFileSync(new URL('facts.json', folder), 'utf8'));
}

async function pretty(json: string): Promise<string> {
  const config = await resolveConfig(import.meta.filename);
  return format(json, { ...config, parser: 'json' });
}

await main();
