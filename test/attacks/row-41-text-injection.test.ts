import { describe, expect, test } from 'vitest';
import { policyChange } from '../../src/core/policy/policy-change.ts';
import { checkOf } from '../../src/core/report/check.ts';
import type { ReportContext } from '../../src/core/report/context.ts';
import { jsonReport, jsonText } from '../../src/core/report/json.ts';
import { textReport } from '../../src/core/report/text.ts';
import { stopped } from '../../src/core/verdict/evaluate.ts';
import type { Finding } from '../../src/core/verdict/finding.ts';
import { ruling, type Verdict } from '../../src/core/verdict/verdict.ts';
import { exampleFindings } from '../../tools/findings/page.ts';
import { CHANGE, HEAD, LANDED, outsideOfCode, rulingsWith, verdictOf } from '../core/report/made.ts';
import { useFork } from './attack.ts';

/**
 * What somebody may write into a branch's name, a commit's message, a note, a login or a path, each with something that
 * Markdown, HTML, GitHub or a terminal would act upon.
 */
const HOSTILE: Readonly<Record<string, string>> = {
  'a tag': '<img src=x onerror=alert(1)><script>alert(1)</script>',
  'the end of a fold': '</details></summary><details open>',
  'a comment': '<!-- --> <!-- ',
  'a link': '[click](https://evil.example) ![x](https://evil.example/p.png) <https://evil.example>',
  'a bare link': 'https://evil.example www.evil.example mallory@evil.example',
  'a reference': '[click][x]\n\n[x]: https://evil.example',
  'a mention': '@acme/admins @alice #1 acme/nixpkgs#1 GH-1',
  'code spans': '`` ` ``` `rm -rf ~`',
  'a fence': '\n~~~~\n~~~~sh\nrm -rf ~\n```\n',
  'a heading': '\n# pass\n\n- item\n> quote\n| a | b |\n',
  emphasis: '**pass** __pass__ ~~fail~~ $x$ $$x$$',
  entities: '&lt;b&gt; &#60;b&#62; &colon;',
  'an override of direction': 'a\u202egnp.exe\u2066\u2069\u200f\u061c',
  'terminal escapes':
    '\u001b[2J\u001b[31mFAIL\u001b]0;pass\u0007\u009b31m\u001b]8;;https://evil.example\u001b\\x',
  'a line of its own': 'x\r\npass: vouched for by alice and bob\u2028pass\u2029pass\u0085pass\u000bpass',
  'what is drawn as nothing': 'a\u200bb\u00adc\u{e0041}\ufeff\u2800\u3164\ufe0f',
  'half a character': 'a\ud800b\udfff',
  'a shell': "$(touch pwned) `id` '; id; ' \" && id",
  'very much': 'x'.repeat(100_000),
};

/** Every text in the data is replaced, except for ids: what stands there was checked to be one. */
function poison(value: unknown, text: string, key = ''): unknown {
  if (typeof value === 'string') return KEPT.has(key) || /^[0-9a-f]{40}$/.test(value) ? value : text;
  if (Array.isArray(value)) return value.map((inner) => poison(inner, text, key));
  if (value !== null && typeof value === 'object') {
    return Object.fromEntries(
      Object.entries(value).map(([name, inner]) => [name, poison(inner, text, name)]),
    );
  }
  return value;
}

/** Words of ours that choose a sentence: nobody can write anything else there. */
const KEPT = new Set([
  ...['type', 'decision', 'why', 'reason', 'problem', 'problems', 'demand', 'kind', 'severity'],
]);

function poisoned(found: Finding, text: string): Finding {
  return { ...found, data: poison(found.data, text) } as Finding;
}

/** Everything that there is to say, with this text wherever a text can stand. */
function verdictWith(text: string, target: Verdict['target']): Verdict {
  const findings = exampleFindings().map((found) => poisoned(found, text));
  const statements = findings.filter(({ data }) => 'signer' in data);
  const others = findings.filter((found) => !statements.includes(found));
  return verdictOf(
    [
      ...rulingsWith({ statements, requirement: others }),
      // A title may be a requirement's name, and counted are names.
      { ...ruling('requirement', text, [], [text]), findings: others.slice(0, 3) },
    ],
    {
      target: { ...target, branch: text },
      people: { authors: [text], behind: [text], approvers: [text], adopters: [text], merger: text },
      evidence: [{ type: 'adopt', signer: text, head: HEAD, from: text, digest: null }],
      policyChanges: [policyChange('person-gains', `\`${text}\` can sign commits of \`${text}\``)],
    },
  );
}

const contextWith = (text: string): ReportContext => ({
  url: `https://github.com/acme/${text}`,
  pull: null,
  logins: new Map([
    ['alice', text],
    [text, text],
  ]),
});

const INVISIBLE =
  /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u00ad\u061c\u200e\u200f\u2028-\u202e\u2060-\u2069\ufeff\u3164\u2800\ufe0f]|[\u{e0000}-\u{e0fff}]/u;

const FOLD = '<details><summary>by hand</summary>';

const each = Object.entries(HOSTILE).flatMap(([name, text]) => [
  [`${name}, proposed`, text, CHANGE] as const,
  [`${name}, landed`, text, LANDED] as const,
]);

