import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { CELL_BYTES, exploreAround } from './explore-run.ts';
import { MAX_RUN_GAP_BYTES, type BlockMatch } from './split-runs.ts';

const BLOCK = 4096;

/** A source on which the blocks at the given places are known. */
function finder(known: ReadonlySet<number>): { find: (from: number, end: number) => BlockMatch[]; longestRead: () => number } {
  let longest = 0;
  return {
    find(from, end) {
      longest = Math.max(longest, end - from);
      const found: BlockMatch[] = [];
      for (let at = from; at + BLOCK <= end; at += BLOCK) if (known.has(at)) found.push({ offset: at, entry: at / BLOCK });
      return found;
    },
    longestRead: () => longest,
  };
}

test('whichever block of a run is met first, the same blocks are found, and all that hang together with it', () => {
  const gaps = fc.array(fc.constantFrom(1, 1, 1, 2, 8, 15, 32, 33, 40, 200), { minLength: 1, maxLength: 60 });
  fc.assert(
    fc.property(gaps, fc.integer({ min: 0, max: 7 }), fc.integer({ min: -30, max: 30 }), (steps, phase, nearCell) => {
      let at = CELL_BYTES + nearCell * BLOCK + phase * 512;
      const places = steps.map((step) => (at += step * BLOCK));
      const source = { offset: 0, length: 3 * CELL_BYTES };
      const { find, longestRead } = finder(new Set(places));
      const answers = new Map(places.map((place) => [place, exploreAround(place, source, find).map(({ offset }) => offset)]));
      for (const [place, answer] of answers) {
        assert.ok(answer.includes(place));
        assert.deepEqual(answer, answer.toSorted((a, b) => a - b));
        for (const other of answer) assert.deepEqual(answers.get(other), answer);
        // Brute force: neighbours within the gap and in one cell belong together.
        for (const [index, next] of places.entries()) {
          const previous = places[index - 1];
          if (previous === undefined || !answer.includes(previous)) continue;
          const inCell = Math.floor((next - phase * 512) / CELL_BYTES) === Math.floor((previous - phase * 512) / CELL_BYTES);
          if (inCell && next - previous <= MAX_RUN_GAP_BYTES) assert.ok(answer.includes(next), `${previous} and ${next} hang together`);
        }
      }
      assert.ok(longestRead() <= 256 * 1024);
    }),
    { numRuns: 300 },
  );
});

test('it stays inside the source', () => {
  const { find } = finder(new Set([0, 4096, 8192]));
  const asked: number[] = [];
  const guarded = (from: number, end: number): BlockMatch[] => {
    asked.push(from, end);
    return find(from, end);
  };
  assert.deepEqual(exploreAround(4096, { offset: 0, length: 10_000 }, guarded).map(({ offset }) => offset), [0, 4096]);
  assert.ok(Math.min(...asked) >= 0 && Math.max(...asked) <= 10_000);
});
