import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { indexWindowBytes } from './index-window.ts';
import { SECTOR_BYTES, TestMedium } from './medium-for-tests.ts';
import { createMeter } from './survey-meter.ts';
import { makeSurveyPlan, type SurveyPlan } from './survey-plan.ts';

const NO_FILES = { filesChecked: 0, filesTotal: 0 };

/** Every read of the plan as [pass, read], in order but for some that change places, as threads finish. */
function readOrder(plan: SurveyPlan, swaps: readonly number[]): [number, number][] {
  const order = plan.passes.flatMap(({ reads }, passIndex) => Array.from({ length: reads }, (_, i): [number, number] => [passIndex, i]));
  for (let i = 0; i + 1 < swaps.length; i += 2) {
    const one = swaps[i]! % order.length;
    const other = swaps[i + 1]! % order.length;
    [order[one], order[other]] = [order[other]!, order[one]!];
  }
  return order;
}

const world = fc.record({
  sizeBytes: fc.integer({ min: 1, max: 700 }).chain((sectors) => fc.nat(SECTOR_BYTES - 1).map((odd) => sectors * SECTOR_BYTES + (odd % 7 === 0 ? odd : 0))),
  chunkBytes: fc.integer({ min: 2, max: 10 }).map((blocks) => blocks * 4096),
  seed: fc.uint8Array({ minLength: 16, maxLength: 16 }),
  targetBytes: fc.integer({ min: 4096, max: 150_000 }),
  step: fc.integer({ min: 1, max: 4 }),
  alignmentBytes: fc.constantFrom(512 as const, 4096 as const),
  badSectors: fc.oneof(fc.constant<number[]>([]), fc.array(fc.nat(700), { maxLength: 12 })),
  swaps: fc.oneof(fc.constant<number[]>([]), fc.array(fc.nat(100_000), { maxLength: 300 })),
  failures: fc.oneof(fc.constant<number[]>([]), fc.array(fc.nat(100), { maxLength: 6 })),
  stops: fc.array(fc.nat(1000), { minLength: 1, maxLength: 4 }),
});

test('at every stop: no readable run of the stated length, at any place, on any grid, was missed', () => {
  let promises = 0;
  fc.assert(
    fc.property(world, ({ sizeBytes, chunkBytes, seed, targetBytes, step, alignmentBytes, badSectors, swaps, failures, stops }) => {
      const window = indexWindowBytes(step);
      const target = { unbrokenBytes: targetBytes, scatteredBytes: targetBytes, probability: 0.5 };
      const plan = makeSurveyPlan({ sizeBytes, chunkBytes, seed, target, indexedShare: 1, toTheEnd: true, windowBytes: window, alignmentBytes });
      const meter = createMeter(plan, { indexWindowBytes: window, indexedShare: 1 });
      const medium = new TestMedium(sizeBytes, badSectors);
      const order = readOrder(plan, swaps);
      const stopsAt = new Set([...stops.map((stop) => stop % order.length), order.length - 1]);
      for (const [i, [passIndex, readIndex]] of order.entries()) {
        // A read may fail as a whole though the medium is sound there: the run may lie there and is readable.
        const unreadable = failures.includes(i) ? [plan.readAt(passIndex, readIndex)] : medium.read(plan.readAt(passIndex, readIndex));
        meter.note(passIndex, readIndex, unreadable);
        if (!stopsAt.has(i)) continue;
        const { unbrokenBytes } = meter.figures(NO_FILES);
        if (unbrokenBytes === null) continue;
        promises += 1;
        assert.ok(unbrokenBytes <= sizeBytes && unbrokenBytes >= window);
        assert.equal(medium.findMissedRun(unbrokenBytes, step, alignmentBytes), null, `after ${i + 1} reads, ${unbrokenBytes} bytes`);
      }
    }),
    { numRuns: 400 },
  );
  assert.ok(promises > 300, `only ${promises} promises were put to the test`);
});

test('it is not an empty promise: the passes reach the target, and everything read gives the index window', () => {
  fc.assert(
    fc.property(world, ({ sizeBytes, chunkBytes, seed, targetBytes, step, alignmentBytes }) => {
      const window = indexWindowBytes(step);
      const target = { unbrokenBytes: targetBytes, scatteredBytes: targetBytes, probability: 0.5 };
      const plan = makeSurveyPlan({ sizeBytes, chunkBytes, seed, target, indexedShare: 1, toTheEnd: true, windowBytes: window, alignmentBytes });
      const meter = createMeter(plan, { indexWindowBytes: window, indexedShare: 1 });
      let before = Infinity;
      for (const [passIndex, { kind, reads }] of plan.passes.entries()) {
        if (kind === 'rest' && sizeBytes >= targetBytes && targetBytes >= 2 * window - 1 + chunkBytes) assert.ok(meter.figures(NO_FILES).unbrokenBytes! <= targetBytes);
        for (let i = 0; i < reads; i += 1) meter.note(passIndex, i);
        const now = meter.figures(NO_FILES).unbrokenBytes ?? Infinity;
        assert.ok(now <= before, 'a promise is never taken back');
        before = now;
        assert.ok(meter.isPassDone(passIndex));
      }
      const end = meter.figures(NO_FILES);
      assert.equal(end.unbrokenBytes, sizeBytes >= window ? window : null);
      for (const { bytes, probability } of end.scattered) assert.equal(probability, bytes >= 4096 ? 1 : 0);
    }),
  );
});

test('the figure is not loose: a run shorter by what the two sides of it are allowed can be missed', () => {
  for (let seed = 0; seed < 40; seed += 1) {
    const sizeBytes = 80 * 8192;
    const window = indexWindowBytes(1);
    const target = { unbrokenBytes: 65_536, scatteredBytes: 65_536, probability: 0.5 };
    const plan = makeSurveyPlan({ sizeBytes, chunkBytes: 8192, seed: Buffer.alloc(16, seed), target, indexedShare: 1, toTheEnd: false, alignmentBytes: 512 });
    const meter = createMeter(plan, { indexWindowBytes: window, indexedShare: 1 });
    const medium = new TestMedium(sizeBytes);
    for (const [passIndex, { kind, reads }] of plan.passes.entries()) {
      for (let i = 0; kind === 'systematic' && i < reads; i += 1) meter.note(passIndex, i, medium.read(plan.readAt(passIndex, i)));
    }
    const { unbrokenBytes } = meter.figures(NO_FILES);
    assert.equal(unbrokenBytes, plan.spacingBytes - 8192 + 2 * window - 1);
    // On one grid of sectors 7,168 bytes are lost at the sides: up to 3,584 of a block cut at the start, and 3,584 of one cut at the end.
    const missable = unbrokenBytes - (2 * window - 1) + 7168;
    assert.notEqual(medium.findMissedRun(missable, 1, 512), null);
    assert.equal(medium.findMissedRun(missable + SECTOR_BYTES, 1, 512), null);
  }
});
