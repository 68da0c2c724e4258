/**
 * How often a property is tried. Mutation testing repeats all of it thousands of times, and a fault that shows at all
 * shows in few runs: `COUNTERSIGN_RUNS=light` asks for those.
 */
export function runs(usual: number): { readonly numRuns: number } {
  return { numRuns: LIGHT ? Math.max(8, Math.ceil(usual / 50)) : usual };
}

export const LIGHT = process.env['COUNTERSIGN_RUNS'] === 'light';
