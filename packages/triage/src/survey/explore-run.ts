import type { ByteRange } from '@kerbside/bytes';
import { BLOCK_SET_BLOCK_BYTES } from '@kerbside/match';
import { MAX_RUN_GAP_BYTES, type BlockMatch } from './split-runs.ts';

/**
 * Reading around a hit stays in the part of the source of this size that holds it: a known video of some
 * GB is met again by later reads, and no read pays for all of it.
 */
export const CELL_BYTES = 64 * 1024 * 1024;

/** Read in one go while going on from a hit. */
export const EXPLORE_READ_BYTES = 256 * 1024;

/** Looks one set up on one grid: whole blocks from `from` (on the grid) to `end`, ascending. */
export type FindMatches = (from: number, end: number) => readonly BlockMatch[];

/**
 * All known blocks that hang together with the one at `offset`: on its grid, in its cell, with no gap over
 * `MAX_RUN_GAP_BYTES`. Whichever of them is met first, the answer is the same.
 *
 * @param bounds part of the source within which blocks may lie
 */
export function exploreAround(offset: number, bounds: ByteRange, findMatches: FindMatches): BlockMatch[] {
  const cell = Math.floor(offset / CELL_BYTES) * CELL_BYTES;
  const phase = offset % BLOCK_SET_BLOCK_BYTES;
  // A block belongs to the cell in which it begins.
  const first = Math.max(bounds.offset, cell);
  const lowest = first + ((phase - (first % BLOCK_SET_BLOCK_BYTES) + BLOCK_SET_BLOCK_BYTES) % BLOCK_SET_BLOCK_BYTES);
  const highest = Math.min(bounds.offset + bounds.length, cell + CELL_BYTES + phase);
  return [...goDown(offset, lowest, findMatches), ...goUp(offset, highest, findMatches)];
}

/** From the hit on, the hit included. */
function goUp(offset: number, highest: number, findMatches: FindMatches): BlockMatch[] {
  const found: BlockMatch[] = [];
  let last = offset;
  for (let from = offset; from + BLOCK_SET_BLOCK_BYTES <= highest && from - last <= MAX_RUN_GAP_BYTES; from += EXPLORE_READ_BYTES) {
    for (const match of findMatches(from, Math.min(from + EXPLORE_READ_BYTES, highest))) {
      if (match.offset - last > MAX_RUN_GAP_BYTES) return found;
      found.push(match);
      last = match.offset;
    }
  }
  return found;
}

/** What stands before the hit, ascending. */
function goDown(offset: number, lowest: number, findMatches: FindMatches): BlockMatch[] {
  const found: BlockMatch[] = [];
  let last = offset;
  for (let end = offset; end > lowest && last - end <= MAX_RUN_GAP_BYTES; end -= EXPLORE_READ_BYTES) {
    for (const match of findMatches(Math.max(lowest, end - EXPLORE_READ_BYTES), end).toReversed()) {
      if (last - match.offset > MAX_RUN_GAP_BYTES) return found.reverse();
      found.push(match);
      last = match.offset;
    }
  }
  return found.reverse();
}
