import { randomBytes } from 'node:crypto';
import { RefusedError, type ByteRange } from '@kerbside/bytes';
import type { Layout, OpenImage } from '@kerbside/evidence';
import { attachBlockSet } from '@kerbside/match';
import type { ReadableSource } from '../hash-items.ts';
import { addWalkProblem, enterStage, type RunContext } from '../run-context.ts';
import type { BlockHit } from './block-hit.ts';
import { createBlockHitLog } from './block-hit-log.ts';
import { createContentTally } from './content-tally.ts';
import { gridOfLayout } from './grid-of-layout.ts';
import { buildItemIndex, type ItemIndex } from './item-index.ts';
import type { Meter } from './meter-facts.ts';
import { indexedShareOf, longFilesOf, planSurvey, windowBytesOf } from './plan-survey.ts';
import { readPasses } from './read-passes.ts';
import { readAgain, type SecondRead } from './second-reads.ts';
import type { SurveyOptions, SurveyPlanFacts } from './survey-options.ts';
import { noteRecord, type SurveyState } from './survey-state.ts';
import { cutIntoBatches, type SurveyBatches } from './survey-batches.ts';
import { createMeter } from './survey-meter.ts';
import type { SurveyPlan } from './survey-plan.ts';
import type { Thermometer } from './thermometer-facts.ts';

/** Name and version of the order in which the survey reads (docs/decisions/0008-survey-order-and-meter.md). */
export const SURVEY_ORDER = 'systematic-jittered-rest-2';

/** Reads of a batch: 4 to 16 MiB, a few hundred milliseconds of a spinning disk. */
export const READS_PER_BATCH = { sampled: 64, rest: 16 } as const;

/** The survey lane of one run. */
export interface Survey {
  readonly facts: SurveyPlanFacts;
  readonly plan: SurveyPlan;
  /** The passes that tell what the device holds; true when they came to their end. Beside other stages. */
  runSample(): Promise<boolean>;
  /** The whole survey as a stage of its own; true when it came to its end. */
  runStage(): Promise<boolean>;
  meter(): Meter | null;
  thermometer(): Thermometer | null;
  blockHits(): BlockHit[];
  /** Distance of the systematic reads of the finest pass that was completed; null before the first. */
  spacingReached(): number | null;
  /** The plan's batches, and those that are done. */
  readonly batches: SurveyBatches;
  doneBatches(): ReadonlySet<number>;
  /** What reads of the chunk grid looked up, each byte of the source once at most. */
  readsDone(): Iterable<ByteRange>;
  /** Items that hold known blocks, ascending. */
  owners(): number[];
  /** Some reads of the first pass once more (second-reads.ts). */
  readAgain(source: ReadableSource): Iterable<SecondRead>;
}

/**
 * Makes the plan of a survey, or takes up the one in the journal, and everything that follows it.
 * Without block sets there is nothing to look up: then the sample is all of the plan.
 *
 * @throws RefusedError `source-changed` when the journal holds another plan for this source
 */
