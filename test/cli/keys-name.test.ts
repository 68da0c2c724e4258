import { beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { SshKey } from '../keys/keys.ts';
import { codeOf, policyOf, runCountersign, useKeysStage } from './keys-stage.ts';

const stage = useKeysStage();
const DAVE = `  dave: { keys: [{ openpgp: ${'D'.repeat(40)} }] }\n  carol: { keys: [{ openpgp: ${'C'.repeat(40)} }] }\n`;
let key: SshKey;
beforeAll(async () => {
  key = await stage().keys.makeSshKey('carol');
});
beforeEach(async () => {
  await stage().reset(policyOf(DAVE));
  await stage().put('new.pub', `${key.publicKey}\n`);
});

describe('a name that the policy does not know', () => {
  test.each([
    ['carl', ': did you mean `carol`?'],
    ['Carrol', ': did you mean `carol`?'],
    ['updates', ': did you mean `updater`?'],
    ['bav', ': did you mean `bob` or `dave`?'],
    ['mallory', ''],
  ])('%s is asked about before it is written%s', async (name, hint) => {
    const note = `\`${name}\` is not in the policy yet and would become a new person${hint}\n`;
    const asked = await stage().run('add', name, 'new.pub');
    expect([asked.code, asked.err.startsWith(note)]).toEqual([3, true]);
    await stage().put('proof', await stage().keys.sshSign(key, Buffer.from(asked.out), 'countersign@v1'));
    const dry = await stage().run('add', name, 'new.pub', '--proof', 'proof', '--dry-run');
    expect([dry.code, dry.err.startsWith(note)]).toEqual([0, true]);
    const signed = await stage().run('add', name, `${key.path}.pub`, '--sign', '--dry-run');
    expect([signed.code, signed.err.startsWith(note)]).toEqual([0, true]);
  });

  test('is in JSON too, and not there for a name that it knows', async () => {
    const { out } = await stage().run('add', 'carl', 'new.pub', '--json');
    expect(JSON.parse(out)).toMatchObject({
      result: 'pending',
      kind: 'person',
      format: 'ssh',
      findings: [{ code: 'person-new', remedy: 'did you mean `carol`?' }],
    });
    const known = await stage().run('add', 'updater', 'new.pub', '--json');
    expect(JSON.parse(known.out)).toMatchObject({ kind: 'bot', findings: [] });
  });

  test.each([
    ['Carol', 'policy-name-similar', 'did you mean `carol`?'],
    ['UPDATER', 'policy-name-similar', 'did you mean `updater`?'],
    ['core', 'name-of-group', '`core` is a group'],
    ['Core', 'name-of-group', '`core` is a group'],
  ])('%s is refused: %s', async (name, code, words) => {
    const result = await stage().run('add', name, 'new.pub', '--sign');
    expect([result.code, result.out, codeOf(result.err)]).toEqual([1, '', code]);
    expect(result.err).toContain(words);
    expect(await stage().policy()).toBe(policyOf(DAVE));
  });
});

describe('without a proof', () => {
  test('on a terminal the text stands apart, and the first step is to save it', async () => {
    const { out, err } = await runCountersign(['keys', 'add', 'carol', 'new.pub'], stage().dir, {
      out: true,
      err: true,
    });
    expect(out).toMatch(/^countersign: possession\/v1\n[^]*\nkey: ssh:SHA256:.*\n$/);
    expect(err).toBe(`
nothing is written yet: \`carol\` must show that they hold this key, by a signature over the text above
save the text:
  countersign keys add carol new.pub > possession.txt
send possession.txt to carol; carol runs, where the key is (needs neither Countersign nor the repository):
  ssh-keygen -Y sign -n countersign@v1 -f THE-PRIVATE-KEY possession.txt
and sends back possession.txt.sig; then, here:
  countersign keys add carol new.pub --proof possession.txt.sig
or, if the key is on this machine, all of it at once:
  countersign keys add carol new.pub --sign
`);
  });

  test('in a file it is saved already', async () => {
    const { err } = await stage().run('add', 'carol', 'new.pub');
    expect(err).toMatch(/^nothing is written yet: .* over that text\nsend possession.txt to carol;/);
  });
});
