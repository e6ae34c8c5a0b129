import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MemorySource, SourceWindow } from '@kerbside/bytes';
import fc from 'fast-check';
import { MetadataStream } from './mft-stream.ts';
import { NOWHERE, RunTable, SPARSE } from './run-list.ts';

const disk = Buffer.from(Array.from({ length: 64 * 512 }, (_, i) => 1 + (i % 250)));

function streamOf(runs: readonly (readonly [number, number])[], sizeBytes: number, start = 0): MetadataStream {
  const table = new RunTable();
  for (const [cluster, length] of runs) table.push(cluster, length);
  return new MetadataStream(new SourceWindow(new MemorySource(disk), start, disk.length - start), table, 512, sizeBytes);
}

test('any reads of any runs give what joining them gives', () => {
  const run = fc.tuple(fc.oneof(fc.nat(60), fc.constantFrom(SPARSE, NOWHERE, 1000)), fc.integer({ min: 1, max: 4 }));
  fc.assert(
    fc.property(fc.array(run, { maxLength: 10 }), fc.nat(20_000), fc.nat(20_000), fc.nat(3000), (runs, sizeBytes, from, length) => {
      const joined = Buffer.concat(
        runs.map(([cluster, count]) => {
          const part = Buffer.alloc(count * 512);
          if (cluster >= 0 && cluster * 512 < disk.length) disk.copy(part, 0, cluster * 512, (cluster + count) * 512);
          return part;
        }),
      ).subarray(0, Math.min(sizeBytes, disk.length));
      const stream = streamOf(runs, sizeBytes);
      assert.equal(stream.sizeBytes, joined.length);
      const target = Buffer.alloc(length, 0xee);
      const expected = Buffer.alloc(length, 0xee);
      if (from < joined.length) joined.copy(expected, 0, from, from + length);
      assert.deepEqual(stream.read(target, from), []);
      assert.ok(target.equals(expected));
    }),
    { numRuns: 400 },
  );
});

test('places are those on the source, and none where nothing is stored', () => {
  const stream = streamOf([[4, 2], [SPARSE, 1], [10, 1]], 2048, 512);
  assert.deepEqual([0, 600, 1030, 1540, 5000].map((at) => stream.sourceOffset(at)), [512 + 2048, 512 + 2648, -1, 512 + 5124, -1]);
});

test('bytes outside the volume are counted, sparse ones are not', () => {
  assert.equal(streamOf([[63, 3], [SPARSE, 5], [NOWHERE, 1]], 10_000).outsideBytes, 1536);
});

test('runs that repeat cannot make a stream longer than the volume', () => {
  assert.equal(streamOf(Array.from({ length: 100 }, () => [0, 60] as const), 2 ** 60).sizeBytes, disk.length);
});
