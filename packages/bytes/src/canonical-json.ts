import { InternalError } from './errors.ts';

/** Values that JSON can hold; a missing field and an undefined one are the same. */
export type JsonValue = null | boolean | number | string | readonly JsonValue[] | JsonObject;
export interface JsonObject {
  readonly [name: string]: JsonValue | undefined;
}

/** Deeper than any structure of ours; recursion ends here and not at the end of the stack. */
const MAX_DEPTH = 64;

/**
 * JSON in the one form that RFC 8785 allows: names sorted by their UTF-16 code units, numbers and texts
 * as ECMAScript writes them, no space. Equal values give equal bytes.
 *
 * @param indent spaces a level for a form that people read, with the same order of names; 0 is the canonical form
 * @throws InternalError `value-not-canonical` for what JSON cannot hold: numbers that are not finite, text with half a surrogate pair, class instances
 */
export function canonicalJson(value: JsonValue, indent = 0): string {
  return write(value, indent, 0);
}

function write(value: unknown, indent: number, depth: number): string {
  switch (typeof value) {
    case 'string':
      if (!value.isWellFormed()) throw notCanonical('a text holds half a surrogate pair');
      return JSON.stringify(value);
    case 'number':
      if (!Number.isFinite(value)) throw notCanonical(`the number ${value}`);
      return JSON.stringify(value);
    case 'boolean':
      return value ? 'true' : 'false';
    case 'object':
      if (value === null) return 'null';
      if (depth >= MAX_DEPTH) throw notCanonical(`more than ${MAX_DEPTH} levels`);
      return Array.isArray(value) ? writeArray(value, indent, depth) : writeObject(value, indent, depth);
    default:
      throw notCanonical(`a value of type ${typeof value}`);
  }
}

function writeArray(values: readonly unknown[], indent: number, depth: number): string {
  return enclose('[', Array.from(values, (value) => write(value, indent, depth + 1)), ']', indent, depth);
}

function writeObject(value: object, indent: number, depth: number): string {
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype !== Object.prototype && prototype !== null) throw notCanonical('an object that is no plain one');
  const fields: string[] = [];
  // Sorting without a comparison function is by UTF-16 code units, as RFC 8785 section 3.2.3 asks.
  const names = Object.keys(value).sort();
  for (const name of names) {
    const field = (value as Readonly<Record<string, unknown>>)[name];
    if (field !== undefined) fields.push(`${write(name, indent, depth)}:${indent > 0 ? ' ' : ''}${write(field, indent, depth + 1)}`);
  }
  return enclose('{', fields, '}', indent, depth);
}

function enclose(open: string, parts: readonly string[], close: string, indent: number, depth: number): string {
  if (parts.length === 0 || indent === 0) return `${open}${parts.join(',')}${close}`;
  const inner = `\n${' '.repeat(indent * (depth + 1))}`;
  return `${open}${inner}${parts.join(`,${inner}`)}\n${' '.repeat(indent * depth)}${close}`;
}

function notCanonical(what: string): InternalError {
  return new InternalError('value-not-canonical', `${what} cannot be written as canonical JSON`);
}
