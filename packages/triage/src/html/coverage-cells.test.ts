import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import type { CoveragePart, CoverageState } from '../report-types.ts';
import { coverageCells, coverageTotals, MAX_CELLS } from './coverage-cells.ts';

const KIB = 1024;
const GIB = 1024 ** 3;
const STATES: readonly CoverageState[] = ['hit', 'unreadable', 'encrypted', 'not-read', 'in-part', 'gated', 'read'];

test('a cell shows the worst of what it holds, and what no part covers was not read', () => {
  const parts: CoveragePart[] = [
    { offset: 0, length: 4 * KIB, state: 'read' },
    { offset: 4 * KIB, length: 3 * KIB, state: 'gated' },
    { offset: 7 * KIB, length: 512, state: 'unreadable' },
    { offset: 8 * KIB, length: 512, state: 'hit' },
    { offset: 8 * KIB + 512, length: 512, state: 'unreadable' },
    { offset: 12 * KIB, length: 1 * KIB, state: 'read' },
    { offset: 16 * KIB, length: 4 * KIB, state: 'gated' },
    { offset: 20 * KIB, length: 2 * KIB, state: 'encrypted' },
  ];
  const { cellBytes, cells } = coverageCells(parts, 26 * KIB);
  assert.equal(cellBytes, 4 * KIB);
  assert.deepEqual(cells, ['read', 'unreadable', 'hit', 'in-part', 'gated', 'encrypted', 'not-read']);
  assert.deepEqual(coverageTotals(parts, 26 * KIB), { read: 5120, hit: 512, unreadable: 1024, encrypted: 2048, gated: 7168, 'in-part': 0, 'not-read': 26 * KIB - 5120 - 512 - 1024 - 2048 - 7168 });
});

test('on a large source one hit of 4 KiB is still a cell of its own', () => {
  const { cells } = coverageCells([{ offset: 0, length: 500 * GIB, state: 'read' }, { offset: 500 * GIB, length: 4096, state: 'hit' }, { offset: 500 * GIB + 4096, length: 500 * GIB - 4096, state: 'read' }], 1000 * GIB);
  assert.equal(cells.length, MAX_CELLS);
  assert.deepEqual(cells.flatMap((cell, index) => (cell === 'hit' ? [index] : [])), [MAX_CELLS / 2]);
});

test('any parts: at most 2,000 cells, each the worst of the bytes in it, and totals that add up to the source', () => {
  const part = fc.record({ gap: fc.nat(20_000), length: fc.integer({ min: 1, max: 300_000 }), state: fc.constantFrom(...STATES) });
  fc.assert(
    fc.property(fc.array(part, { maxLength: 60 }), fc.nat(100_000), (steps, tail) => {
      const parts: CoveragePart[] = [];
      let at = 0;
      for (const { gap, length, state } of steps) {
        parts.push({ offset: at + gap, length, state });
        at += gap + length;
      }
      const sourceBytes = at + tail + 1;
      const { cellBytes, cells } = coverageCells(parts, sourceBytes);
      assert.ok(cells.length <= MAX_CELLS && cells.length * cellBytes >= sourceBytes && (cells.length - 1) * cellBytes < sourceBytes);
      for (const [index, cell] of cells.entries()) {
        const from = index * cellBytes;
        const to = Math.min(sourceBytes, from + cellBytes);
        const inside = parts.filter((one) => one.offset < to && one.offset + one.length > from);
        const covered = inside.reduce((sum, one) => sum + Math.min(to, one.offset + one.length) - Math.max(from, one.offset), 0);
        const held = new Set(inside.map((one) => one.state));
        if (covered < to - from) held.add('not-read');
        const worst = STATES.find((state) => held.has(state))!;
        assert.equal(cell, worst === 'not-read' && (held.has('read') || held.has('in-part')) ? 'in-part' : worst);
      }
      assert.equal(Object.values(coverageTotals(parts, sourceBytes)).reduce((sum, bytes) => sum + bytes, 0), sourceBytes);
    }),
    { numRuns: 200 },
  );
});