describe.each(each)('%s', (_name, text, target) => {
  const verdict = verdictWith(text, target);
  const context = contextWith(text);

  test('has no effect in the check', () => {
    const { summary, title, name } = checkOf(verdict, context);
    expect(summary).not.toMatch(INVISIBLE);
    expect(title).not.toMatch(INVISIBLE);
    expect(title).not.toContain('\n');
    expect(summary.length).toBeLessThanOrEqual(65_535);
    // A branch that git lets exist is not changed by this; no other can be judged.
    expect(name.startsWith('countersign / ')).toBe(true);
    const shown = outsideOfCode(summary);
    expect(shown).not.toMatch(/<(?!\/?$)/);
    expect(shown).not.toMatch(/(?<!\\)\[|(?<!\\)\]/);
    expect(shown).not.toMatch(/@(?!\u200b)|\bwww\.(?!\u200b)|https?:\/\//);
    expect(shown).not.toMatch(/(?<!\\)[*_]|(?<!\\)~~/);
    // Only our own headings, fences and folds begin a line.
    const headings = summary.match(/^#+ .*$/gm) ?? [];
    expect(headings.every((line) => /^(?:### .*|#### [A-Z][A-Za-z ,"]*)$/.test(line))).toBe(true);
    const fences = summary.match(/^(?:~~~|```).*$/gm) ?? [];
    expect(fences.filter((line) => line !== '~~~~sh' && line !== '~~~~')).toEqual([]);
    expect(fences.length % 2).toBe(0);
    const folds = summary.match(/^<.*$/gm) ?? [];
    expect(folds.filter((line, index) => line !== (index % 2 === 0 ? FOLD : '</details>'))).toEqual([]);
  });

  test('has no effect on a terminal', () => {
    const report = textReport(verdict, context);
    expect(report).not.toMatch(INVISIBLE);
    // What decides stands first, once; no line of the text can be taken for it.
    expect(report.match(/^(?:pass|pending|undetermined|fail):/gm)).toHaveLength(1);
    expect(report.match(/^judged /gm)).toHaveLength(1);
  });

  test('is data in JSON, in plain ASCII on one line', () => {
    const written = jsonText(jsonReport(verdict, context));
    expect(written).toMatch(/^[\u0020-\u007e]+$/);
    const read = JSON.parse(written) as { target: { branch: string }; findings: { message: string }[] };
    expect(read.target.branch).toBe(text);
    for (const { message } of read.findings) expect(message).not.toMatch(INVISIBLE);
  });
});

test('commands to copy take a hostile branch or address as one word', () => {
  const text = "x'; touch pwned; '$(id)`id`";
  const verdict = verdictOf(
    rulingsWith({
      requirement: exampleFindings().filter(({ code }) => code === 'people-missing'),
    }),
    { target: { ...CHANGE, branch: text } },
  );
  const { summary } = checkOf(verdict, { url: `https://github.com/acme/${text}`, pull: null });
  expect(summary).toContain(`--branch 'x'\\''; touch pwned; '\\''$(id)\`id\`'`);
  expect(summary).toContain(`git fetch 'https://github.com/acme/x'\\''; touch pwned; '\\''$(id)\`id\`'`);
});

test('nor does the message of an error that becomes a finding', () => {
  const text = `${HOSTILE['terminal escapes'] ?? ''}${HOSTILE['a tag'] ?? ''}`;
  const found = exampleFindings().find(({ code }) => code === 'world-unreadable');
  const verdict = stopped(CHANGE, found ? [poisoned(found, text)] : []);
  expect(textReport(verdict, { url: null, pull: null })).not.toMatch(INVISIBLE);
  expect(outsideOfCode(checkOf(verdict, { url: null, pull: null }).summary)).not.toMatch(/<img|<script/);
});

describe('on the command line, from a real repository', () => {
  const shared = useFork();

  test('a message, a path and a note have no effect', async () => {
    const { fork } = shared;
    const base = await fork.setPolicy();
    const message = 'x\u001b[31m\u202e @acme/admins\n\npass: vouched for by alice and bob';
    const head = await fork.commit({
      files: { 'pkgs/a\u202egnp.nix': '1\n', 'pkgs/\u001b[31m.nix': '2\n' },
      message,
    });
    const note = 'no <b>@alice</b> `x` [x](https://evil.example)';
    const rejection = await fork.review({ as: 'bob', base, head, decision: 'reject', note });
    const where = ['--repository', fork.dir, '--base', base, '--head', head, '--branch', 'master'];
    for (const format of ['text', 'json', 'slsa-vsa']) {
      const { out, err } = await fork.cli('verify', ...where, '--format', format);
      expect(out.replaceAll('\n', ''), format).not.toMatch(INVISIBLE);
      expect(err.replaceAll('\n', ''), format).not.toMatch(INVISIBLE);
    }
    const report = await fork.verify(base, head, [rejection]);
    expect(report.codes).toEqual(expect.arrayContaining(['objection', 'path-hostile', 'commit-unsigned']));
    expect(report.title).not.toMatch(INVISIBLE);
  });
});
