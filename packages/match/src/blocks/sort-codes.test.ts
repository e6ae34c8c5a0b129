import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { sortCodes } from './sort-codes.ts';

const half = fc.oneof(fc.integer({ min: 0, max: 0xffff_ffff }), fc.integer({ min: 0, max: 3 }), fc.constant(0xffff_ffff));

test('codes come out in order, equal ones as they came, whatever they look like', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(half, half), { maxLength: 300 }), fc.constantFrom(0, 10), (codes, knownBits) => {
      const high = Uint32Array.from(codes, ([first]) => (knownBits === 10 ? (0x1234_5678 & 0xffc0_0000) | (first >>> 10) : first) >>> 0);
      const low = Uint32Array.from(codes, ([, last]) => last);
      const expected = codes.map((_code, i) => i).sort((a, b) => high[a]! - high[b]! || low[a]! - low[b]! || a - b);
      assert.deepEqual([...sortCodes(high, low, codes.length, knownBits)], expected);
    }),
  );
});

test('a hundred thousand equal codes between others are sorted in no time and stay in their order', () => {
  const count = 100_000;
  const high = new Uint32Array(count).fill(77);
  const low = Uint32Array.from({ length: count }, (_, i) => (i % 3 === 0 ? 1 : 9));
  const order = sortCodes(high, low, count);
  for (let i = 1; i < count; i++) {
    const [a, b] = [order[i - 1]!, order[i]!];
    assert.ok(low[a]! < low[b]! || (low[a] === low[b] && a < b));
  }
});
