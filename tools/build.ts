import { copyFile, rm } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { rolldown } from 'rolldown';

/**
 * `npm run build`: `src` as JavaScript in `dist`, which is what the published `bin` loads. Nearly every command starts by
 * finding a repository, and many go on to signatures; each of these is one file, since a file costs as much to load as
 * much code. What few commands need stays apart. Packages stay packages, but for those that every judgement loads: zod and
 * yaml are 170 files that take longer to find than to run.
 * Names are kept and nothing is made small: what is shipped can be read. Types are checked by `npm run types`.
 */
const root = resolve(import.meta.dirname, '..');
const dist = join(root, 'dist');
const bundled = ['commander', 'yaml', 'zod'];
const build = await rolldown({
  cwd: root,
  input: { main: 'src/cli/main.ts', compiled: 'src/cli/compiled.ts' },
  platform: 'node',
  // The entry is called by `bin`, and never runs by itself.
  transform: { define: { 'import.meta.main': 'false' } },
  external: (id) => !id.startsWith('.') && !id.startsWith('/') && !bundled.includes(id),
});
await rm(dist, { recursive: true, force: true });
await build.write({
  dir: dist,
  // Loads quicker than modules, which are looked up and linked side by side.
  format: 'cjs',
  entryFileNames: 'cli/[name].cjs',
  chunkFileNames: 'parts/[name].cjs',
  codeSplitting: {
    // Each with everything that its modules import and that none before it has.
    groups: [
      {
        name: 'program',
        test: /\/src\/cli\/(?:main|io|keys\/command)\.ts$|\/node_modules\/commander\//,
        priority: 4,
      },
      { name: 'formats', test: /\/node_modules\/(?:yaml|zod)\//, priority: 5 },
      { name: 'repository', test: /\/src\/cli\/log\/command\.ts$/, priority: 3 },
      { name: 'signatures', test: /\/src\/cli\/log\/(?:people|list|keys)\.ts$/, priority: 2 },
      { name: 'judgement', test: /\/src\/cli\/(?:history\/)?verify\.ts$/, priority: 1 },
    ],
  },
});
await build.close();
for (const name of bundled)
  await copyFile(join(root, 'node_modules', name, 'LICENSE'), join(dist, 'parts', `${name}.LICENSE`));
