import { request } from '@octokit/request';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { octokitFor, openScene } from './scene.ts';
import type { Scene } from './scene.ts';
import { convertSchema } from './schema/convert.ts';
import { createRestSchemas } from './schema/rest.ts';
import { createWebhookSchemas } from './schema/webhooks.ts';

const where = { owner: 'acme', repo: 'nixpkgs' };

describe('schemas of OpenAPI 3.0', () => {
  const convert = (schema: Parameters<typeof convertSchema>[0]) =>
    convertSchema(schema, 'open', (name) => `#${name}`);

  it('allow null where they are nullable', () => {
    expect(convert({ type: 'string', nullable: true, enum: ['a'] })).toEqual({
      type: ['string', 'null'],
      enum: ['a', null],
    });
    expect(convert({ nullable: true, anyOf: [{ $ref: '#/components/schemas/user' }] })).toEqual({
      anyOf: [{ anyOf: [{ $ref: '#user' }] }, { type: 'null' }],
    });
  });

  it('keep a property whose name is a keyword', () => {
    const schema = { type: 'object', properties: { title: { type: 'string', example: 'x' } } };
    expect(convert(schema)).toEqual({ type: 'object', properties: { title: { type: 'string' } } });
  });
});

describe('answers and payloads of the stand-in', () => {
  it('are held to the description', () => {
    const rest = createRestSchemas();
    const operation = rest.find('GET', '/repos/acme/nixpkgs');
    expect(operation?.params).toEqual(where);
    if (!operation) return;
    expect(rest.responseProblems(operation, 200, { id: 'one' })).not.toEqual([]);
    expect(rest.responseProblems(operation, 201, {})).toEqual(['status 201 is not documented']);
    expect(rest.responseProblems(operation, 404, { message: 'Not Found' })).toEqual([]);
  });

  it('are held to the webhook schemas', () => {
    const webhooks = createWebhookSchemas();
    expect(webhooks.problems('pull_request', 'opened', { action: 'opened' })).not.toEqual([]);
    expect(webhooks.problems('pull_request', 'exploded', {})).toHaveLength(1);
  });

  it('find refs and branches with slashes', () => {
    const rest = createRestSchemas();
    expect(rest.find('GET', '/repos/a/b/git/ref/heads/x/y')?.params['ref']).toBe('heads/x/y');
    expect(rest.find('GET', '/repos/a/b/branches/x%2Fy')?.params['branch']).toBe('x/y');
    expect(rest.find('GET', '/repos/a/b/pulls/7')?.name).toBe(
      'GET /repos/{owner}/{repo}/pulls/{pull_number}',
    );
    expect(rest.find('GET', '/repos/a/b/issues/comments/7')?.name).toBe(
      'GET /repos/{owner}/{repo}/issues/comments/{comment_id}',
    );
  });
});

describe('an invalid request', () => {
  let scene: Scene;
  let ask: typeof request;
  beforeAll(async () => {
    scene = await openScene();
    const authorization = `token ${scene.github.app('countersign').token('acme/nixpkgs')}`;
    ask = request.defaults({ baseUrl: scene.github.apiUrl, headers: { authorization } });
  });
  beforeEach(() => {
    scene.github.violations.length = 0;
  });
  afterAll(() => scene.end());

  async function violationsOf(route: string, parameters: object): Promise<string> {
    await ask(route, { ...where, ...parameters }).catch(() => undefined);
    expect(() => {
      scene.github.assertClean();
    }).toThrow("GitHub's schemas were violated");
    return scene.github.violations.join('\n');
  }

  it.each([
    ['an unknown property', { name: 'x', conclusions: 'success' }, 'unevaluated'],
    [
      'an unknown property further down',
      { name: 'x', output: { title: 't', summary: 's', note: 'n' } },
      'unevaluated',
    ],
    ['a value of the wrong type', { name: 7 }, 'must be string'],
    [
      'a value that is not on the list',
      { name: 'x', status: 'done' },
      'must be equal to one of the allowed values',
    ],
    ['a missing property', {}, "must have required property 'name'"],
  ])('is noted: %s', async (_, body, words) => {
    const violation = await violationsOf('POST /repos/{owner}/{repo}/check-runs', {
      head_sha: scene.base,
      ...body,
    });
    expect(violation).toContain(words);
  });

  it('is noted: an unknown query parameter, and one of the wrong type', async () => {
    expect(await violationsOf('GET /repos/{owner}/{repo}/pulls', { author: 'bob' })).toContain('`author`');
    expect(await violationsOf('GET /repos/{owner}/{repo}/pulls', { per_page: 'many' })).toContain(
      'must be integer',
    );
  });

  it('is noted: an operation that GitHub has not', async () => {
    expect(await violationsOf('GET /repos/{owner}/{repo}/signatures', {})).toContain('no such operation');
  });

  it('is noted: an operation that the stand-in has not', async () => {
    const violation = await violationsOf('GET /repos/{owner}/{repo}/tags', {});
    expect(violation).toContain('does not speak this operation');
  });

  it('is refused, and a valid one is not noted', async () => {
    const octokit = octokitFor(scene.github, scene.github.app('countersign').token('acme/nixpkgs'));
    await octokit.checks.create({ ...where, name: 'x', head_sha: scene.base });
    scene.github.assertClean();
    expect(scene.repository.checkRuns(scene.base).map((run) => run.name)).toEqual(['x']);
  });
});
