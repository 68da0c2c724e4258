import { isObject, objectAt, objectsAt, textAt } from '../json.ts';
import type { Json, JsonObject } from '../json.ts';
import { dereference, readDescription } from './description.ts';
import { createValidator } from './validator.ts';
import type { Validator } from './validator.ts';

/** An operation of GitHub's description, found for a request. `params` are decoded. */
export interface Operation {
  /** `GET /repos/{owner}/{repo}` */
  name: string;
  params: Record<string, string>;
  description: JsonObject;
}

interface Template {
  template: string;
  pattern: RegExp;
  names: string[];
  item: JsonObject;
}

/** GitHub answers any operation with these, listed or not (docs: troubleshooting the REST API, rate limits). */
const generalErrors = new Set([401, 403, 404, 422, 429, 500, 502, 503]);

export interface RestSchemas {
  find(method: string, path: string): Operation | undefined;
  /** Problems of path parameters, query and body. */
  requestProblems(operation: Operation, query: URLSearchParams, body: Json | undefined): string[];
  responseProblems(operation: Operation, status: number, body: Json | undefined): string[];
}

export function createRestSchemas(): RestSchemas {
  let loaded:
    { document: JsonObject; templates: Template[]; validator: Validator; coercing: Validator } | undefined;
  function load(): NonNullable<typeof loaded> {
    if (loaded) return loaded;
    const document = readDescription('@octokit/openapi');
    const components = objectAt(objectAt(document, 'components') ?? {}, 'schemas') ?? {};
    const templates = Object.entries(objectAt(document, 'paths') ?? {})
      .map(([template, item]) => parseTemplate(template, isObject(item) ? item : {}))
      .sort((a, b) => a.names.length - b.names.length || b.template.length - a.template.length);
    loaded = {
      document,
      templates,
      validator: createValidator(components),
      coercing: createValidator(components, true),
    };
    return loaded;
  }

  return {
    find(method, path) {
      for (const { template, pattern, names, item } of load().templates) {
        const description = objectAt(item, method.toLowerCase());
        const match = description ? pattern.exec(path) : null;
        if (!description || !match) continue;
        const params = Object.fromEntries(
          names.map((name, i) => [name, decodeURIComponent(match[i + 1] ?? '')]),
        );
        return { name: `${method} ${template}`, params, description };
      }
      return undefined;
    },
    requestProblems(operation, query, body) {
      const { document, validator, coercing } = load();
      const parameters = objectsAt(operation.description, 'parameters').map((p) => dereference(document, p));
      const problems = parameterProblems(operation, parameters, query, coercing);
      const request = objectAt(operation.description, 'requestBody');
      const schema = request ? contentSchema(dereference(document, request)) : undefined;
      if (body !== undefined && schema !== undefined) {
        problems.push(
          ...validator.problems(`${operation.name} body`, schema, body, 'closed').map((p) => `body: ${p}`),
        );
      } else if (body !== undefined && !(isObject(body) && Object.keys(body).length === 0)) {
        problems.push('body: the operation takes none');
      } else if (body === undefined && request?.['required'] === true) {
        problems.push('body: missing');
      }
      return problems;
    },
    responseProblems(operation, status, body) {
      const { document, validator } = load();
      const listed = objectAt(objectAt(operation.description, 'responses') ?? {}, String(status));
      if (!listed) {
        if (status === 304) return [];
        if (!generalErrors.has(status)) return [`status ${status} is not documented`];
        const error = status === 422 ? 'validation-error' : 'basic-error';
        return validator.problems(error, { $ref: `#/components/schemas/${error}` }, body ?? null, 'open');
      }
      const schema = contentSchema(dereference(document, listed));
      if (schema === undefined) return body === undefined ? [] : [`status ${status} has no body`];
      return validator.problems(`${operation.name} ${status}`, schema, body ?? null, 'open');
    },
  };
}

function parameterProblems(
  operation: Operation,
  parameters: JsonObject[],
  query: URLSearchParams,
  coercing: Validator,
): string[] {
  const problems: string[] = [];
  const known = new Map(parameters.map((p) => [`${textAt(p, 'in') ?? ''} ${textAt(p, 'name') ?? ''}`, p]));
  for (const [where, pairs] of [
    ['path', Object.entries(operation.params)],
    ['query', [...query]],
  ] as const) {
    for (const [name, value] of pairs) {
      const parameter = known.get(`${where} ${name}`);
      if (!parameter) problems.push(`${where}: unknown parameter \`${name}\``);
      else {
        const schema: JsonObject = { type: 'object', properties: { value: parameter['schema'] ?? {} } };
        const found = coercing.problems(`${operation.name} ${where} ${name}`, schema, { value }, 'open');
        problems.push(...found.map((p) => `${where}: \`${name}\` ${p}`));
      }
    }
  }
  for (const parameter of parameters) {
    const name = textAt(parameter, 'name') ?? '';
    if (parameter['in'] === 'query' && parameter['required'] === true && !query.has(name)) {
      problems.push(`query: \`${name}\` is missing`);
    }
  }
  return problems;
}

function contentSchema(part: JsonObject): Json | undefined {
  const content = objectAt(part, 'content');
  return content ? objectAt(content, 'application/json')?.['schema'] : undefined;
}

/** Refs and paths may hold slashes, encoded or not; every other parameter is one segment. */
function parseTemplate(template: string, item: JsonObject): Template {
  const names: string[] = [];
  const source = template
    .split('/')
    .map((segment) =>
      segment
        .split(/(\{[^}]+\})/)
        .map((piece) => {
          if (!piece.startsWith('{')) return piece.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&');
          const name = piece.slice(1, -1);
          names.push(name);
          return name === 'ref' || name === 'path' || name === 'branch' ? '(.+)' : '([^/]+)';
        })
        .join(''),
    )
    .join('/');
  return { template, pattern: new RegExp(`^${source}$`), names, item };
}
