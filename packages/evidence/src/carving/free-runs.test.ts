import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { joinRanges, RunQueue } from './free-runs.ts';

test('ranges that touch are joined; what lies outside, goes back or is empty is left out', () => {
  const joined = (...ranges: readonly [number, number][]): number[][] => [...joinRanges(ranges.map(([offset, length]) => ({ offset, length })), 100, 1000)].map(({ start, end }) => [start, end]);
  assert.deepEqual(joined([100, 50], [150, 50], [300, 0], [300, 10]), [[100, 200], [300, 310]]);
  assert.deepEqual(joined([0, 150], [120, 100], [110, 5], [990, 500], [2000, 5]), [[100, 220], [990, 1000]]);
  assert.deepEqual(joined([-5, 2], [Number.NaN, 5], [500, Number.NaN]), []);
});

test('whatever the ranges, runs ascend, lie apart, and cover only bytes of ranges', () => {
  const range = fc.record({ offset: fc.integer({ min: -20, max: 120 }), length: fc.integer({ min: -5, max: 40 }) });
  fc.assert(
    fc.property(fc.array(range, { maxLength: 12 }), (ranges) => {
      let before = -1;
      for (const { start, end } of joinRanges(ranges, 0, 100)) {
        assert.ok(start > before && start < end && end <= 100);
        before = end;
        for (let at = start; at < end; at++) assert.ok(ranges.some(({ offset, length }) => offset <= at && at < offset + length));
      }
    }),
  );
});

test('coming runs are looked at for what is worth reading together, and none is lost by it', () => {
  const runs = [[0, 10], [12, 20], [25, 30], [90, 95]].map(([start, end]) => ({ start: start!, end: end! }));
  const queue = new RunQueue(runs.values());
  assert.deepEqual(queue.next(), runs[0]);
  assert.equal(queue.worthReadingTo(10, 1000, 5), 30);
  assert.equal(queue.worthReadingTo(10, 26, 5), 26);
  assert.equal(queue.worthReadingTo(10, 1000, 1), 10);
  assert.equal(queue.worthReadingTo(10, 1000, 100), 95);
  assert.deepEqual([queue.next(), queue.next(), queue.next(), queue.next()], [runs[1], runs[2], runs[3], null]);
});
