import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { makeJitteredOrder } from './jittered-order.ts';

const seed = fc.uint8Array({ minLength: 32, maxLength: 32 });

test('a round visits every sub-stratum of every stratum once; a pass ascends, one read a stratum', () => {
  fc.assert(
    fc.property(seed, fc.integer({ min: 1, max: 20 }), fc.integer({ min: 1, max: 20 }), fc.integer({ min: 1, max: 50 }), (bytes, strata, subStrata, cellsEach) => {
      const cells = strata * subStrata * cellsEach;
      const order = makeJitteredOrder(bytes, { cells, strata, subStrata });
      for (const round of [0, 1, 7]) {
        const visited = new Set<number>();
        for (let pass = round * subStrata; pass < (round + 1) * subStrata; pass += 1) {
          for (let stratum = 0; stratum < strata; stratum += 1) {
            const piece = Math.floor(order.cellAt(pass, stratum) / cellsEach);
            assert.equal(Math.floor(piece / subStrata), stratum);
            visited.add(piece);
          }
        }
        assert.equal(visited.size, strata * subStrata);
      }
    }),
    { numRuns: 50 },
  );
});

test('places are inside the device and ascend also where pieces are shorter than a cell', () => {
  fc.assert(
    fc.property(seed, fc.integer({ min: 1, max: 300 }), fc.integer({ min: 1, max: 30 }), fc.integer({ min: 1, max: 30 }), (bytes, cells, strata, subStrata) => {
      const order = makeJitteredOrder(bytes, { cells, strata, subStrata });
      for (let pass = 0; pass < 40; pass += 1) {
        let before = 0;
        for (let stratum = 0; stratum < strata; stratum += 1) {
          const cell = order.cellAt(pass, stratum);
          assert.ok(cell >= before && cell < cells);
          before = cell;
        }
      }
    }),
    { numRuns: 50 },
  );
});

test('the order is of the seed alone, in whatever order it is asked', () => {
  const shape = { cells: 1_000_003, strata: 33, subStrata: 5 };
  const one = makeJitteredOrder(Buffer.alloc(32, 1), shape);
  const same = makeJitteredOrder(Buffer.alloc(32, 1), shape);
  const other = makeJitteredOrder(Buffer.alloc(32, 2), shape);
  const asked = Array.from({ length: 12 * 33 }, (_, i) => [Math.floor(i / 33), i % 33] as const);
  const cells = asked.map(([pass, stratum]) => one.cellAt(pass, stratum));
  assert.deepEqual(asked.toReversed().map(([pass, stratum]) => same.cellAt(pass, stratum)).toReversed(), cells);
  const equal = asked.filter(([pass, stratum], i) => other.cellAt(pass, stratum) === cells[i]).length;
  assert.ok(equal < 3, `${equal} of ${asked.length} places are those of another seed`);
});

test('every cell is met with its share, also where the borders of pieces fall inside cells', () => {
  // 10 cells in 3 strata of 2 sub-strata: pieces of 1.67 cells.
  const rounds = 30_000;
  const order = makeJitteredOrder(Buffer.alloc(32, 5), { cells: 10, strata: 3, subStrata: 2 });
  const counts = Array.from({ length: 10 }, () => 0);
  for (let pass = 0; pass < rounds; pass += 1) for (let stratum = 0; stratum < 3; stratum += 1) counts[order.cellAt(pass, stratum)]! += 1;
  // Mean 9,000, standard deviation below 95.
  for (const count of counts) assert.ok(Math.abs(count - rounds * 0.3) < 570, counts.join(' '));
});

test('permutations are uniform: each of the six orders of three sub-strata comes up equally often', () => {
  const order = makeJitteredOrder(Buffer.alloc(32, 6), { cells: 300, strata: 1, subStrata: 3 });
  const seen = new Map<string, number>();
  for (let round = 0; round < 12_000; round += 1) {
    const name = [0, 1, 2].map((column) => Math.floor(order.cellAt(round * 3 + column, 0) / 100)).join('');
    seen.set(name, (seen.get(name) ?? 0) + 1);
  }
  assert.equal(seen.size, 6);
  // Mean 2,000, standard deviation 41.
  for (const count of seen.values()) assert.ok(Math.abs(count - 2000) < 246, [...seen].join(' '));
});
