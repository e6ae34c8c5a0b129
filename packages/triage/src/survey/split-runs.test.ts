import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MAX_RUN_GAP_BYTES, splitIntoRuns, type BlockMatch } from './split-runs.ts';

const BLOCK = 4096;

/** Entries are positions; every 64th is an anchor of file 7. */
const LOOKUP = {
  positionOf: (entry: number) => entry % 128,
  anchorOf: (entry: number) => (entry % 64 === 0 ? { file: 7, position: entry } : null),
  file: () => ({ sizeBytes: 1000 * BLOCK, blocks: 1000, indexedBlocks: 1000 }),
};

function matches(...pairs: readonly (readonly [block: number, entry: number])[]): BlockMatch[] {
  return pairs.map(([block, entry]) => ({ offset: block * BLOCK, entry }));
}

test('blocks in the order of their file are one run, and an anchor anywhere names the file and the place in it', () => {
  const [run, ...more] = splitIntoRuns(2, LOOKUP, matches([10, 190], [11, 191], [12, 192], [14, 194]));
  assert.deepEqual(run, { set: 2, offset: 10 * BLOCK, endOffset: 15 * BLOCK, blocks: 4, firstPosition: 190 % 128, lastPosition: 194 % 128, file: { number: 7, firstPosition: 190 } });
  assert.deepEqual(more, []);
});

test('blocks out of order are no run', () => {
  assert.deepEqual(splitIntoRuns(0, LOOKUP, matches([10, 5], [11, 4], [12, 3])).map(({ blocks }) => blocks), [1, 1, 1]);
});

test('two files that lie in each other are told apart, each in its own order', () => {
  const runs = splitIntoRuns(0, LOOKUP, matches([0, 1], [1, 40], [2, 3], [3, 42], [4, 5]));
  assert.deepEqual(runs.map(({ offset, blocks }) => [offset / BLOCK, blocks]), [[0, 3], [1, 2]]);
});

test('an anchor of another file, or of another place in the same one, ends a run although the positions agree', () => {
  const other = { ...LOOKUP, anchorOf: (entry: number) => (entry === 128 ? { file: 9, position: 128 } : LOOKUP.anchorOf(entry)) };
  assert.equal(splitIntoRuns(0, other, matches([0, 64], [64, 128])).length, 2);
  const elsewhere = { ...LOOKUP, anchorOf: (entry: number) => (entry === 65 ? { file: 7, position: 65 + 128 } : LOOKUP.anchorOf(entry)) };
  assert.equal(splitIntoRuns(0, elsewhere, matches([0, 64], [1, 65])).length, 2);
});

test('a run ends where its file ends: what follows with the position that would come next is of another', () => {
  const short = { ...LOOKUP, file: () => ({ sizeBytes: 4 * BLOCK + 9, blocks: 4, indexedBlocks: 4 }) };
  const runs = splitIntoRuns(0, short, matches([0, 0], [1, 1], [2, 2], [3, 3], [5, 5], [6, 6]));
  assert.deepEqual(runs.map(({ blocks, file }) => [blocks, file?.number ?? null]), [[4, 7], [2, null]]);
});

test('a gap over the limit ends a run', () => {
  const gap = MAX_RUN_GAP_BYTES / BLOCK;
  assert.equal(splitIntoRuns(0, LOOKUP, matches([0, 1], [gap, 1 + gap])).length, 1);
  assert.equal(splitIntoRuns(0, LOOKUP, matches([0, 1], [gap + 1, 2 + gap])).length, 2);
});
