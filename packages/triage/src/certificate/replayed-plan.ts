import { RefusedError } from '@kerbside/bytes';
import type { StageName } from '../events.ts';
import { PROFILES, stagesOf } from '../profile.ts';
import type { ReplayedReads } from '../replayed-reads.ts';
import { PLAN_NAMES } from '../run-stages.ts';
import { SURVEY_CHUNKS } from '../survey/choose-chunk.ts';
import { cutIntoBatches } from '../survey/survey-batches.ts';
import { READS_PER_BATCH } from '../survey/survey.ts';
import { makeSurveyPlan, type SurveyPlanOptions } from '../survey/survey-plan.ts';
import type { CertificateBody, NumberRun } from './certificate-types.ts';
import { passName } from './run-stages-of.ts';

/*
 * What a certificate says of its reads, as a run can carry it out. Its signature may be anybody's, so
 * nothing is counted out that no run could have done.
 */

/** Larger than any device; the plan of a larger one would take more memory than there is. */
const MAX_SOURCE_BYTES = 2 ** 48;


/** Most batches that are made again: as many as a set in memory holds. */
const MAX_BATCHES = 2 ** 24;

/** A plan as its parameters state it. */
export type StatedSurveyPlan = Required<SurveyPlanOptions> & { readonly seed: Buffer };

/**
 * The plan of the survey as a certificate states it, null where the lane did not run.
 * @throws RefusedError `replay-not-possible` for what is no plan
 */
export function statedSurveyPlan({ plan: { survey }, source }: CertificateBody): StatedSurveyPlan | null {
  if (survey === null) return null;
  const { target, indexedShare, toTheEnd, windowBytes, alignmentBytes, seekCostBytes } = survey.parameters;
  const { chunkBytes, seed } = survey;
  if (!SURVEY_CHUNKS.includes(chunkBytes) || !/^(?:[0-9a-f]{2}){16,64}$/.test(seed) || !(source.sizeBytes <= MAX_SOURCE_BYTES)) throw replayNotPossible('how its survey was planned');
  if (typeof target !== 'object' || target === null || Array.isArray(target)) throw replayNotPossible('what its survey was to reach');
  const { unbrokenBytes, scatteredBytes, probability } = target as Readonly<Record<string, unknown>>;
  return {
    sizeBytes: source.sizeBytes,
    chunkBytes,
    seed: Buffer.from(seed, 'hex'),
    target: { unbrokenBytes: numberIn(unbrokenBytes, 1, MAX_SOURCE_BYTES), scatteredBytes: numberIn(scatteredBytes, 1, MAX_SOURCE_BYTES), probability: numberIn(probability, 0, 1) },
    indexedShare: numberIn(indexedShare, 0, 1),
    toTheEnd: toTheEnd === true,
    windowBytes: numberIn(windowBytes, 0, MAX_SOURCE_BYTES),
    alignmentBytes: alignmentBytes === 4096 ? 4096 : 512,
    seekCostBytes: numberIn(seekCostBytes, 0, MAX_SOURCE_BYTES),
  };
}

/**
 * The batches that a certificate says were done.
 * @throws RefusedError `replay-not-possible` for more than can be
 */
export function replayedReads(body: CertificateBody, surveyPlan: StatedSurveyPlan | null): ReplayedReads {
  const planBatches = new Map<number, Set<number>>();
  const contentBatches = new Set<number>();
  const donePasses = new Map<string, readonly NumberRun[]>();
  for (const { lane, name, done } of body.reads) {
    if (lane === 'file') planBatches.set(PLAN_NAMES.findIndex((one) => one === name), numbersOf(done));
    else if (lane === 'content') for (const number of numbersOf(done)) contentBatches.add(number);
    else donePasses.set(name, done);
  }
  const { items } = body.gaps;
  return {
    planBatches,
    contentBatches,
    surveyBatches: surveyPlan === null ? new Set() : surveyBatches(surveyPlan, donePasses),
    stopped: body.verdictInput.state === 'stopped',
    stoppedIn: stoppedIn(body),
    listedItems: items.seen + items.directories + items.others,
    decidedItems: items.gated + items.problems,
  };
}

/** The stage in which a run was stopped, null where it was not. */
export function stoppedIn({ verdictInput: { state, unfinishedStages } }: CertificateBody): StageName | null {
  return state === 'stopped' ? (STAGES.find((stage) => stage === unfinishedStages[0]) ?? null) : null;
}

const STAGES: readonly StageName[] = PROFILES.flatMap((profile) => stagesOf(profile, 'image'));

/** Batches that lie in the runs done, whole. */
function surveyBatches(surveyPlan: StatedSurveyPlan, donePasses: ReadonlyMap<string, readonly NumberRun[]>): Set<number> {
  const plan = makeSurveyPlan(surveyPlan);
  const batches = cutIntoBatches(plan, READS_PER_BATCH);
  if (batches.count >= MAX_BATCHES) throw tooMany();
  const numbers = new Set<number>();
  // Runs ascend, and so do the batches of a pass: what lies behind one batch is not looked at for the next.
  const places = new Map<number, number>();
  for (let number = 0; number < batches.count; number++) {
    const { passIndex, from, to } = batches.batchAt(number);
    const done = donePasses.get(passName(plan.passes[passIndex]!)) ?? [];
    let place = places.get(passIndex) ?? 0;
    while (place < done.length && done[place]!.first + done[place]!.count < to) place += 1;
    places.set(passIndex, place);
    if (place < done.length && done[place]!.first <= from) numbers.add(number);
  }
  return numbers;
}

function numbersOf(runs: readonly NumberRun[]): Set<number> {
  const numbers = new Set<number>();
  if (runs.reduce((sum, { count }) => sum + count, 0) >= MAX_BATCHES) throw tooMany();
  for (const { first, count } of runs) for (let number = first; number < first + count; number++) numbers.add(number);
  return numbers;
}

function numberIn(value: unknown, least: number, most: number): number {
  if (typeof value !== 'number' || !(value >= least && value <= most)) throw replayNotPossible('how its survey was planned');
  return value;
}

function tooMany(): RefusedError {
  return new RefusedError('replay-not-possible', `The certificate states more reads than can be made again (${MAX_BATCHES} batches).`);
}

export function replayNotPossible(what: string): RefusedError {
  return new RefusedError('replay-not-possible', `The certificate does not say ${what} in a way that can be carried out, so its reads cannot be made again.`);
}
