#!/usr/bin/env node
// Plain JavaScript that any Node can read: what it loads needs a newer one, and would fail without saying why.
var major = Number(process.versions.node.split('.')[0]);
if (!(major >= 24)) {
  process.stderr.write(
    'countersign needs Node.js 24 or newer, this is ' +
      process.versions.node +
      ': install one from nodejs.org\n',
  );
  process.exitCode = 2;
} else {
  process.removeAllListeners('warning');
  // Signatures are verified on libuv's pool, which reads its size at its first use: as many threads as there are cores.
  if (!process.env.UV_THREADPOOL_SIZE) {
    process.env.UV_THREADPOOL_SIZE = String(Math.max(4, require('node:os').availableParallelism()));
  }
  Promise.resolve()
    .then(function () {
      var folder = require('node:path').join(__dirname, '..', 'dist', 'compiled');
      require('../dist/cli/compiled.cjs').keepCompiled(folder);
      return require('../dist/cli/main.cjs').run();
    })
    .catch(function (error) {
      process.stderr.write('countersign: ' + String((error && error.stack) || error) + '\n');
      process.exitCode = 2;
    });
}
