import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { wilsonInterval } from './wilson.ts';

test('values of published tables', () => {
  // Newcombe, Statistics in Medicine 17 (1998), table I: 81/263, 15/148, 0/20, 1/29.
  for (const [successes, trials, low, high] of [[81, 263, 0.2553, 0.3662], [15, 148, 0.0624, 0.1605], [0, 20, 0, 0.1611], [1, 29, 0.0061, 0.1718]] as const) {
    const interval = wilsonInterval(successes, trials);
    assert.ok(Math.abs(interval.low - low) < 5e-5 && Math.abs(interval.high - high) < 5e-5, `${successes}/${trials}: ${interval.low} ${interval.high}`);
  }
  assert.deepEqual(wilsonInterval(0, 0), { low: 0, high: 1 });
});

test('the interval holds the share, lies between 0 and 1, and mirrors for the other outcome', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 5_000_000 }), fc.double({ min: 0, max: 1, noNaN: true }), (trials, part) => {
      const successes = Math.round(trials * part);
      const { low, high } = wilsonInterval(successes, trials);
      assert.ok(0 <= low && low <= successes / trials && successes / trials <= high && high <= 1);
      const mirrored = wilsonInterval(trials - successes, trials);
      assert.ok(Math.abs(mirrored.low - (1 - high)) < 1e-9 && Math.abs(mirrored.high - (1 - low)) < 1e-9);
    }),
  );
});
