import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { makeClusterSet } from './cluster-set.ts';

test('counts, finds and adds as a plain set does, over page borders and full pages', () => {
  const run = fc.record({ first: fc.oneof(fc.nat(200), fc.integer({ min: 32_600, max: 33_000 }), fc.nat(140_000)), count: fc.oneof(fc.nat(70), fc.constant(32_768), fc.nat(70_000)) });
  fc.assert(
    fc.property(fc.array(run, { maxLength: 6 }), (runs) => {
      const set = makeClusterSet();
      const plain = new Set<number>();
      for (const { first, count } of runs) {
        let there = 0;
        for (let cluster = first; cluster < first + count; cluster++) if (plain.has(cluster)) there++;
        assert.equal(set.countRun(first, count), there);
        assert.equal(set.addRun(first, count), there);
        for (let cluster = first; cluster < first + count; cluster++) plain.add(cluster);
        assert.equal(set.countRun(first, count), count);
      }
      for (let cluster = 0; cluster < 220_000; cluster += 37) assert.equal(set.has(cluster), plain.has(cluster));
      assert.equal(set.overflowed, false);
    }),
    { numRuns: 40 },
  );
});

test('four thousand million clusters in one run cost little memory; scattered ones end at the bound and say so', () => {
  const set = makeClusterSet();
  assert.equal(set.addRun(0, 4_294_934_528), 0);
  assert.equal(set.countRun(5, 1_000_000), 1_000_000);
  const scattered = makeClusterSet();
  for (let cluster = 0; cluster < 20_000 * 32_768; cluster += 32_768) scattered.addRun(cluster, 1);
  assert.equal(scattered.overflowed, true);
});
