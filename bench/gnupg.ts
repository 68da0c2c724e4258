import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runTool } from './tool.ts';

/** A GNUPGHOME that holds the certificates of a folder. */
export interface GnupgHome {
  readonly dir: string;
  /** Ends whatever gpg has started there, and removes it. */
  close(): Promise<void>;
}

/** The path is short, since gpg's sockets lie in it. */
export async function openGnupgHome(keys: string): Promise<GnupgHome> {
  const dir = mkdtempSync(join(tmpdir(), 'csb-'));
  const home = {
    dir,
    async close() {
      await runTool('gpgconf', ['--homedir', dir, '--kill', 'all'], { cwd: dir });
      rmSync(dir, { recursive: true, force: true });
    },
  };
  try {
    const files = readdirSync(keys).filter((name) => name.endsWith('.asc'));
    await runTool('gpg', ['--homedir', dir, '--batch', '--quiet', '--import', ...files], { cwd: keys });
    await runTool('gpg', ['--homedir', dir, '--batch', '--quiet', '--check-trustdb'], { cwd: keys });
    return home;
  } catch (error) {
    await home.close();
    throw error;
  }
}
