import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MemorySource } from '@kerbside/bytes';
import fc from 'fast-check';
import { openAllocationBitmap } from './allocation-bitmap.ts';

const GEOMETRY = { clusterSizeBytes: 512, volumeBytes: 2 ** 40, fatOffset: 512, fatBytes: 1024, activeFat: 0, heapOffset: 1024, clusterCount: 20_011, rootCluster: 2 } as const;

function bitmapOf(bits: Buffer, sizeBytes = bits.length) {
  // The second half of the bitmap stands before the first: its clusters are not in order.
  const half = 1024;
  const image = Buffer.alloc(8192);
  bits.subarray(0, half).copy(image, 1024 + 4 * 512);
  bits.subarray(half).copy(image, 1024);
  const runs = [{ first: 6, count: 2 }, { first: 2, count: 4 }];
  return openAllocationBitmap(new MemorySource(image), GEOMETRY, runs, sizeBytes);
}

test('bits, counts and free runs agree with a plain reading, in a bitmap in two pieces', () => {
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 2560, maxLength: 2560 }), fc.array(fc.tuple(fc.nat(2559), fc.nat(600), fc.constantFrom(0, 255)), { maxLength: 4 }), fc.nat(20_000), fc.nat(20_010), (noise, fills, from, length) => {
      const bits = Buffer.from(noise);
      for (const [at, count, value] of fills) bits.fill(value, at, Math.min(2560, at + count));
      const plain = Array.from({ length: GEOMETRY.clusterCount }, (_, bit) => (bits[bit >> 3]! & (1 << (bit & 7))) !== 0);
      const bitmap = bitmapOf(bits);
      assert.equal(bitmap.coveredClusters, GEOMETRY.clusterCount);
      const count = Math.min(length, GEOMETRY.clusterCount - from);
      assert.equal(bitmap.countAllocated({ first: from + 2, count }), plain.slice(from, from + count).filter(Boolean).length);
      const free = Array.from({ length: GEOMETRY.clusterCount }, () => false);
      let last = 0;
      for (const run of bitmap.freeRuns()) {
        assert.ok(run.first > last && run.count > 0);
        last = run.first + run.count;
        free.fill(true, run.first - 2, run.first - 2 + run.count);
      }
      assert.deepEqual(free, plain.map((bit) => !bit));
    }),
    { numRuns: 30 },
  );
});

test('clusters that a short bitmap does not speak for count as free', () => {
  const bitmap = bitmapOf(Buffer.alloc(2560, 0xff), 100);
  assert.equal(bitmap.coveredClusters, 800);
  assert.deepEqual([bitmap.isAllocated(801), bitmap.isAllocated(802), bitmap.isAllocated(0)], [true, false, false]);
  assert.equal(bitmap.countAllocated({ first: 2, count: 20_011 }), 800);
  assert.deepEqual([...bitmap.freeRuns()], [{ first: 802, count: 20_011 - 800 }]);
});
