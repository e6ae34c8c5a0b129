import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MemorySource } from '@kerbside/bytes';
import fc from 'fast-check';
import { ClusterBitmap } from './cluster-bitmap.ts';
import { MetadataStream } from './mft-stream.ts';
import { RunTable } from './run-list.ts';

function bitmapOf(bytes: Buffer, clusters = bytes.length * 8): ClusterBitmap {
  const runs = new RunTable();
  runs.push(0, Math.ceil(bytes.length / 512));
  const padded = Buffer.concat([bytes, Buffer.alloc(512)]);
  return new ClusterBitmap(new MetadataStream(new MemorySource(padded), runs, 512, bytes.length), clusters);
}

const isUsed = (bytes: Buffer, cluster: number) => (bytes[cluster >> 3]! & (1 << (cluster & 7))) !== 0;

/** 200,000 clusters, in stretches of one kind of many lengths. */
const large = Buffer.alloc(25_000);
for (let at = 0, length = 1; at < 200_000; at += length, length = (length * 7) % 9973) {
  if (length % 2 === 0) for (let i = at; i < Math.min(200_000, at + length); i++) large[i >> 3]! |= 1 << (i & 7);
}

test('counting agrees with counting one by one, short and long', () => {
  const before = [0];
  for (let i = 0; i < 200_000; i++) before.push(before[i]! + (isUsed(large, i) ? 1 : 0));
  const bitmap = bitmapOf(large);
  fc.assert(
    fc.property(fc.nat(199_999), fc.oneof(fc.nat(200_000), fc.nat(100)), (first, count) => {
      const end = Math.min(200_000, first + count);
      assert.equal(bitmap.countUsed(first, count), before[end]! - before[first]! + (first + count - end));
    }),
    { numRuns: 300 },
  );
  assert.equal(bitmap.countUsed(2 ** 50, 10), 10);
});

test('free runs are the clear bits, joined and ascending', () => {
  fc.assert(
    fc.property(fc.array(fc.constantFrom(0, 0xff, 0x0f, 0xf0, 0x55), { minLength: 1, maxLength: 40 }), fc.nat(7), (list, cut) => {
      const bytes = Buffer.from(list);
      const clusters = bytes.length * 8 - cut;
      const free = new Set<number>();
      let last = -1;
      for (const run of bitmapOf(bytes, clusters).freeRuns()) {
        assert.ok(run.offset > last && run.length > 0);
        last = run.offset + run.length;
        for (let i = 0; i < run.length; i++) free.add(run.offset + i);
      }
      for (let i = 0; i < clusters; i++) assert.equal(free.has(i), !isUsed(bytes, i));
      assert.ok(last <= clusters);
    }),
  );
  assert.equal([...bitmapOf(large).freeRuns()].reduce((sum, run) => sum + run.length, 0), 200_000 - bitmapOf(large).countUsed(0, 200_000));
});
