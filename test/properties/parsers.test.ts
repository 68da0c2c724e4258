import fc from 'fast-check';
import { describe, test } from 'vitest';
import { mutate } from '../../fuzz/mutate.ts';
import { seeded } from '../../fuzz/random.ts';
import { openTargets } from '../../fuzz/targets.ts';
import { runs } from './runs.ts';

const targets = await openTargets();

/** Targets that judge certificates or verify over several payloads take milliseconds for an input. */
const SLOW = ['keyring', 'verify-openpgp', 'verify-armor', 'verify-ssh', 'verify-payload', 'policy'];

/** A header that lies about its length, in every form that a length has. */
const lyingPacket = fc
  .tuple(
    fc.integer({ min: 0x80, max: 0xff }),
    fc.uint8Array({ maxLength: 6 }),
    fc.uint8Array({ maxLength: 40 }),
  )
  .map(([head, length, body]) => Buffer.concat([Uint8Array.of(head), length, body]));

/** RFC 4251 strings whose lengths are right, or are not. */
const wire = fc
  .array(
    fc.tuple(
      fc.oneof(fc.constantFrom('SSHSIG', 'ssh-ed25519', 'git', 'sha512', ''), fc.string({ maxLength: 8 })),
      fc.oneof(
        { weight: 4, arbitrary: fc.constant(null) },
        { weight: 1, arbitrary: fc.integer({ min: 0, max: 0xffffffff }) },
      ),
    ),
    { maxLength: 8 },
  )
  .map((parts) =>
    Buffer.concat(
      parts.map(([text, stated]) => {
        const length = Buffer.alloc(4);
        length.writeUInt32BE(stated ?? text.length);
        return Buffer.concat([length, Buffer.from(text, 'latin1')]);
      }),
    ),
  );

describe.each(targets.map((target) => [target.name, target] as const))('no input of %s', (name, target) => {
  const usual = SLOW.includes(name) ? 200 : 1000;
  const words = target.words.map((word) => Buffer.from(word, 'latin1'));

  test('by changes of real ones, makes it throw anything but its own error or break what must hold', async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 0, max: 0xffffffff }), async (seed) => {
        const random = seeded(seed);
        await target.run(mutate(random.pick(target.seeds), random, target.seeds, words));
      }),
      runs(usual),
    );
  });

  test('by noise, lying lengths or words of the format, makes it do so', async () => {
    const noise = fc.oneof(
      fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes)),
      lyingPacket,
      wire,
      fc.string({ maxLength: 200 }).map((text) => Buffer.from(text)),
      fc
        .array(words.length === 0 ? fc.constant(Buffer.from('\n')) : fc.constantFrom(...words), {
          maxLength: 30,
        })
        .map((parts) => Buffer.concat(parts)),
    );
    await fc.assert(
      fc.asyncProperty(noise, async (bytes) => {
        await target.run(bytes);
      }),
      runs(usual / 2),
    );
  });

  test('of its own seeds does so', async () => {
    for (const seed of target.seeds) await target.run(seed);
  });
});
