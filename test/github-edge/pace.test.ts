import { beforeEach, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { ForgeFailure, openClient, type Client, type Send } from '../../src/github/client.ts';
import { openPace, type Pace } from '../../src/github/pace.ts';

const MINUTE = 60_000;
const START = 1_000_000;

let clock = START;
/** Sleepers wake in the order of their times, and the clock goes with them. */
let sleeping: { until: number; wake: () => void }[] = [];
const sleep = (milliseconds: number): Promise<void> =>
  new Promise((wake) => {
    sleeping.push({ until: clock + milliseconds, wake });
  });
const wakeAll = async (): Promise<void> => {
  for (;;) {
    await new Promise((resolve) => setImmediate(resolve));
    sleeping.sort((a, b) => a.until - b.until);
    const next = sleeping.shift();
    if (next === undefined) return;
    clock = Math.max(clock, next.until);
    next.wake();
  }
};
const options = { sleep, now: () => clock };
beforeEach(() => {
  clock = START;
  sleeping = [];
});

describe('the pace', () => {
  let pace: Pace;
  beforeEach(() => {
    pace = openPace(options);
  });

  test('lets at most 80 through in any minute, in the order in which they came', async () => {
    const turns: { name: number; at: number }[] = [];
    const waiting = Array.from({ length: 200 }, async (_, name) => {
      expect(await pace.take()).toBeNull();
      turns.push({ name, at: clock });
    });
    await wakeAll();
    await Promise.all(waiting);
    expect(turns.map(({ name }) => name)).toEqual(Array.from({ length: 200 }, (_, name) => name));
    for (const { at } of turns) {
      const within = turns.filter((other) => other.at >= at && other.at < at + MINUTE);
      expect(within.length).toBeLessThanOrEqual(80);
    }
    expect(turns.at(-1)?.at).toBe(START + 2 * MINUTE);
  });

  test('goes on at once where there was a pause', async () => {
    for (let count = 0; count < 80; count += 1) await pace.take();
    clock += MINUTE;
    expect(await pace.take()).toBeNull();
    expect(sleeping).toEqual([]);
  });

  test('keeps no more waiting than it serves in two minutes; others hear when to come again', async () => {
    const all = Array.from({ length: 300 }, () => pace.take());
    await wakeAll();
    const answers = await Promise.all(all);
    expect(answers.filter((answer) => answer === null)).toHaveLength(240);
    expect(new Set(answers.slice(240))).toEqual(new Set([START + 3 * MINUTE]));
  });
});

describe('a client', () => {
  const anything = z.looseObject({});
  let sent: string[] = [];
  let left = 5000;
  const send: Send = (route) => {
    sent.push(route);
    left -= 1;
    const headers = {
      'x-ratelimit-limit': '5000',
      'x-ratelimit-remaining': String(left),
      'x-ratelimit-reset': String(START / 1000 + 600),
    };
    return Promise.resolve({ headers, data: {} });
  };
  let client: Client;
  beforeEach(() => {
    sent = [];
    left = 5000;
    client = openClient({ ...options, send, reserve: 0.1 });
  });

  test('paces what it makes, and nothing else', async () => {
    const all = ['GET /x', 'PATCH /x', 'POST /x'].flatMap((route) =>
      Array.from({ length: 81 }, () => client.request(route, {}, anything)),
    );
    await new Promise((resolve) => setImmediate(resolve));
    expect(sent.filter((route) => route === 'POST /x')).toHaveLength(80);
    expect(sent).toHaveLength(81 + 81 + 80);
    await wakeAll();
    await Promise.all(all);
    expect([sent.length, clock]).toEqual([243, START + MINUTE]);
  });

  test('keeps a tenth of the hour for what takes a green back', async () => {
    left = 501;
    await client.request('GET /x', {}, anything);
    await client.request('GET /x', {}, anything);
    const refused = await client.request('GET /x', {}, anything).catch((error: unknown) => error);
    expect(refused).toBeInstanceOf(ForgeFailure);
    expect(refused).toMatchObject({ status: 429, notBefore: START + 600_000 + 1000 });
    await client.urgent.request('GET /urgent', {}, anything);
    expect(sent).toEqual(['GET /x', 'GET /x', 'GET /urgent']);
    clock = START + 601_001;
    left = 5000;
    await client.request('GET /x', {}, anything);
    expect(sent).toHaveLength(4);
  });

  test('of a person keeps nothing back', async () => {
    left = 2;
    const own = openClient({ ...options, send });
    await own.request('GET /x', {}, anything);
    await own.request('GET /x', {}, anything);
    expect(sent).toHaveLength(2);
  });
});
