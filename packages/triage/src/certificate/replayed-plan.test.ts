import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { CertificateBody, NumberRun } from './certificate-types.ts';
import { replayedReads, statedSurveyPlan } from './replayed-plan.ts';
import { testRun } from './test-certificate.ts';

const TARGET = { unbrokenBytes: 20_971_520, scatteredBytes: 20_971_520, probability: 0.99 };
const PARAMETERS = { target: TARGET, indexedShare: 1, toTheEnd: true, windowBytes: 4096, alignmentBytes: 512, seekCostBytes: 0 };

/** A certificate of a disk of 1 GiB that states this of its survey. */
function stating(survey: object, parameters: object = {}, change: Partial<CertificateBody> = {}): CertificateBody {
  const { certificate } = testRun(Buffer.alloc(8192));
  const plan = { order: 'x', seed: '00'.repeat(32), startOffset: 0, chunkBytes: 65_536, spacingBytes: null, ...survey, parameters: { ...PARAMETERS, ...parameters } };
  return { ...certificate, source: { ...certificate.source, sizeBytes: 2 ** 30 }, plan: { ...certificate.plan, survey: plan }, reads: [], ...change };
}

function withReads(lane: 'survey' | 'file', name: string, done: readonly NumberRun[]): CertificateBody {
  const { certificate } = testRun(Buffer.alloc(8192));
  return stating({}, {}, { reads: [{ ...certificate.reads[0]!, lane, name, done }] });
}

test('a plan that can be carried out is taken as it is stated', () => {
  const plan = statedSurveyPlan(stating({}));
  assert.deepEqual([plan?.chunkBytes, plan?.seed.length, plan?.target, plan?.alignmentBytes], [65_536, 32, TARGET, 512]);
  assert.equal(statedSurveyPlan({ ...stating({}), plan: { survey: null, file: null } }), null);
});

test('what no run could have planned is refused, before anything is counted out', () => {
  const refused = { code: 'replay-not-possible' };
  for (const survey of [{ chunkBytes: 0 }, { chunkBytes: 1 }, { chunkBytes: 2 ** 40 }, { seed: '' }, { seed: 'zz'.repeat(32) }, { seed: '00' }]) {
    assert.throws(() => statedSurveyPlan(stating(survey)), refused, JSON.stringify(survey));
  }
  for (const parameters of [{ target: {} }, { target: null }, { target: { ...TARGET, probability: 2 } }, { target: { ...TARGET, unbrokenBytes: 0 } }, { indexedShare: -1 }, { windowBytes: 'much' }, { seekCostBytes: Number.NaN }]) {
    assert.throws(() => statedSurveyPlan(stating({}, parameters)), refused, JSON.stringify(parameters));
  }
  const { source } = testRun(Buffer.alloc(8192)).certificate;
  assert.throws(() => statedSurveyPlan(stating({}, {}, { source: { ...source, sizeBytes: Number.MAX_SAFE_INTEGER } })), refused);
});

test('batches are those that lie whole in the runs done; more than a run can make are refused', () => {
  const body = withReads('survey', 'systematic-0', [{ first: 0, count: 64 }]);
  const plan = statedSurveyPlan(body);
  assert.deepEqual([...replayedReads(body, plan).surveyBatches], [0]);
  assert.deepEqual([...replayedReads(withReads('survey', 'systematic-0', [{ first: 1, count: 63 }]), plan).surveyBatches], []);
  assert.deepEqual([...replayedReads(withReads('survey', 'jittered-99', [{ first: 0, count: 64 }]), plan).surveyBatches], []);
  const files = replayedReads(withReads('file', 'content', [{ first: 3, count: 2 }, { first: 9, count: 1 }]), null);
  assert.deepEqual([...files.planBatches.values()].map((numbers) => [...numbers]), [[3, 4, 9]]);
  for (const done of [[{ first: 0, count: 1e15 }], [{ first: 0, count: 2 ** 24 }]]) {
    assert.throws(() => replayedReads(withReads('file', 'content', done), null), { code: 'replay-not-possible' });
  }
});
