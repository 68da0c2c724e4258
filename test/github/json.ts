/** What goes over the wire: GitHub speaks JSON only. */
export type Json = null | boolean | number | string | Json[] | JsonObject;
export interface JsonObject {
  [key: string]: Json;
}

export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The text at `key`, or undefined when absent or of another type: bodies were checked against the schema before. */
export function textAt(body: JsonObject, key: string): string | undefined {
  const value = body[key];
  return typeof value === 'string' ? value : undefined;
}

export function integerAt(body: JsonObject, key: string): number | undefined {
  const value = body[key];
  return typeof value === 'number' ? value : undefined;
}

export function objectAt(body: JsonObject, key: string): JsonObject | undefined {
  const value = body[key];
  return isObject(value) ? value : undefined;
}

export function objectsAt(body: JsonObject, key: string): JsonObject[] {
  const value = body[key];
  return Array.isArray(value) ? value.filter(isObject) : [];
}

export function parseJson(text: string): Json {
  return JSON.parse(text) as Json;
}
