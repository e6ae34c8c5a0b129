import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { BlockLookup, BlockSetFacts } from '@kerbside/match';
import { joinRuns, makeBlockHits } from './block-hits.ts';
import { CELL_BYTES } from './explore-run.ts';
import type { FoundRun } from './survey-job.ts';

const BLOCK = 4096;
const PLACES = { volumeAt: () => 'p1', itemAt: (offset: number) => (offset < 100 * BLOCK ? 'p1/a.jpg' : null), isHit: () => false };

/** Known files by their number of indexed blocks. */
function lookupOf(...indexed: readonly number[]): BlockLookup {
  return {
    facts: { name: 'force list', category: 'B' } as BlockSetFacts,
    codeKey: new Uint8Array(32),
    find: () => 0,
    positionOf: () => 0,
    anchorOf: () => null,
    file: (number) => ({ sizeBytes: indexed[number]! * BLOCK + 17, blocks: indexed[number]!, indexedBlocks: indexed[number]! }),
  };
}

/** A run of `blocks` blocks from block `at` of the source on; `position` is that of the first one in file `file`. */
function run(at: number, blocks: number, position: number, file: number | null = null): FoundRun {
  return { set: 0, offset: at * BLOCK, endOffset: (at + blocks) * BLOCK, blocks, firstPosition: position % 128, lastPosition: (position + blocks - 1) % 128, file: file === null ? null : { number: file, firstPosition: position } };
}

test('four blocks in order say that part of a file is there, three are a lead', () => {
  const rules = makeBlockHits([run(0, 4, 10), run(200, 3, 10)], [lookupOf()], PLACES).map(({ rule, blocksMatched, item, category }) => [rule, blocksMatched, item, category]);
  assert.deepEqual(rules, [['run', 4, 'p1/a.jpg', 'B'], ['lead', 3, null, 'B']]);
});

test('half of a short file is enough, one block never is', () => {
  const rules = makeBlockHits([run(0, 2, 0, 0), run(50, 1, 0, 1), run(90, 2, 0, 2), run(150, 3, 0, 3), run(180, 3, 0, 4)], [lookupOf(4, 1, 50, 7, 6)], PLACES).map(({ rule }) => rule);
  assert.deepEqual(rules, ['share', 'lead', 'lead', 'lead', 'share']);
});

test('fragments of one file join, in whatever order they lie, and a second copy is a second hit', () => {
  const hits = makeBlockHits([run(300, 10, 0, 0), run(0, 10, 10, 0), run(600, 20, 0, 0)], [lookupOf(30)], PLACES);
  assert.deepEqual(
    hits.map(({ rule, blocksMatched, ranges }) => [rule, blocksMatched, ranges.map(({ offset, length }) => [offset / BLOCK, length / BLOCK])]),
    [
      ['share', 20, [[0, 10], [300, 10]]],
      ['share', 20, [[600, 20]]],
    ],
  );
});

test('a run that goes on in the next cell is one run, and repeats count once', () => {
  const border = CELL_BYTES / BLOCK;
  const [first, second] = [run(border - 3, 3, 100, 4), run(border, 5, 103)];
  const lookups = [lookupOf(0, 0, 0, 0, 200)];
  assert.deepEqual(joinRuns([second, first, first, second], lookups), [{ ...run(border - 3, 8, 100, 4) }]);
  const stranger = run(border, 5, 90);
  assert.equal(joinRuns([first, stranger], lookups).length, 2);
  assert.equal(joinRuns([first, second], [lookupOf(0, 0, 0, 0, 107)]).length, 2, 'past the end of its file');
});

test('blocks of an item that is a hit as a whole are told as such', () => {
  const places = { ...PLACES, isHit: (path: string) => path === 'p1/a.jpg' };
  assert.deepEqual(makeBlockHits([run(0, 9, 10), run(200, 9, 10)], [lookupOf()], places).map(({ isOfWholeHit }) => isOfWholeHit), [true, false]);
});

test('the order in which runs were met changes nothing, also where two sets bear one name', () => {
  const pieces = fc.array(
    fc.record({ set: fc.integer({ min: 0, max: 1 }), at: fc.integer({ min: 0, max: 400 }), blocks: fc.integer({ min: 1, max: 6 }), position: fc.integer({ min: 0, max: 40 }), file: fc.option(fc.integer({ min: 0, max: 2 })) }),
    { maxLength: 30 },
  );
  fc.assert(
    fc.property(pieces, fc.integer(), (found, seed) => {
      const runs = found.map(({ set, at, blocks, position, file }) => ({ ...run(at, blocks, position, file), set }));
      const shuffled = fc.sample(fc.shuffledSubarray(runs, { minLength: runs.length }), { seed, numRuns: 1 })[0]!;
      const lookup = lookupOf(12, 20, 40);
      // Runs that one look at the source cannot give are left out: one place has one entry in a set.
      const possible = new Set(runs.map(({ set, offset }) => `${set} ${offset}`)).size === runs.length;
      if (possible) assert.deepEqual(makeBlockHits(shuffled, [lookup, lookup], PLACES), makeBlockHits(runs, [lookup, lookup], PLACES));
    }),
    { numRuns: 300 },
  );
});

test('as many copies as there are, each fragment in one of them, and no position twice in any', () => {
  const starts = fc.array(fc.record({ position: fc.integer({ min: 0, max: 50 }), blocks: fc.integer({ min: 1, max: 20 }) }), { minLength: 1, maxLength: 40 });
  fc.assert(
    fc.property(starts, (fragments) => {
      const runs = fragments.map(({ position, blocks }, index) => run(index * 100, blocks, position, 0));
      const hits = makeBlockHits(runs, [lookupOf(70)], PLACES);
      assert.equal(hits.reduce((sum, hit) => sum + hit.ranges.length, 0), runs.length);
      const coverOf = (position: number): number => fragments.filter((one) => one.position <= position && position < one.position + one.blocks).length;
      assert.equal(hits.length, Math.max(...Array.from({ length: 71 }, (_, position) => coverOf(position))), 'no more copies than the positions need');
    }),
    { numRuns: 300 },
  );
});
