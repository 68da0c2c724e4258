import type { KeyName } from './people.ts';

/** A line of commits, each signed by somebody. */
export interface Branch {
  readonly name: string;
  readonly count: number;
  /** Parts of a hundred, which sum up to it. */
  readonly signers: Readonly<Partial<Record<KeyName, number>>>;
  /** Keep its commits in memory for measuring, with what `crypto.verify` is to be asked for each. */
  readonly kept: boolean;
}

const RSA_4096_HEAVY = { alice: 45, bob: 45, dave: 4, carol: 6 };
const MIXED = { alice: 15, bob: 10, dave: 10, erin: 15, carol: 20, 'carol-ssh': 20, 'dave-ssh': 10 };
const SSH = { 'carol-ssh': 80, 'dave-ssh': 20 };
/** ECDSA signatures hold a random number: ids differ at each run, here and nowhere else. */
const ECDSA = { frank: 40, mallory: 30, 'frank-ssh': 30 };
const LONG = { carol: 90, erin: 10 };

/** How many commits there are to check: `whole` as the targets say, `quick` for trying the bench itself. */
export type Scale = 'whole' | 'quick';

export function benchBranches(scale: Scale): readonly Branch[] {
  const size = (whole: number): number => (scale === 'whole' ? whole : whole / 10);
  return [
    { name: 'rsa4096', count: size(2000), signers: RSA_4096_HEAVY, kept: true },
    { name: 'mixed', count: size(1000), signers: MIXED, kept: true },
    { name: 'ssh', count: size(1000), signers: SSH, kept: true },
    { name: 'ecdsa', count: size(500), signers: ECDSA, kept: true },
    { name: 'long', count: size(100_000), signers: LONG, kept: false },
  ];
}
