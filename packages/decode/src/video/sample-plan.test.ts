import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { MAX_GAP_FRAMES } from './limits.ts';
import { keyFrameRate, planAround, planGaps } from './sample-plan.ts';

test('key frames: four a second at most, one at least, whatever length the header states', () => {
  assert.deepEqual([null, 10, 2000, 1e9].map(keyFrameRate), [4, 4, 4, 1]);
  assert.ok(keyFrameRate(4000) > 2 && keyFrameRate(4000) < 2.1);
});

test('gaps: longest first, one frame a second, and behind the stated end', () => {
  assert.deepEqual(planGaps([0, 10, 11], 15), [
    { startSeconds: 12, lengthSeconds: 60, framesPerSecond: 1, maxFrames: 61 },
    { startSeconds: 1, lengthSeconds: 9, framesPerSecond: 1, maxFrames: 10 },
  ]);
  assert.deepEqual(planGaps([], null), [{ startSeconds: 0, lengthSeconds: 60, framesPerSecond: 1, maxFrames: 61 }]);
  assert.deepEqual(planGaps([0], 1e8)[0], { startSeconds: 1, lengthSeconds: 1e8 - 1, framesPerSecond: 0.1, maxFrames: MAX_GAP_FRAMES });
});

test('law: windows of gaps hold no frame, cover every long gap, and give at most the frames of the limit or a tenth a second', () => {
  const times = fc.array(fc.integer({ min: 0, max: 5000 }), { maxLength: 4 }).map((all) => [...new Set(all)].toSorted((a, b) => a - b));
  fc.assert(
    fc.property(times, fc.option(fc.integer({ min: 0, max: 10_000 })), (seconds, length) => {
      const windows = planGaps(seconds, length);
      for (const { startSeconds, lengthSeconds } of windows) assert.ok(seconds.every((time) => time <= startSeconds || time >= startSeconds + lengthSeconds));
      for (const [index, time] of seconds.entries()) {
        const next = seconds[index + 1];
        if (next !== undefined && next - time >= 2) assert.ok(windows.some(({ startSeconds, lengthSeconds }) => startSeconds === time + 1 && startSeconds + lengthSeconds === next));
      }
      const expected = windows.reduce((sum, one) => sum + one.lengthSeconds * one.framesPerSecond, 0);
      assert.ok(expected <= MAX_GAP_FRAMES + 1e-6 || windows[0]!.framesPerSecond === 0.1);
      assert.ok(windows.every(({ maxFrames }) => maxFrames <= MAX_GAP_FRAMES));
    }),
  );
});

test('law: windows around places are apart from one another and hold every place', () => {
  fc.assert(
    fc.property(fc.array(fc.double({ min: 0, max: 1000, noNaN: true }), { maxLength: 16 }), (places) => {
      const windows = planAround(places);
      for (const place of places) assert.ok(windows.some(({ startSeconds, lengthSeconds }) => place >= startSeconds && place <= startSeconds + lengthSeconds));
      for (const [index, one] of windows.entries()) assert.ok(index === 0 || one.startSeconds > windows[index - 1]!.startSeconds + windows[index - 1]!.lengthSeconds);
    }),
  );
});
