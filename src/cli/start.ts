import { ConfigurationError, startApp } from '../app/app.ts';
import { clean } from '../core/report/clean.ts';
import { EXIT, type Io } from './io.ts';

/** `countersign start`: runs the GitHub App until it is told to stop. Every problem of the configuration is named at once. */
export async function start(environment: NodeJS.ProcessEnv, io: Pick<Io, 'out' | 'err'>): Promise<number> {
  try {
    const app = await startApp({ environment });
    const told = new Promise<NodeJS.Signals>((resolve) => {
      process.once('SIGINT', resolve).once('SIGTERM', resolve);
    });
    io.err(`countersign listens on ${app.url}, for webhooks at ${app.url}/api/github/webhooks\n`);
    io.err(`countersign stops because of ${await told}\n`);
    await app.stop();
    return 0;
  } catch (error) {
    if (error instanceof ConfigurationError) {
      io.err('countersign start: the configuration cannot be used\n');
      for (const problem of error.problems) io.err(`  ${clean(problem)}\n`);
      return EXIT.usage;
    }
    io.err(`countersign start: ${clean(error instanceof Error ? error.message : 'unknown error')}\n`);
    return 1;
  }
}
