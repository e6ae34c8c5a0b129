import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { RandomAccessSource } from '@kerbside/bytes';
import type { SourceFacts } from '@kerbside/evidence';
import type { BlockSet } from '@kerbside/match';
import { DEFAULT_TARGET } from './parse-until.ts';
import { longFilesOf, planSurvey } from './plan-survey.ts';
import { createMeter } from './survey-meter.ts';
import type { SurveyOptions } from './survey-options.ts';
import type { SurveyPlan } from './survey-plan.ts';

const MIB = 1024 ** 2;
const SEED = '5eed'.repeat(16);

function planFor(sizeBytes: number, change: Partial<SurveyOptions> = {}): SurveyPlan {
  const source = { sizeBytes } as RandomAccessSource;
  const blockSets = [{ facts: { indexedShare: 0.9, sparseIndexedShare: 0, sparseStep: 8, blocks: 100 } } as BlockSet];
  const options: SurveyOptions = { blockSets, until: DEFAULT_TARGET, seed: SEED, manifestKeys: [], fixedPlan: null, ...change };
  return planSurvey({ fact: () => null }, { source, facts: { kind: 'raw-image' } as unknown as SourceFacts }, options, () => SEED).plan;
}

function readsOf(plan: SurveyPlan): number {
  return plan.passes.reduce((sum, { reads }) => sum + reads, 0);
}

test('a source shorter than its target is read whole: nothing could be promised of it otherwise', () => {
  for (const sizeBytes of [0, 1, 513, 4096, 70_000, 3 * MIB + 7, 20 * MIB - 1]) {
    const plan = planFor(sizeBytes);
    const meter = createMeter(plan, { indexWindowBytes: plan.options.windowBytes, indexedShare: 0.9 });
    for (const [passIndex, pass] of plan.passes.entries()) for (let read = 0; read < pass.reads; read++) meter.note(passIndex, read);
    const { unbrokenBytes } = meter.figures({ filesChecked: 0, filesTotal: 0 });
    assert.equal(unbrokenBytes, sizeBytes < plan.options.windowBytes ? null : plan.options.windowBytes, `${sizeBytes} bytes`);
    const chunks = plan.passes.flatMap(({ reads }, passIndex) => Array.from({ length: reads }, (_, read) => plan.chunksOf(passIndex, read)?.count ?? 0));
    assert.equal(chunks.reduce((sum, count) => sum + count, 0), plan.grid.count);
  }
  assert.ok(readsOf(planFor(1024 * MIB)) * 64 * 1024 < 900 * MIB, 'a larger one is read until the target only');
});

test('with no blocks to ask for the sample is all of the plan', () => {
  const plan = planFor(1024 ** 3 * 100, { blockSets: [], until: null });
  assert.ok(readsOf(plan) <= 2049, `${readsOf(plan)}`);
});

test('the window allows for files that end in a short block, and costs no read at the default target', () => {
  const plan = planFor(1e12);
  assert.equal(plan.options.windowBytes, 3 * 4096 - 1);
  const systematic = plan.passes.filter(({ kind }) => kind === 'systematic').reduce((sum, { reads }) => sum + reads, 0);
  assert.ok(systematic <= 47_684, `${systematic}`);
});

test('what is said of scattered material is said apart for files that are indexed in part', () => {
  const setOf = (indexedShare: number, sparseIndexedShare: number, sparseAboveBytes = 32 * MIB): BlockSet => ({ facts: { indexedShare, sparseIndexedShare, sparseStep: 8, sparseAboveBytes, blocks: 100 } }) as BlockSet;
  assert.equal(longFilesOf({ blockSets: [] }), null);
  assert.equal(longFilesOf({ blockSets: [setOf(0.9, 0)] }), null);
  assert.equal(longFilesOf({ blockSets: [setOf(0, 0.12)] }), null, 'then the probability allows for them');
  assert.deepEqual(longFilesOf({ blockSets: [setOf(0.9, 0.12)] }), { aboveBytes: 32 * MIB, timesAsMuch: 7.6 });
  assert.deepEqual(longFilesOf({ blockSets: [setOf(0.9, 0.12), setOf(0.8, 0.1, 64 * MIB)] }), { aboveBytes: 32 * MIB, timesAsMuch: 8 });
  assert.equal(longFilesOf({ blockSets: [setOf(0.9, 0.12), setOf(0.1, 0)] }), null, 'the worst share is lower already');
});
