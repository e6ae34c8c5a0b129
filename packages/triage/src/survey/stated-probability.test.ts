import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { readsForProbability, shareOfDevice, statedProbability } from './stated-probability.ts';

test('the anchor: 219,590 reads for 20 MiB on 1 TB at 99 %', () => {
  assert.ok(Math.abs(readsForProbability(shareOfDevice(20 * 1024 ** 2, 1, 1e12), 0.99) - 219_590) < 20);
});

test('below the exact value, by three ten-millionths at most', () => {
  fc.assert(
    fc.property(fc.double({ min: 1e-9, max: 0.5, noNaN: true }), fc.integer({ min: 1, max: 40 }), (share, reads) => {
      const exact = 1 - (1 - share) ** reads;
      const stated = statedProbability(share, reads);
      assert.ok(stated <= Math.max(0, exact - 1.9e-7) && stated > exact - 3.1e-7, `${stated} for ${exact}`);
    }),
  );
});

test('the reads asked for reach the probability', () => {
  fc.assert(
    fc.property(fc.double({ min: 1e-8, max: 0.9, noNaN: true }), fc.double({ min: 0.001, max: 0.999_999, noNaN: true }), (share, probability) => {
      const reads = readsForProbability(share, probability);
      assert.ok(statedProbability(share, reads) >= probability);
    }),
  );
});

test('without indexed material, reads or cells nothing is stated', () => {
  assert.equal(statedProbability(0, 1000), 0);
  assert.equal(statedProbability(0.5, 0), 0);
  assert.equal(readsForProbability(0, 0.5), Infinity);
  assert.equal(shareOfDevice(1e6, 1, 4095), 0);
  assert.equal(shareOfDevice(4096, 0.99, 1e6), 0, 'one block of which 99 % are indexed may be the one that is not');
  assert.equal(statedProbability(1, 1), 1);
});