export async function prepareSurvey(context: RunContext, opened: OpenImage, layout: Layout, given: SurveyOptions): Promise<Survey> {
  // A set made of a hash list has codes of whole files alone: the survey has nothing to ask it.
  const blockSets = given.blockSets.filter(({ facts }) => facts.blocks > 0);
  const options = { ...given, blockSets };
  const { facts, plan, samplePasses } = planSurvey(context.journal, opened, options, () => options.seed ?? randomBytes(32).toString('hex'));
  claimPlan(context, plan.options.sizeBytes, facts);
  const lookups = blockSets.map(({ shared }) => attachBlockSet(shared));
  let index: ItemIndex | null = null;
  const itemAt = (offset: number): number => (index ??= buildItemIndex(context.catalogue)).at(offset);
  const places = {
    volumeAt: (offset: number): string => partAt(layout, offset),
    itemAt: (offset: number): string | null => {
      const ordinal = itemAt(offset);
      return ordinal < 0 ? null : context.catalogue.path(ordinal);
    },
  };
  const state: SurveyState = {
    plan,
    batches: cutIntoBatches(plan, READS_PER_BATCH),
    meter: createMeter(plan, { indexWindowBytes: windowBytesOf(options), indexedShare: indexedShareOf(options), longFiles: longFilesOf(options) }),
    tally: createContentTally(plan),
    hits: createBlockHitLog(context, lookups, places),
  };
  takeUp(context, state);
  const { grid, problem } = gridOfLayout(opened.source.sizeBytes, layout, context.catalogue);
  if (problem !== null && blockSets.length > 0) addWalkProblem(context, problem);
  context.pool.setUpSurvey({ sets: blockSets.map(({ shared }) => shared), grid, manifestKeys: options.manifestKeys });
  const meter = (): Meter | null => (blockSets.length === 0 ? null : state.meter.figures(context.catalogue.liveFiles));
  const thermometer = (): Thermometer | null => state.tally.thermometer(context.catalogue, layout, opened.source.sizeBytes);
  let running: Promise<boolean> = Promise.resolve(true);
  const run = (toPass: number, ownsProgress: boolean): Promise<boolean> =>
    // One after the other: a sample still going when the stage begins is the first part of it.
    (running = running.then(() => readPasses(context, state, { toPass, ownsProgress, meter, thermometer })));
  return {
    facts,
    plan,
    runSample: () => run(samplePasses, false),
    async runStage() {
      const stage = enterStage(context, 'survey');
      stage.finished = await run(plan.passes.length, true);
      stage.items = plan.passes.reduce((sum, { reads }) => sum + reads, 0);
      return stage.finished;
    },
    meter,
    thermometer,
    blockHits: () => state.hits.all(),
    spacingReached: () => spacingReached(state),
    batches: state.batches,
    doneBatches: () => context.journal.survey.doneBatches(),
    readsDone: () => gridReads(context, state),
    owners: () => [...new Set(state.hits.all().flatMap(({ ranges }) => ranges.map(({ offset }) => itemAt(offset)).filter((ordinal) => ordinal >= 0)))].sort((a, b) => a - b),
    readAgain: (source) => readAgain(context.journal, state, grid, source),
  };
}

function* gridReads(context: RunContext, { plan, batches }: SurveyState): Generator<ByteRange> {
  for (const number of context.journal.survey.doneBatches()) {
    const { passIndex, from, to } = batches.batchAt(number);
    for (let read = from; read < to; read++) {
      const run = plan.chunksOf(passIndex, read);
      if (run === null) continue;
      const offset = plan.grid.offsetOf(run.first);
      yield { offset, length: plan.grid.offsetOf(run.first + run.count) - offset };
    }
  }
}

function spacingReached({ plan, meter }: SurveyState): number | null {
  const systematic = plan.passes.filter(({ kind }) => kind === 'systematic').length;
  let whole = 0;
  while (whole < systematic && meter.isPassDone(whole)) whole += 1;
  return whole === 0 ? null : plan.spacingBytes * 2 ** (systematic - whole);
}

function claimPlan(context: RunContext, sizeBytes: number, facts: SurveyPlanFacts): void {
  const wanted = JSON.stringify({ sizeBytes, ...facts });
  const known = context.journal.fact('survey plan');
  if (known === null) context.journal.setFact('survey plan', wanted);
  else if (known !== wanted) throw new RefusedError('source-changed', 'The source has another size than when this run began. Give --out a new folder to begin again.');
}

/** What earlier sessions read. */
function takeUp(context: RunContext, state: SurveyState): void {
  for (const record of context.journal.survey.records()) {
    noteRecord(state, record);
    for (const problem of record.problems) addWalkProblem(context, problem);
  }
  state.hits.add(context.journal.survey.runs());
}

function partAt(layout: Layout, offset: number): string {
  const gap = layout.gaps.find(({ range }) => offset >= range.offset && offset < range.offset + range.length);
  const volume = layout.volumes.find(({ volume: one }) => offset >= one.startOffset && offset < one.startOffset + one.sizeBytes);
  return volume?.volume.id ?? gap?.id ?? '';
}

