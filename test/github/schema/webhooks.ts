import { isObject, objectAt } from '../json.ts';
import type { Json, JsonObject } from '../json.ts';
import { readDescription } from './description.ts';
import { createValidator } from './validator.ts';
import type { Validator } from './validator.ts';

/** The closed lists of an app's events and permissions in suites are older than what apps can have today. */
const outdated = /^\/check_suite\/app\/(?:events|permissions)\b/;

export interface WebhookSchemas {
  /** Problems of a payload of `event` (with `action`, where the event has one). */
  problems(event: string, action: string | undefined, payload: JsonObject): string[];
}

export function createWebhookSchemas(): WebhookSchemas {
  let loaded: { webhooks: JsonObject; validator: Validator } | undefined;
  function load(): NonNullable<typeof loaded> {
    if (loaded) return loaded;
    const document = readDescription('@octokit/openapi-webhooks');
    const components = objectAt(objectAt(document, 'components') ?? {}, 'schemas') ?? {};
    loaded = { webhooks: objectAt(document, 'webhooks') ?? {}, validator: createValidator(components) };
    return loaded;
  }
  return {
    problems(event, action, payload) {
      const { webhooks, validator } = load();
      const key = [event, action]
        .filter((part) => part !== undefined)
        .join('-')
        .replaceAll('_', '-');
      const schema = payloadSchema(objectAt(webhooks, key));
      if (schema === undefined) return [`webhook \`${key}\` is not in the description`];
      return validator.problems(key, schema, payload, 'open').filter((problem) => !outdated.test(problem));
    },
  };
}

function payloadSchema(webhook: JsonObject | undefined): Json | undefined {
  let current: JsonObject | undefined = webhook;
  for (const step of ['post', 'requestBody', 'content', 'application/json'])
    current = current && objectAt(current, step);
  const schema = current?.['schema'];
  return isObject(schema) ? schema : undefined;
}
