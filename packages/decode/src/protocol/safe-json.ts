import type { JsonObject, JsonValue } from '@kerbside/bytes';
import { MAX_JSON_DEPTH } from './limits.ts';

/** Names that change how an object behaves once its fields are copied into another. */
const DANGEROUS_NAMES: ReadonlySet<string> = new Set(['__proto__', 'constructor', 'prototype']);

/**
 * Reads one JSON object from bytes that nobody vouches for. Null when it is not UTF-8, not JSON, not an
 * object, nested too deep, or has a field whose name would reach an object's prototype.
 */
export function readSafeJson(bytes: Uint8Array): JsonObject | null {
  let value: JsonValue;
  try {
    value = JSON.parse(new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes));
  } catch {
    return null;
  }
  return isObject(value) && isSafe(value, MAX_JSON_DEPTH) ? value : null;
}

export function writeJson(value: JsonObject): Uint8Array {
  return new TextEncoder().encode(JSON.stringify(value));
}

function isObject(value: JsonValue): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isSafe(value: JsonValue | undefined, depth: number): boolean {
  if (typeof value !== 'object' || value === null) return true;
  if (depth === 0) return false;
  if (Array.isArray(value)) return value.every((part) => isSafe(part, depth - 1));
  return Object.entries(value).every(([name, part]) => !DANGEROUS_NAMES.has(name) && isSafe(part, depth - 1));
}
