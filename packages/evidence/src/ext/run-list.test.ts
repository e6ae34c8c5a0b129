import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MemorySource } from '@kerbside/bytes';
import fc from 'fast-check';
import { BlockReader } from './block-reader.ts';
import { RunList } from './run-list.ts';

const BLOCK = 1024;

function reader(blocks: number, overlay: readonly (readonly [number, number])[] = []): BlockReader {
  return new BlockReader(new MemorySource(new Uint8Array(blocks * BLOCK)), BLOCK, {
    blocks: Float64Array.from(overlay, ([home]) => home),
    journalBlocks: Float64Array.from(overlay, ([, place]) => place),
    escaped: new Uint8Array(overlay.length),
  });
}

test('RunList: joins neighbours, fills gaps with holes, cuts at the size', () => {
  const runs = new RunList(reader(100), 10 * BLOCK - 24);
  runs.add(0, 10, 2, 'data');
  runs.add(2, 12, 1, 'data');
  runs.add(5, 40, 2, 'uninitialised');
  runs.add(9, 50, 4, 'data');
  assert.deepEqual(runs.finish(), [
    { kind: 'data', sourceOffset: 10 * BLOCK, length: 3 * BLOCK },
    { kind: 'hole', sourceOffset: -1, length: 2 * BLOCK },
    { kind: 'uninitialised', sourceOffset: 40 * BLOCK, length: 2 * BLOCK },
    { kind: 'hole', sourceOffset: -1, length: 2 * BLOCK },
    { kind: 'data', sourceOffset: 50 * BLOCK, length: BLOCK - 24 },
  ]);
  assert.deepEqual(runs.faults, []);
});

test('RunList: blocks that the journal holds are taken from there', () => {
  const runs = new RunList(reader(100, [[11, 90], [12, 91], [13, 80]]), 5 * BLOCK);
  runs.add(0, 10, 5, 'data');
  assert.deepEqual(runs.finish().map(({ sourceOffset, length }) => [sourceOffset / BLOCK, length / BLOCK]), [[10, 1], [90, 2], [80, 1], [14, 1]]);
});

test('RunList: whatever is added, the lengths sum to the size and data stays inside the volume', () => {
  const extent = fc.tuple(fc.nat(60), fc.integer({ min: -2, max: 130 }), fc.nat(40), fc.boolean());
  fc.assert(
    fc.property(fc.nat(50 * BLOCK), fc.array(extent, { maxLength: 20 }), (size, extents) => {
      const runs = new RunList(reader(100, [[3, 99], [20, 98]]), size);
      for (const [logical, block, count, written] of extents) runs.add(logical, block, count, written ? 'data' : 'uninitialised');
      let sum = 0;
      for (const run of runs.finish()) {
        assert.ok(run.length > 0);
        assert.ok(run.kind === 'hole' ? run.sourceOffset === -1 : run.sourceOffset > 0 && run.sourceOffset + run.length <= 100 * BLOCK);
        sum += run.length;
      }
      assert.equal(sum, size);
    }),
  );
});
