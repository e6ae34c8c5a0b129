import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import test from 'node:test';
import fc from 'fast-check';
import { chanceOfExcess } from './binomial-for-tests.ts';
import { TestMedium } from './medium-for-tests.ts';
import { createMeter } from './survey-meter.ts';
import { makeSurveyPlan } from './survey-plan.ts';

const NO_FILES = { filesChecked: 0, filesTotal: 0 };
const CELL = 4096;

/** Below this chance a count is taken for a broken promise. All tests together make fewer than 10,000 comparisons. */
const IMPOSSIBLE = 1e-9;

interface World {
  readonly sizeBytes: number;
  readonly chunkBytes: number;
  /** Where known blocks begin; they do not overlap. */
  readonly blocks: readonly number[];
  /** One of so many blocks is not in the index. 0 for none. */
  readonly unindexedEvery: number;
  readonly badSectors: readonly number[];
  readonly alignmentBytes: 512 | 4096;
}

/**
 * Reads the jittered passes under many seeds and counts, after every pass, how often no indexed block had been looked up,
 * against what the meter stated for exactly the readable material there is.
 */
function checkMisses(world: World, seeds: number): { compared: number; stated: number } {
  const { sizeBytes, chunkBytes, blocks, unindexedEvery, badSectors, alignmentBytes } = world;
  const probe = new TestMedium(sizeBytes, badSectors);
  const readable = blocks.filter((offset) => probe.isReadable(offset, CELL));
  const indexed = readable.filter((_, i) => unindexedEvery === 0 || i % unindexedEvery !== 0);
  const bytes = readable.length * CELL;
  if (indexed.length === 0) return { compared: 0, stated: 0 };
  const indexedShare = indexed.length / readable.length;
  const target = { unbrokenBytes: sizeBytes, scatteredBytes: bytes, probability: 0.9 };
  const misses: number[] = [];
  const stated: number[] = [];
  for (let seed = 0; seed < seeds; seed += 1) {
    const plan = makeSurveyPlan({ sizeBytes, chunkBytes, seed: createHash('sha256').update(`scattered ${seed}`).digest(), target, indexedShare, toTheEnd: true, alignmentBytes });
    const meter = createMeter(plan, { indexWindowBytes: 8191, indexedShare });
    const medium = new TestMedium(sizeBytes, badSectors);
    let met = false;
    for (const [passIndex, { kind, index, reads }] of plan.passes.entries()) {
      if (kind !== 'jittered') continue;
      for (let i = 0; i < reads; i += 1) {
        meter.note(passIndex, i, medium.read(plan.readAt(passIndex, i)));
        if (i === reads - 2) assert.equal(figureFor(bytes, meter), stated[index - 1] ?? 0, 'a pass that is not complete counts for nothing');
      }
      met ||= indexed.some((offset) => medium.wasLookedUp(offset));
      misses[index] = (misses[index] ?? 0) + (met ? 0 : 1);
      stated[index] ??= figureFor(bytes, meter);
    }
  }
  for (const [pass, count] of misses.entries()) {
    const chance = chanceOfExcess(count, seeds, 1 - stated[pass]!);
    assert.ok(chance > IMPOSSIBLE, `after pass ${pass}: ${count} of ${seeds} missed, stated ${stated[pass]} (chance ${chance})`);
  }
  return { compared: misses.length, stated: stated.at(-1) ?? 0 };
}

function figureFor(bytes: number, meter: ReturnType<typeof createMeter>): number {
  return meter.figures(NO_FILES).scattered.find((row) => row.bytes === bytes)!.probability;
}

const LAYOUTS: Readonly<Record<string, (cells: number) => number[]>> = {
  'one run': () => Array.from({ length: 24 }, (_, i) => (40 + i) * CELL),
  'one run at the end of the device': (cells) => Array.from({ length: 24 }, (_, i) => (cells - 24 + i) * CELL),
  'one block in 16': (cells) => Array.from({ length: cells >> 4 }, (_, i) => i * 16 * CELL),
  'the second half full': (cells) => Array.from({ length: 20 }, (_, i) => ((cells >> 1) + i * 2) * CELL),
  'a single block': () => [77 * CELL],
  'blocks off every grid': (cells) => Array.from({ length: cells >> 4 }, (_, i) => i * 16 * CELL + 512 * (1 + (i % 7))),
  'blocks that lie across the borders of chunks': (cells) => Array.from({ length: (cells >> 2) - 1 }, (_, i) => (i + 1) * 4 * CELL - 512),
};

for (const [name, place] of Object.entries(LAYOUTS)) {
  test(`scattered: ${name}`, () => {
    const sizeBytes = 400 * CELL + 1000;
    const blocks = place(400);
    const { compared, stated } = checkMisses({ sizeBytes, chunkBytes: 2 * CELL, blocks, unindexedEvery: 0, badSectors: [], alignmentBytes: 512 }, 1500);
    assert.ok(blocks.length === 1 || (compared > 0 && stated > 0.5), `${compared} passes compared, ${stated} stated`);
  });
}

test('scattered: any layout, with blocks that are not indexed and sectors that cannot be read', () => {
  let compared = 0;
  fc.assert(
    fc.property(
      fc.integer({ min: 100, max: 900 }),
      fc.integer({ min: 2, max: 5 }),
      fc.array(fc.record({ gap: fc.oneof(fc.constant(0), fc.nat(30)), phase: fc.nat(7) }), { minLength: 10, maxLength: 60 }),
      fc.constantFrom(0, 2, 3, 5),
      fc.array(fc.nat(7200), { maxLength: 30 }),
      (cells, chunkBlocks, gaps, unindexedEvery, badSectors) => {
        const blocks: number[] = [];
        let at = 0;
        for (const { gap, phase } of gaps) {
          const offset = at + gap * CELL + phase * 512;
          if (offset + CELL > cells * CELL) break;
          blocks.push(offset);
          at = offset + CELL;
        }
        compared += checkMisses({ sizeBytes: cells * CELL, chunkBytes: chunkBlocks * CELL, blocks, unindexedEvery, badSectors, alignmentBytes: 512 }, 100).compared;
      },
    ),
    // Pinned: a count that is merely unlikely must not come and go.
    { numRuns: 40, seed: 20261124 },
  );
  assert.ok(compared > 80, `only ${compared} passes were compared`);
});

test('the comparison finds a meter out that counts reads it has not made', () => {
  // Blocks that only a read beginning in their own cell or the one before can meet: a read meets one with 2/16, and
  // a meter that took each read for three would state 1 − (1 − 2/16)^(3n).
  const seeds = 3000;
  const blocks = LAYOUTS['one block in 16']!(400);
  let misses = 0;
  let reads = 0;
  for (let seed = 0; seed < seeds; seed += 1) {
    const plan = makeSurveyPlan({ sizeBytes: 400 * CELL, chunkBytes: 2 * CELL, seed: createHash('sha256').update(`${seed}`).digest(), target: { unbrokenBytes: 1e6, scatteredBytes: 25 * CELL, probability: 0.9 }, indexedShare: 1, toTheEnd: false });
    const medium = new TestMedium(400 * CELL);
    const pass = plan.passes.findIndex(({ kind }) => kind === 'jittered');
    reads = plan.passes[pass]!.reads;
    for (let i = 0; i < reads; i += 1) medium.read(plan.readAt(pass, i));
    if (!blocks.some((offset) => medium.wasLookedUp(offset))) misses += 1;
  }
  assert.ok(reads >= 4 && chanceOfExcess(misses, seeds, (1 - 2 / 16) ** (3 * reads)) < IMPOSSIBLE, 'the comparison cannot fail');
});
