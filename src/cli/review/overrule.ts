import { parseOid, type Oid } from '../../core/object/id.ts';
import { cleanSentence } from '../../core/report/clean.ts';
import { EXIT, type Io } from '../io.ts';
import { draft } from './draft.ts';
import { needReason, reasonOf } from './reason.ts';
import { finish } from './finish.ts';
import { openFindings, type Item } from './item.ts';
import { openChange } from './one.ts';
import { Refusal, runGuarded } from './refusal.ts';
import { isPull } from './subject.ts';
import { needToken, withWorkplace, type WorkOptions } from './workplace.ts';

export interface OverruleOptions extends WorkOptions {
  readonly reason?: string;
}

/**
 * `countersign overrule [PERSON] [PR|REVISION]`: a member of governance sets a signed "no" aside, with a reason that is
 * shown from then on.
 */
export function overrule(wanted: readonly string[], options: OverruleOptions, io: Io): Promise<number> {
  return runGuarded('overrule', options, io, () =>
    withWorkplace(options, io, async (work) => {
      needReason(options.reason, io);
      if (wanted.some(isPull)) needToken(work, options);
      const [first, second] = wanted;
      const alone = second === undefined ? first : second;
      const named = second === undefined ? undefined : first;
      // One word alone is a change, or the person whose "no" to HEAD is meant.
      const isChange = second !== undefined || first === undefined || !(await isPerson(work, first, options));
      const { item, me } = await openChange(work, isChange ? alone : undefined, options);
      const objector = isChange ? named : first;
      const { people, from } = item.policy.governance;
      if (item.policy.groups.get(from)?.has(me.name) !== true) {
        throw new Refusal(
          'not-governance',
          `only members of \`${from}\` overrule, and \`${me.name}\` is none`,
        );
      }
      const objections = objectionsIn(item).filter(
        ({ signer }) => objector === undefined || signer === objector,
      );
      const others = objections.filter(({ signer }) => signer !== me.name);
      if (others.length === 0) throw noObjection(objections.length > 0, objector);
      if (new Set(others.map(({ signer }) => signer)).size > 1) {
        throw new Refusal(
          'objector-unclear',
          `several people have signed a "no": ${[...new Set(others.map(({ signer }) => signer))].join(', ')}`,
          'name one: `countersign overrule PERSON PR --reason TEXT`',
          EXIT.usage,
        );
      }
      if (options.json !== true) {
        for (const { signer, head, notes } of others) {
          const why = notes.length === 0 ? '' : `: ${notes.join('; ')}`;
          io.err(cleanSentence(`${signer} has signed a "no" to ${head.slice(0, 12)}${why}`) + '\n');
        }
      }
      const reason = await reasonOf(options.reason, io);
      const drafts = others.map(({ signer, head, serial }) =>
        draft(item, {
          type: 'overrule',
          project: item.policy.project,
          branch: item.target.branch,
          head,
          objector: signer,
          serial,
          overruler: me.name,
          reason,
        }),
      );
      if (options.json !== true) io.err(`it takes ${people} of \`${from}\` to overrule a "no"\n`);
      return finish(work, me, drafts, options);
    }),
  );
}

interface Objection {
  readonly signer: string;
  readonly head: Oid;
  readonly serial: number;
  readonly notes: readonly string[];
}

/** Every "no" that stands, by the verdict's own word. */
function objectionsIn(item: Item): readonly Objection[] {
  return openFindings(item).flatMap((found) => {
    if (found.code !== 'objection') return [];
    const { signer, serial, notes } = found.data;
    const head = parseOid(found.data.head ?? '');
    return head === null ? [] : [{ signer, head, serial, notes }];
  });
}

async function isPerson(
  work: Parameters<typeof openChange>[0],
  word: string,
  { branch }: WorkOptions,
): Promise<boolean> {
  if (/^#?[0-9]+$/.test(word) || word.includes('/') || parseOid(word) !== null) return false;
  const found = await work.opened.resolve(word).catch(() => null);
  return found === null && branch !== word;
}

function noObjection(own: boolean, objector: string | undefined): Refusal {
  return own
    ? new Refusal('own-objection', 'nobody overrules themselves', 'take it back: `countersign withdraw`')
    : new Refusal(
        'objection-missing',
        `no "no"${objector === undefined ? '' : ` of \`${objector}\``} stands against this change`,
        'is it in a file? Then `--statements FILE`',
      );
}
