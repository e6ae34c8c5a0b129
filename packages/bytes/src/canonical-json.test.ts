import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { InternalError } from './errors.ts';
import { canonicalJson, type JsonValue } from './canonical-json.ts';

const json = fc.jsonValue({ stringUnit: 'grapheme', maxDepth: 6 }) as fc.Arbitrary<JsonValue>;

test('RFC 8785 section 3.2.2 and 3.2.3: numbers, texts and the order of names', () => {
  const value = JSON.parse('{"numbers":[333333333.33333329,1E30,4.50,2e-3,0.000000000000000000000000001],"string":"\\u20ac$\\u000F\\u000aA\'\\u0042\\u0022\\u005c\\\\\\"\\/","literals":[null,true,false]}') as JsonValue;
  assert.equal(canonicalJson(value), '{"literals":[null,true,false],"numbers":[333333333.3333333,1e+30,4.5,0.002,1e-27],"string":"€$\\u000f\\nA\'B\\"\\\\\\\\\\"/"}');
  const order = { '\u20ac': 'Euro Sign', '\r': 'Carriage Return', '\ufb33': 'Hebrew Letter Dalet With Dagesh', '1': 'One', '\u{1f600}': 'Emoji', '\u0080': 'Control', '\u00f6': 'O Diaeresis' };
  assert.deepEqual(Object.values(JSON.parse(canonicalJson(order).replace('"1":"One"', '"z1":"One"')) as object), ['Carriage Return', 'One', 'Control', 'O Diaeresis', 'Euro Sign', 'Emoji', 'Hebrew Letter Dalet With Dagesh']);
});

test('reading what was written gives the same value, and writing it again the same text', () => {
  fc.assert(
    fc.property(json, fc.nat(4), (value, indent) => {
      const text = canonicalJson(value, indent);
      const read = JSON.parse(text) as JsonValue;
      assert.equal(JSON.stringify(sorted(read)), JSON.stringify(sorted(JSON.parse(JSON.stringify(value)) as JsonValue)));
      assert.equal(canonicalJson(read, indent), text);
    }),
    { seed: 8, numRuns: 500 },
  );
});

test('indented it is what JSON.stringify writes for the sorted value', () => {
  fc.assert(fc.property(json, (value) => assert.equal(canonicalJson(value, 2), JSON.stringify(sorted(JSON.parse(JSON.stringify(value)) as JsonValue), null, 2))), { seed: 9, numRuns: 500 });
});

test('the order in which names were given does not matter, and undefined fields are absent', () => {
  assert.equal(canonicalJson({ b: 1, a: undefined, c: { z: 1, y: 2 } }), canonicalJson({ c: { y: 2, z: 1 }, b: 1 }));
  assert.equal(canonicalJson({ list: [], object: {} }, 2), '{\n  "list": [],\n  "object": {}\n}');
});

test('what JSON cannot hold is refused, and never written as something else', () => {
  const refused = (value: unknown): void => assert.throws(() => canonicalJson(value as JsonValue), (error) => error instanceof InternalError && error.code === 'value-not-canonical');
  for (const value of [Number.NaN, Infinity, -Infinity, undefined, 1n, () => 1, Symbol('a'), new Date(0), new Map(), Buffer.from('a'), '\ud800', { '\udc00': 1 }, [undefined]]) refused(value);
  let deep: JsonValue = 1;
  for (let level = 0; level < 100_000; level++) deep = [deep];
  refused(deep);
});

/** A copy with the names in order. `Object.fromEntries` would put whole numbers first, so entries become pairs. */
function sorted(value: JsonValue): JsonValue {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  const copy = Object.create(null) as Record<string, JsonValue>;
  for (const name of Object.keys(value).sort()) Object.defineProperty(copy, name, { value: sorted((value as Record<string, JsonValue>)[name]!), enumerable: true });
  return copy;
}
