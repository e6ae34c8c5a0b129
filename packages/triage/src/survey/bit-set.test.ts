import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { BitSet } from './bit-set.ts';

test('a bit set answers as a plain list of booleans does', () => {
  fc.assert(
    fc.property(fc.array(fc.oneof({ weight: 3, arbitrary: fc.constant(true) }, { weight: 3, arbitrary: fc.constant(false) }), { maxLength: 300 }), fc.boolean(), (bits, long) => {
      const list = long ? bits.flatMap((bit) => Array.from({ length: 40 }, () => bit)) : bits;
      const set = new BitSet(list.length);
      for (const [i, bit] of list.entries()) {
        if (!bit) continue;
        assert.equal(set.add(i), true);
        assert.equal(set.add(i), false);
      }
      for (let i = 0; i <= list.length; i += 1) {
        if (i < list.length) assert.equal(set.has(i), list[i]);
        for (const value of [true, false]) {
          const found = list.indexOf(value, i);
          assert.equal(set.next(i, value), found === -1 ? list.length : found);
        }
      }
    }),
    { numRuns: 60 },
  );
});
