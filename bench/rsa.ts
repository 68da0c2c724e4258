import { checkPrimeSync, createPrivateKey } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import type { Seeded } from './seeded.ts';

const EXPONENT = 65537n;

/** An RSA key whose primes come from `source` alone. OpenSSL makes its own only from true chance. */
export function rsaPrivateKey(bits: number, source: Seeded): KeyObject {
  const p = findPrime(bits / 2, source);
  const q = findPrime(bits / 2, source);
  const d = inverse(EXPONENT, (p - 1n) * (q - 1n));
  const parts = {
    n: p * q,
    e: EXPONENT,
    d,
    p,
    q,
    dp: d % (p - 1n),
    dq: d % (q - 1n),
    qi: inverse(q, p),
  };
  const spelled = Object.entries(parts).map(([name, value]) => [name, base64url(value)] as const);
  return createPrivateKey({ key: { kty: 'RSA', ...Object.fromEntries(spelled) }, format: 'jwk' });
}

/** Candidates sieved at a time; the gap between primes of 2048 bits is 1,420 on average. */
const WINDOW = 1 << 14;

function findPrime(bits: number, source: Seeded): bigint {
  // The two highest bits make the product of two such primes exactly twice as long.
  const top = 3n << BigInt(bits - 2);
  for (;;) {
    const start = BigInt(`0x${Buffer.from(source.bytes(bits / 8)).toString('hex')}`) | top | 1n;
    for (const offset of sieve(start)) {
      const candidate = start + BigInt(2 * offset);
      if (candidate % EXPONENT !== 1n && candidate >> BigInt(bits) === 0n && checkPrimeSync(candidate)) {
        return candidate;
      }
    }
  }
}

/** The `i` for which `start + 2 i` has no small factor. */
function* sieve(start: bigint): Generator<number> {
  const composite = new Uint8Array(WINDOW);
  for (const prime of SMALL_PRIMES) {
    const rest = Number(start % BigInt(prime));
    // start + 2 i ≡ 0: i ≡ -rest / 2, and 1/2 is (prime + 1) / 2.
    let at = ((prime - rest) * ((prime + 1) / 2)) % prime;
    for (; at < WINDOW; at += prime) composite[at] = 1;
  }
  for (let offset = 0; offset < WINDOW; offset += 1) if (composite[offset] === 0) yield offset;
}

const SMALL_PRIMES = oddPrimesBelow(1 << 15);

function oddPrimesBelow(limit: number): number[] {
  const composite = new Uint8Array(limit);
  const primes: number[] = [];
  for (let number = 3; number < limit; number += 2) {
    if (composite[number] === 1) continue;
    primes.push(number);
    for (let multiple = number * number; multiple < limit; multiple += number) composite[multiple] = 1;
  }
  return primes;
}

/** Extended Euclid: the x with `a x ≡ 1` modulo `modulus`. */
function inverse(a: bigint, modulus: bigint): bigint {
  let [r, next] = [modulus, a % modulus];
  let [x, nextX] = [0n, 1n];
  while (next !== 0n) {
    const quotient = r / next;
    [r, next] = [next, r - quotient * next];
    [x, nextX] = [nextX, x - quotient * nextX];
  }
  return x < 0n ? x + modulus : x;
}

function base64url(value: bigint): string {
  const hex = value.toString(16);
  return Buffer.from(hex.padStart(hex.length + (hex.length % 2), '0'), 'hex').toString('base64url');
}
