import assert from 'node:assert/strict';
import test from 'node:test';
import { FILES_ANYWHERE, LAYOUTS, type KnownPiece } from './survey-layouts.ts';
import { chanceOfAtLeast, countHoldingChunks, firstMeeting, listReads, placeLayout, planFor, randomMiss } from './survey-miss.ts';

const SIZE = 2e9;
const BLOCK = 4096;

/** Block by block and read by read, without any order to rely on. */
function holdsKnownBlock(pieces: readonly KnownPiece[], offset: number, end: number): boolean {
  return pieces.some((piece) => Array.from({ length: piece.blocks }, (_, i) => piece.offset + i * BLOCK).some((at) => at >= offset && at + BLOCK <= end));
}

test('layouts hold what they say, on the cluster grid, ascending, without overlap, inside the disk', () => {
  for (const kind of [...LAYOUTS, FILES_ANYWHERE]) {
    for (let number = 0; number < 20; number += 1) {
      const pieces = placeLayout(kind, SIZE, number);
      let end = 0;
      for (const { offset, blocks } of pieces) {
        assert.ok(offset % BLOCK === 0 && offset >= end, kind.name);
        end = offset + blocks * BLOCK;
      }
      assert.ok(end <= SIZE);
      assert.equal(pieces.reduce((sum, { blocks }) => sum + blocks, 0), /files|same/.test(kind.name) ? 5100 : 5120);
    }
  }
});

test('the walk over a pass finds the read that trying every block finds, and the chunks that random sampling would have to hit', () => {
  for (const kind of [LAYOUTS[1]!, LAYOUTS[2]!, FILES_ANYWHERE]) {
    for (let number = 0; number < 2; number += 1) {
      // One piece in nine, and two blocks of it, so that reads miss more often than not.
      const pieces = placeLayout(kind, SIZE, number).filter((_, i) => i % 9 === 0).map(({ offset }, i) => ({ offset, blocks: 1 + (i % 2) }));
      const plan = planFor(SIZE, 65_536, `test ${number}`);
      const reads = listReads(plan);
      let read = Infinity;
      let jitteredRead = Infinity;
      let before = 0;
      let jitteredBefore = 0;
      for (let passIndex = 0; passIndex < reads.passes; passIndex += 1) {
        const { jittered, offsets, ends } = reads.passAt(passIndex);
        offsets.forEach((offset, i) => {
          if (!holdsKnownBlock(pieces, offset, ends[i]!)) return;
          read = Math.min(read, before + i + 1);
          if (jittered) jitteredRead = Math.min(jitteredRead, jitteredBefore + i + 1);
        });
        before += offsets.length;
        if (jittered) jitteredBefore += offsets.length;
      }
      const met = firstMeeting(reads, pieces);
      assert.equal(met.read, read);
      assert.equal(met.jitteredRead, jitteredRead);
      let holding = 0;
      for (let chunk = 0; chunk < plan.grid.count; chunk += 1) {
        const { offset, length } = plan.grid.chunkAt(chunk);
        if (holdsKnownBlock(pieces, offset, Math.min(SIZE, offset + length + 3584))) holding += 1;
      }
      assert.equal(countHoldingChunks(plan, pieces), holding);
    }
  }
});

test('random sampling misses as the exact formula says', () => {
  assert.equal(randomMiss(10, 1, 3), 0.7);
  assert.ok(Math.abs(randomMiss(10, 2, 3) - (7 * 6) / (10 * 9)) < 1e-12);
  assert.equal(randomMiss(10, 4, 7), 0);
});

test('the binomial tail is that of coins, and of 2,000 throws', () => {
  assert.ok(Math.abs(chanceOfAtLeast(2, 3, 0.5) - 0.5) < 1e-12);
  assert.ok(Math.abs(chanceOfAtLeast(3, 3, 0.5) - 0.125) < 1e-12);
  assert.equal(chanceOfAtLeast(0, 3, 0), 1);
  assert.equal(chanceOfAtLeast(1, 3, 0), 0);
  // Mean 20, standard deviation 4.4: 38 or more come up about twice in 10,000 times.
  const chance = chanceOfAtLeast(38, 2000, 0.01);
  assert.ok(chance > 5e-5 && chance < 5e-4, `${chance}`);
});
