import assert from 'node:assert/strict';
import test from 'node:test';
import { DEFAULT_TARGET } from './parse-until.ts';
import { makePlanForTests } from './plan-for-tests.ts';
import { statedProbability, shareOfDevice } from './stated-probability.ts';
import { createMeter } from './survey-meter.ts';
import { makeSurveyPlan } from './survey-plan.ts';

const SETS = { indexWindowBytes: 8191, indexedShare: 1 };
const FILES = { filesChecked: 3, filesTotal: 8 };
const MIB = 1024 ** 2;

test('before the first read nothing is promised', () => {
  const plan = makeSurveyPlan({ sizeBytes: 1e12, chunkBytes: 65_536, seed: Buffer.alloc(32), target: { ...DEFAULT_TARGET, scatteredBytes: 30 * MIB }, indexedShare: 1, toTheEnd: true });
  const figures = createMeter(plan, { ...SETS, indexedShare: 0.9 }).figures(FILES);
  assert.deepEqual(figures, {
    unbrokenBytes: null,
    scattered: [1, 5, 10, 20, 30, 50, 100, 200, 500, 1024].map((mib) => ({ bytes: mib * MIB, probability: 0 })),
    filesChecked: 3,
    filesTotal: 8,
    systematicReads: 0,
    jitteredReads: 0,
    unreadableBytes: 0,
    indexedShare: 0.9,
  });
});

test('amounts that the device cannot hold are left out', () => {
  assert.deepEqual(createMeter(makePlanForTests({}), SETS).figures(FILES).scattered.map(({ bytes }) => bytes), [200_000, MIB]);
});

test('reads noted again count once, also after their pass is done; reads out of order give the same figures', () => {
  const plan = makePlanForTests({});
  const reads = plan.passes.flatMap(({ reads: count }, passIndex) => Array.from({ length: count }, (_, i) => [passIndex, i] as const));
  const once = createMeter(plan, SETS);
  const twice = createMeter(plan, SETS);
  for (const [pass, i] of reads) once.note(pass, i);
  for (const [pass, i] of [...reads.toReversed(), ...reads]) twice.note(pass, i);
  assert.deepEqual(twice.figures(FILES), once.figures(FILES));
  const { systematicReads, jitteredReads } = once.figures(FILES);
  assert.ok(systematicReads < plan.grid.count, 'the rest is read in runs of chunks');
  assert.equal(systematicReads + jitteredReads, reads.length);
});

test('jittered reads count by complete passes, less those that gave nothing', () => {
  const plan = makePlanForTests({});
  const pass = plan.passes.findIndex(({ kind }) => kind === 'jittered');
  const { reads } = plan.passes[pass]!;
  const meter = createMeter(plan, SETS);
  const partly = plan.readAt(pass, 1);
  meter.note(pass, 0, [plan.readAt(pass, 0)]);
  meter.note(pass, 1, [{ offset: partly.offset, length: partly.length - 512 }]);
  for (let i = 2; i < reads - 1; i += 1) meter.note(pass, i);
  assert.equal(meter.figures(FILES).jitteredReads, 0);
  assert.equal(meter.isPassDone(pass), false);
  meter.note(pass, reads - 1);
  const figures = meter.figures(FILES);
  assert.equal(meter.isPassDone(pass), true);
  assert.equal(figures.jitteredReads, reads - 1);
  assert.equal(figures.scattered[0]!.probability, statedProbability(shareOfDevice(200_000, 1, 4_000_000), reads - 1));
  assert.ok(figures.unreadableBytes > 16_384);
});

test('everything read is certain only while every byte could be read', () => {
  const plan = makePlanForTests({});
  const meter = createMeter(plan, SETS);
  for (const [passIndex, { reads }] of plan.passes.entries()) {
    for (let i = 0; i < reads; i += 1) {
      const run = plan.chunksOf(passIndex, i);
      const isBad = run !== null && run.first <= 7 && 7 < run.first + run.count;
      meter.note(passIndex, i, isBad ? [{ offset: plan.grid.offsetOf(7) + 4096, length: 512 }] : []);
    }
  }
  const figures = meter.figures(FILES);
  assert.ok(figures.scattered[0]!.probability < 1);
  assert.equal(figures.unbrokenBytes, 16_384 + 2 * 8191 - 1);
  assert.equal(figures.unreadableBytes, 512);
});

test('sets that index nothing promise nothing, whatever was read', () => {
  const plan = makePlanForTests({ indexedShare: 0 });
  const meter = createMeter(plan, { indexWindowBytes: 8191, indexedShare: 0 });
  for (const [passIndex, { reads }] of plan.passes.entries()) for (let i = 0; i < reads; i += 1) meter.note(passIndex, i);
  const figures = meter.figures(FILES);
  assert.equal(figures.unbrokenBytes, null);
  assert.ok(figures.scattered.every(({ probability }) => probability === 0));
});

test('of a read of many chunks, those count that hold no unreadable byte and border on none', () => {
  const plan = makePlanForTests({});
  const whole = createMeter(plan, SETS);
  const pass = plan.passes.findIndex(({ kind }) => kind === 'rest');
  const runOf = (i: number): { first: number; count: number } => plan.chunksOf(pass, i)!;
  const long = Array.from({ length: plan.passes[pass]!.reads }, (_, i) => i).find((i) => runOf(i).count >= 4)!;
  for (const [passIndex, { reads }] of plan.passes.entries()) {
    for (let i = 0; i < reads; i += 1) if (passIndex !== pass || i !== long) whole.note(passIndex, i);
  }
  const { first, count } = runOf(long);
  assert.equal(whole.figures(FILES).unbrokenBytes, count * 16_384 + 2 * 8191 - 1);
  // In the first bytes of the third chunk: a block that begins in the second may end there.
  whole.note(pass, long, [{ offset: plan.grid.offsetOf(first + 2), length: 512 }]);
  assert.equal(whole.figures(FILES).unbrokenBytes, 2 * 16_384 + 2 * 8191 - 1);
});
