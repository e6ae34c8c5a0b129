import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { BitSet } from './bit-set.ts';
import { makeChunkGrid } from './chunk-grid.ts';
import { findLongestMiss } from './longest-miss.ts';

/**
 * The same by trying: a run [from, to) may be missed when it shares fewer than `window` bytes with every stretch of
 * neighbouring chunks that were read. The longest one ends on a border of the device or just short of too much of a stretch.
 */
function longestByTrying(sizeBytes: number, stretches: readonly { from: number; to: number }[], window: number): number {
  const points = new Set([0, sizeBytes]);
  for (const { from, to } of stretches) {
    for (const at of [from, to, from + window - 1, to - window + 1]) if (at >= 0 && at <= sizeBytes) points.add(at);
  }
  let longest = 0;
  for (const from of points) {
    for (const to of points) {
      if (to - from <= longest) continue;
      if (stretches.every((stretch) => Math.min(to, stretch.to) - Math.max(from, stretch.from) < window)) longest = to - from;
    }
  }
  return longest;
}

test('the longest run that may be missed is what trying every run gives', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 200_000 }),
      fc.nat(1),
      fc.array(fc.boolean(), { minLength: 40, maxLength: 40 }),
      fc.constantFrom(4096, 8191, 12_287, 20_479),
      (sizeBytes, start, bits, window) => {
        const grid = makeChunkGrid(sizeBytes, 8192, start * 4096);
        const read = new BitSet(grid.count);
        const stretches: { from: number; to: number }[] = [];
        for (let i = 0; i < grid.count; i += 1) {
          if (!bits[i]) continue;
          read.add(i);
          const { offset, length } = grid.chunkAt(i);
          if (stretches.at(-1)?.to === offset) stretches.at(-1)!.to = offset + length;
          else stretches.push({ from: offset, to: offset + length });
        }
        const { bytes, from, to } = findLongestMiss(grid, read, window);
        assert.equal(bytes, Math.max(window - 1, longestByTrying(sizeBytes, stretches, window)));
        assert.ok(from <= to && to <= grid.count);
      },
    ),
  );
});

test('of equal stretches the last is named, so that an ascending pass comes to it last', () => {
  const grid = makeChunkGrid(10 * 8192, 8192, 0);
  const read = new BitSet(10);
  for (const chunk of [0, 3, 6, 9]) read.add(chunk);
  assert.deepEqual(findLongestMiss(grid, read, 8191), { bytes: 2 * 8192 + 2 * 8190, from: 7, to: 9 });
});
