import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { NOWHERE, RunTable, SPARSE } from './run-list.ts';
import { mapStream } from './stream-extents.ts';

const space = { clusterSizeBytes: 4096, clusterCount: 1000, originOffset: 1_000_000 };

function map(runs: readonly (readonly [number, number])[], declaredBytes: number, initialisedBytes = declaredBytes, unitClusters = 0) {
  const table = new RunTable();
  for (const [cluster, length] of runs) table.push(cluster, length);
  return mapStream(table, { declaredBytes, initialisedBytes, unitClusters }, space);
}

const shape = (mapped: ReturnType<typeof map>) => mapped.extents.map((extent) => [extent.kind, extent.sourceOffset, extent.length]);
const at = (cluster: number) => 1_000_000 + cluster * 4096;

test('neighbouring runs are joined, others are not', () => {
  assert.deepEqual(shape(map([[10, 2], [12, 1], [20, 1]], 16_000)), [['data', at(10), 12_288], ['data', at(20), 3712]]);
});

test('the valid length splits a run, holes stay holes', () => {
  assert.deepEqual(shape(map([[10, 2], [SPARSE, 1], [30, 1]], 16_384, 5000)), [
    ['data', at(10), 5000],
    ['uninitialised', at(10) + 5000, 3192],
    ['hole', -1, 4096],
    ['uninitialised', at(30), 4096],
  ]);
});

test('compression units: plain, sparse, packed, and runs across their borders', () => {
  const mapped = map([[100, 20], [SPARSE, 12], [SPARSE, 16], [200, 3], [300, 2], [SPARSE, 11], [400, 32]], 80 * 4096, 80 * 4096, 16);
  assert.deepEqual(shape(mapped), [
    ['data', at(100), 65_536],
    ['compressed-unit', at(116), 65_536],
    ['hole', -1, 65_536],
    ['compressed-unit', at(200), 65_536],
    ['data', at(400), 65_536],
  ]);
  const unit = mapped.extents[3]!;
  assert.ok(unit.kind === 'compressed-unit');
  assert.deepEqual(unit.stored, [{ sourceOffset: at(200), length: 12_288 }, { sourceOffset: at(300), length: 8192 }]);
});

test('a packed unit wholly past the valid length reads as zeros, and what it stores is told', () => {
  const told = map([[100, 3], [SPARSE, 13], [200, 3], [SPARSE, 13]], 32 * 4096, 65_536, 16);
  assert.deepEqual([shape(told), told.fault?.code], [[['compressed-unit', at(100), 65_536], ['hole', -1, 65_536]], 'ntfs-compressed-past-valid']);
  const cut = map([[100, 3], [SPARSE, 13]], 65_536, 40_000, 16);
  assert.deepEqual([shape(cut), cut.fault], [[['compressed-unit', at(100), 40_000], ['hole', -1, 25_536]], null]);
});

test('a unit that is sparse and then stored has no meaning', () => {
  const mapped = map([[SPARSE, 4], [100, 12]], 65_536, 65_536, 16);
  assert.deepEqual([shape(mapped), mapped.fault?.code], [[['hole', -1, 65_536]], 'ntfs-compression-unit-malformed']);
});

test('a sparse file of a thousand million units is one hole, at once', () => {
  const mapped = map([[SPARSE, 2 ** 31]], 2 ** 42, 2 ** 42, 16);
  assert.deepEqual(shape(mapped), [['hole', -1, 2 ** 42]]);
});

test('whatever the runs and sizes, extents sum to the size and lie in the volume', () => {
  const run = fc.tuple(fc.oneof(fc.integer({ min: 0, max: 1200 }), fc.constantFrom(SPARSE, NOWHERE, 2 ** 50)), fc.integer({ min: 1, max: 40 }));
  const size = fc.oneof(fc.nat(2_000_000), fc.constantFrom(0, 2 ** 53, 2 ** 63, 2 ** 45));
  fc.assert(
    fc.property(fc.array(run, { maxLength: 30 }), size, fc.nat(2_000_000), fc.constantFrom(0, 1, 16), (runs, declared, initialised, unit) => {
      const mapped = map(runs, declared, initialised, unit);
      assert.equal(mapped.extents.reduce((sum, extent) => sum + extent.length, 0), mapped.sizeBytes);
      assert.ok(mapped.fault !== null || mapped.sizeBytes === declared);
      for (const extent of mapped.extents) {
        assert.ok(extent.length > 0);
        for (const part of extent.kind === 'compressed-unit' ? extent.stored : extent.kind === 'hole' ? [] : [extent]) {
          assert.ok(part.sourceOffset >= 1_000_000 && part.sourceOffset + part.length <= at(1000));
        }
      }
    }),
    { numRuns: 500 },
  );
});
