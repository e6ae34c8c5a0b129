import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { ALL_PHASES, alignToPhase, buildGridMap, phasesOfClusters, segmentAt, segmentEnd } from './grid-map.ts';

test('clusters of whole blocks have one phase, smaller ones several, odd ones all', () => {
  assert.equal(phasesOfClusters(1024 * 1024, 4096), 0b1);
  assert.equal(phasesOfClusters(63 * 512, 4096), 1 << 7);
  assert.equal(phasesOfClusters(512, 32_768), 0b10);
  assert.equal(phasesOfClusters(512, 2048), 0b0010_0010);
  assert.equal(phasesOfClusters(0, 1024), 0b0101_0101);
  assert.equal(phasesOfClusters(512, 512), ALL_PHASES);
  assert.equal(phasesOfClusters(100, 4096), ALL_PHASES);
});

test('every block that may begin on a part has its phase on the map, and nothing else has beside parts of one grid', () => {
  const parts = fc.array(fc.record({ range: fc.record({ offset: fc.nat(400), length: fc.nat(200) }), mask: fc.integer({ min: 1, max: 255 }) }), { maxLength: 6 });
  fc.assert(
    fc.property(parts, fc.integer({ min: 1, max: 500 }), (given, sourceBytes) => {
      const grid = buildGridMap(sourceBytes, given);
      assert.equal(grid.starts[0], 0);
      for (let i = 1; i < grid.starts.length; i++) assert.ok(grid.starts[i]! > grid.starts[i - 1]!);
      for (let at = 0; at < sourceBytes; at++) {
        const over = given.filter(({ range }) => at >= range.offset && at < range.offset + range.length);
        const wanted = over.length === 0 ? ALL_PHASES : over.reduce((mask, part) => mask | part.mask, 0);
        const segment = segmentAt(grid, at);
        assert.ok(grid.starts[segment]! <= at && at < segmentEnd(grid, segment));
        assert.equal(grid.masks[segment], wanted);
      }
    }),
  );
});

test('the next place of a phase is the next one', () => {
  fc.assert(
    fc.property(fc.nat(100_000), fc.integer({ min: 0, max: 7 }), (from, phase) => {
      const at = alignToPhase(from, phase);
      assert.ok(at >= from && at < from + 4096);
      assert.equal(at % 4096, phase * 512);
    }),
  );
});
