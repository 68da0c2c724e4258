import { openStore } from '../../src/store/sqlite.ts';

/** Run by processes.test.ts in several processes: leases and does work until none is left, and prints what it did. */
const [path = '', start = '0'] = process.argv.slice(2);
const store = openStore(path);
// All begin at once, however long they took to load.
await new Promise((resolve) => setTimeout(resolve, Math.max(0, Number(start) - Date.now())));
const open = new Set<string>();
for (;;) {
  const lease = store.lease(Date.now(), 60_000);
  if (lease === null) {
    if (store.backlog(Date.now()).nextDue === null) break;
    await new Promise((resolve) => setTimeout(resolve, 5));
    continue;
  }
  if (open.has(lease.key)) throw new Error(`leased twice: ${lease.key}`);
  open.add(lease.key);
  // One in ten fails once. One in seven wants something else while it is being done; what fails wants it when it is tried
  // again, since by then the first one may be done.
  const number = Number(lease.key.split(' ')[1]);
  const fails = number % 10 === 0 && lease.attempts === 0;
  if (!fails && number % 7 === 0 && lease.priority === 0) {
    store.want([{ key: lease.key.replace('work', 'again'), body: '{}', priority: 1 }], Date.now());
  }
  if (fails) store.retry(lease, 0, 'on purpose');
  else store.done(lease);
  open.delete(lease.key);
  process.stdout.write(`${fails ? 'failed' : 'did'} ${lease.key}\n`);
}
store.close();
