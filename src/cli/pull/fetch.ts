import { jsonText } from '../../core/report/json.ts';
import { worst, type Outcome } from '../../core/verdict/outcome.ts';
import { readCheckout } from '../../git/worktree.ts';
import { EXIT, type Io } from '../io.ts';
import { answering } from './answering.ts';
import { bring } from './bring.ts';
import type { Brought, BroughtBranch } from './brought.ts';
import { chooseEntries, findPlace, type PullOptions } from './place.ts';
import { branchJson, fetchText } from './words.ts';

export interface FetchOptions extends PullOptions {
  readonly branch?: readonly string[];
}

/** `countersign fetch`: brings trusted branches, each up to the newest commit that is proven. */
export async function fetch(remote: string | undefined, options: FetchOptions, io: Io): Promise<number> {
  return answering('fetch', io, async () => {
    const checkout = await readCheckout(io.path(options.repository));
    const place = await findPlace(remote, options, checkout, io);
    const entries = chooseEntries(place, options.branch ?? null);
    const brought = await bring(place, entries, options, io, (_, result) => Promise.resolve(result));
    if (options.json === true) io.out(`${jsonText(fetchJson(place, brought))}\n`);
    else io.out(fetchText(brought, io.paint));
    return EXIT[worst(brought.branches.map(outcomeOf))];
  });
}

/** Nothing proven is never a pass. */
export function outcomeOf({ accepted, outcome }: BroughtBranch): Outcome {
  if (accepted !== null) return 'pass';
  return outcome === 'pass' ? 'undetermined' : outcome;
}

export function fetchJson(
  { remote, url }: { readonly remote: string; readonly url: string },
  { branches, tags, notes }: Brought,
): Readonly<Record<string, unknown>> {
  return { remote, url, branches: branches.map(branchJson), tags, notes };
}
