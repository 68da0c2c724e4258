import { renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, test } from 'vitest';
import { parseIntroduction } from '../../src/core/history/introduction.ts';
import { usePullStage, type PullStage } from './pull-stage.ts';

const use = usePullStage();
let stage: PullStage;
beforeEach(async () => {
  ({ stage } = use);
  await stage.reset();
  await stage.publish(4);
  await stage.must(['fetch', '--quiet']);
});

interface Introduced {
  readonly ok: boolean;
  readonly step?: { readonly state: string; readonly message: string };
  readonly findings: readonly { readonly code: string }[];
}

async function introduce(step: number, ...more: readonly string[]): Promise<Introduced & { code: number }> {
  const { code, out } = await stage.cli('introduce', '--json', '--commit', stage.built.at(step), ...more);
  return { code, ...(JSON.parse(out) as Introduced) };
}

describe('the commit of an introduction is itself', () => {
  test('a step that passes by the policy at its first parent, which is said', async () => {
    const found = await introduce(2);
    expect(found).toMatchObject({ code: 0, ok: true, step: { state: 'proven' }, findings: [] });
    const { err } = await stage.cli('introduce', '--commit', stage.built.at(2));
    const [parent, commit] = [stage.built.at(1), stage.built.at(2)].map((id) => id.slice(0, 10));
    expect(err).toContain(`${commit} itself passes by the policy at its first parent ${parent}`);
    expect(err).not.toMatch(/[0-9a-f]{11}(?![0-9a-f]*,sha256)(?![0-9a-f]*'?$)/m);
  });

  test('one that does not pass: refused, unless it is only to be printed', async () => {
    const refused = await introduce(3);
    expect(refused).toMatchObject({ code: 1, ok: false, findings: [{ code: 'introduction-not-proven' }] });
    const said = await stage.cli('introduce', '--commit', stage.built.at(3));
    expect([said.code, said.out]).toEqual([1, '']);
    expect(said.err).toContain('needs an approval');
    const printed = await stage.cli('introduce', '--commit', stage.built.at(3), '--print');
    expect(printed.code).toBe(0);
    expect(parseIntroduction(printed.out.trim())).toMatchObject({ commit: stage.built.at(3) });
    expect(printed.err).toContain('[introduction-not-proven]');
  });

  test('one that nothing judges, as it has no parent with a policy', async () => {
    const found = await introduce(0);
    expect(found).toMatchObject({ code: 0, step: { state: 'not-judged' } });
    expect(found.findings).toMatchObject([{ code: 'introduction-not-judged' }]);
  });
});

describe('a head that is not proven, for which nothing is signed', () => {
  beforeEach(async () => {
    const key = stage.built.scene.signers.get('alice')?.key;
    await stage.must(['config', 'gpg.format', 'ssh']);
    await stage.must(['config', 'user.signingKey', `key::${key?.kind === 'ssh' ? key.publicKey : ''}`]);
  });

  /** The command of the remedy, as words; it is run as it is told, and says what is wrong with the head. */
  async function told(...args: readonly string[]): Promise<readonly string[]> {
    const { code, err } = await stage.cli('head', '--yes', '--no-fetch', ...args);
    expect(err).toContain('[head-not-proven]');
    expect(code).toBe(1);
    const [, command = ''] = /`countersign (verify [^`]*)`/.exec(err) ?? [];
    const words = command.split(' ').map((word) => word.replace(/^'(.*)'$/, '$1'));
    const verified = await stage.cli(...words);
    expect([verified.code, verified.err]).toEqual([3, '']);
    expect(verified.out).toContain(`The first step that does not hold, ${stage.built.at(3)}`);
    return words.slice(1);
  }

  const about = (): readonly string[] => [stage.built.at(4), '--branch', 'master'];

  test('where the command line says from where on it is trusted, the remedy says it too', async () => {
    const commit = stage.built.at(0);
    const string = (await stage.cli('introduce', '--commit', stage.built.at(2))).out.trim();
    // Nothing else says it.
    rmSync(join(stage.home, '.config'), { recursive: true });
    expect(await told('--introduction', commit)).toEqual([...about(), '--introduction', commit]);
    expect(await told('--introduction', string)).toEqual([...about(), '--introduction', string]);
  });

  test('where a trust file says it, the remedy names that file, or none where it is their own', async () => {
    expect(await told()).toEqual(about());
    const own = join(stage.home, '.config/countersign/trust.yaml');
    const file = join(stage.home, 'company.yaml');
    renameSync(own, file);
    expect(await told('--trust', file)).toEqual([...about(), '--trust', file]);
  });
});
