import { afterAll, beforeAll } from 'vitest';
import { openFork, type Fork } from '../fork/fork.ts';

/** One fork for a file of attack tests: alice and carol sign with SSH keys, bob and dave with OpenPGP, mallory is nobody. */
export function useFork(): { readonly fork: Fork } {
  let opened: Fork | null = null;
  beforeAll(async () => {
    opened = await openFork({ alice: 'ssh', bob: 'gpg', carol: 'ssh', dave: 'gpg' });
  });
  afterAll(async () => {
    await opened?.close();
  });
  return {
    get fork() {
      if (opened === null) throw new Error('the fork is not open yet');
      return opened;
    },
  };
}

/** Runs `act` with one more key in the fork that the policy does not know. */
export async function withStranger<T>(fork: Fork, act: () => Promise<T>): Promise<T> {
  fork.people.set('mallory', await fork.keys.makeSshKey('mallory'));
  try {
    return await act();
  } finally {
    fork.people.delete('mallory');
  }
}
