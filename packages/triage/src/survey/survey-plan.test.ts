import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import test from 'node:test';
import fc from 'fast-check';
import { indexWindowBytes } from './index-window.ts';
import { DEFAULT_TARGET } from './parse-until.ts';
import { makePlanForTests } from './plan-for-tests.ts';
import { makeSurveyPlan, MAX_SURVEY_READ_BYTES, type SurveyPlan } from './survey-plan.ts';

const readsOf = (plan: SurveyPlan): { kind: string; passIndex: number; offset: number; length: number; run: { first: number; count: number } | null }[] =>
  plan.passes.flatMap(({ kind, reads }, passIndex) => Array.from({ length: reads }, (_, i) => ({ kind, passIndex, ...plan.readAt(passIndex, i), run: plan.chunksOf(passIndex, i) })));

const options = fc.record({
  sizeBytes: fc.integer({ min: 1, max: 5_000_000 }),
  chunkBytes: fc.integer({ min: 2, max: 20 }).map((blocks) => blocks * 4096),
  seed: fc.uint8Array({ minLength: 16, maxLength: 40 }),
  target: fc.record({ unbrokenBytes: fc.integer({ min: 4096, max: 2_000_000 }), scatteredBytes: fc.integer({ min: 4096, max: 2_000_000 }), probability: fc.double({ min: 0.01, max: 0.999, noNaN: true }) }),
  indexedShare: fc.double({ min: 0, max: 1, noNaN: true }),
  toTheEnd: fc.boolean(),
  windowBytes: fc.integer({ min: 1, max: 9 }).map(indexWindowBytes),
  alignmentBytes: fc.constantFrom(512 as const, 4096 as const),
});

test('every read lies inside the device, on a 4 KiB step, ascending within its pass', () => {
  fc.assert(
    fc.property(options, (given) => {
      const plan = makeSurveyPlan(given);
      let before = { passIndex: -1, offset: 0 };
      for (const read of readsOf(plan)) {
        assert.ok(read.length > 0 && read.offset >= 0 && read.offset + read.length <= given.sizeBytes);
        assert.equal(read.offset % 4096, 0);
        if (read.passIndex === before.passIndex) assert.ok(read.offset >= before.offset);
        before = read;
      }
    }),
  );
});

test('systematic passes and rest read each chunk once; a read holds every block that begins in its chunk', () => {
  fc.assert(
    fc.property(options, (given) => {
      const plan = makeSurveyPlan({ ...given, toTheEnd: true });
      const reads = readsOf(plan).filter(({ kind }) => kind !== 'jittered');
      const chunks = reads.flatMap(({ run }) => Array.from({ length: run!.count }, (_, i) => run!.first + i));
      assert.deepEqual(chunks.toSorted((one, other) => one - other), Array.from({ length: plan.grid.count }, (_, i) => i));
      for (const { kind, run, offset, length } of reads) {
        const last = plan.grid.chunkAt(run!.first + run!.count - 1);
        assert.equal(offset, plan.grid.offsetOf(run!.first));
        assert.equal(offset + length, Math.min(given.sizeBytes, last.offset + last.length + 4096 - given.alignmentBytes));
        assert.ok(length <= MAX_SURVEY_READ_BYTES && (kind === 'rest' || run!.count === 1));
      }
    }),
  );
});

test('same options, same reads; another seed, other reads', () => {
  const one = readsOf(makePlanForTests({}));
  assert.deepEqual(readsOf(makePlanForTests({})), one);
  assert.notDeepEqual(readsOf(makePlanForTests({ seed: Buffer.alloc(32, 2) })), one);
  assert.deepEqual(readsOf(makeSurveyPlan(structuredClone(makePlanForTests({}).options))), one, 'as a thread makes it');
});

test('1 TB, 20 MiB: at most 47,684 systematic reads, for every seed and chunk of a survey', () => {
  for (let i = 0; i < 300; i += 1) {
    for (const chunkBytes of [64, 128, 256].map((kib) => kib * 1024)) {
      const plan = makeSurveyPlan({ sizeBytes: 1e12, chunkBytes, seed: randomBytes(32), target: DEFAULT_TARGET, indexedShare: 1, toTheEnd: false });
      const reads = plan.passes.filter(({ kind }) => kind === 'systematic').reduce((sum, pass) => sum + pass.reads, 0);
      assert.ok(reads <= 47_684, `${reads} reads with chunks of ${chunkBytes}`);
      assert.ok(plan.passes[0]!.reads >= 64 && plan.passes[0]!.reads <= 256);
    }
  }
});

test('the kinds come in order, and the rest only where it is asked for or cheaper than jittered reads', () => {
  const kinds = (plan: SurveyPlan): string[] => [...new Set(plan.passes.map(({ kind }) => kind))];
  const base = { sizeBytes: 1e12, chunkBytes: 65_536, seed: Buffer.alloc(32), target: DEFAULT_TARGET, indexedShare: 1 };
  assert.deepEqual(kinds(makeSurveyPlan({ ...base, toTheEnd: true })), ['systematic', 'jittered', 'rest']);
  assert.deepEqual(kinds(makeSurveyPlan({ ...base, toTheEnd: false })), ['systematic', 'jittered']);
  const small = { ...base, target: { ...DEFAULT_TARGET, scatteredBytes: 256 * 1024 }, toTheEnd: false };
  assert.deepEqual(kinds(makeSurveyPlan(small)), ['systematic', 'rest'], 'jittered reads of 115 % of the device');
  const oneMib = { ...base, target: { ...DEFAULT_TARGET, scatteredBytes: 1024 ** 2 }, toTheEnd: false };
  assert.deepEqual(kinds(makeSurveyPlan(oneMib)), ['systematic', 'jittered'], 'flash');
  assert.deepEqual(kinds(makeSurveyPlan({ ...oneMib, seekCostBytes: 1_080_000 })), ['systematic', 'rest'], 'spinning disk');
  assert.deepEqual(kinds(makeSurveyPlan({ ...base, indexedShare: 0, toTheEnd: false })), ['systematic'], 'a sample without block sets reads no more than the sample');
  assert.deepEqual(kinds(makeSurveyPlan({ ...base, sizeBytes: 0, toTheEnd: true })), []);
});

test('a read that is not in the plan, or a seed too short to be secret, is a fault of ours', () => {
  const plan = makePlanForTests({});
  for (const [pass, i] of [[-1, 0], [plan.passes.length, 0], [0, -1], [0, plan.passes[0]!.reads], [0, 0.5]] as const) assert.throws(() => plan.readAt(pass, i), { code: 'internal-fault' });
  assert.throws(() => makePlanForTests({ seed: Buffer.alloc(15) }), { code: 'internal-fault' });
  assert.throws(() => makePlanForTests({ chunkBytes: 2 * 1024 ** 2 }), { code: 'internal-fault' }, 'longer than a reader has room for');
});
