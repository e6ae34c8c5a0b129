import { KerbsideError, problemFrom, RefusedError } from '@kerbside/bytes';
import { requireMedium } from '../require-medium.ts';
import { addWalkProblem, planProgress, PROGRESS_INTERVAL_MS, tellProgress, type RunContext } from '../run-context.ts';
import { RUN_BLOCKS } from './block-hits.ts';
import type { Meter } from './meter-facts.ts';
import { noteRecord, type SurveyState } from './survey-state.ts';
import type { SurveyBatch } from './survey-batches.ts';
import { NOT_CLASSED, type FoundRun, type SurveyJob, type SurveyResult } from './survey-job.ts';
import type { SurveyRecord } from './survey-journal.ts';
import { CONTENT_CLASSES, type Thermometer } from './thermometer-facts.ts';

/** Finished batches are made durable together, about this often. */
const COMMIT_INTERVAL_MS = 250;

/** Batches in flight beyond the threads, so that recording never starves them. */
const BATCHES_PER_THREAD = 2;

export interface PassesToRead {
  /** Passes before this one are read. */
  readonly toPass: number;
  /** False for a sample that goes beside another stage. */
  readonly ownsProgress: boolean;
  readonly meter: () => Meter | null;
  readonly thermometer: () => Thermometer | null;
}

/**
 * Reads the passes of a survey, in order, and records each batch in the journal. A pass begins when the one before
 * it is done: what the meter promises rests on whole passes. Batches that are recorded already are not read again.
 *
 * @returns true when every pass came to its end
 * @throws RefusedError when the journal cannot be written
 */
export async function readPasses(context: RunContext, state: SurveyState, wanted: PassesToRead): Promise<boolean> {
  const { plan, batches } = state;
  const done = context.journal.survey.doneBatches();
  const recorder = createRecorder(context, state);
  const live = createLiveFigures(context, state, wanted);
  if (wanted.ownsProgress) live.begin(done);
  let number = 0;
  for (let passIndex = 0; passIndex < wanted.toPass; passIndex++) {
    const pending: SurveyBatch[] = [];
    let left = 0;
    for (; number < batches.count && batches.batchAt(number).passIndex === passIndex; number++) {
      if (done.has(number)) continue;
      if (context.replay?.surveyBatches.has(number) === false) left += 1;
      else pending.push(batches.batchAt(number));
    }
    const whole = (await readBatches(context, state, pending, recorder, live)) && left === 0;
    recorder.flush();
    live.passEnded(plan.passes[passIndex]!.kind !== 'rest');
    if (!whole) return false;
  }
  return !context.signal.aborted;
}

async function readBatches(context: RunContext, state: SurveyState, pending: readonly SurveyBatch[], recorder: Recorder, live: LiveFigures): Promise<boolean> {
  let next = 0;
  let whole = true;
  let failure: unknown = null;
  const lane = async (): Promise<void> => {
    while (next < pending.length && failure === null && !context.signal.aborted) {
      const batch = pending[next++]!;
      try {
        const result = await context.pool.survey(jobOf(state, batch));
        if (result.gone !== null) requireMedium([result.gone], context.sourcePath);
        if (!result.whole) {
          whole = false;
          continue;
        }
        recorder.add(batch, result);
        live.batchEnded(batch);
      } catch (error) {
        failure ??= error;
      }
    }
  };
  await Promise.all(Array.from({ length: context.pool.workers * BATCHES_PER_THREAD }, lane));
  if (failure instanceof RefusedError) throw failure;
  if (failure !== null) {
    if (!(failure instanceof KerbsideError)) throw failure;
    addWalkProblem(context, problemFrom(failure));
    return false;
  }
  return whole && next === pending.length;
}

/** The reads of one batch. */
export function jobOf({ plan }: Pick<SurveyState, 'plan'>, { number, passIndex, from, to }: SurveyBatch): SurveyJob {
  const offsets = new Float64Array(to - from);
  const lengths = new Float64Array(to - from);
  for (let read = from; read < to; read++) {
    const { offset, length } = plan.readAt(passIndex, read);
    offsets[read - from] = offset;
    lengths[read - from] = length;
  }
  return { id: number, reads: { offsets, lengths }, isSample: plan.passes[passIndex]!.kind !== 'rest' };
}

interface Recorder {
  add(batch: SurveyBatch, result: SurveyResult): void;
  flush(): void;
}

/** Gathers finished batches and writes them to the journal together, before anybody is told of them. */
function createRecorder(context: RunContext, state: SurveyState): Recorder {
  let waiting: { readonly record: SurveyRecord; readonly result: SurveyResult }[] = [];
  let lastMs = performance.now();
  const flush = (): void => {
    if (waiting.length === 0) return;
    const finished = waiting;
    waiting = [];
    lastMs = performance.now();
    const runs: FoundRun[] = state.hits.add(finished.flatMap(({ result }) => result.runs));
    const codes = (finished[0]!.result.manifestCodes).map((_, key) => Buffer.concat(finished.map(({ result }) => result.manifestCodes[key] ?? Buffer.alloc(0))));
    context.journal.survey.commit(finished.map(({ record }) => record), runs, codes, { elapsedMs: String(Math.round(context.elapsedMs())), firstHitMs: JSON.stringify(context.firstHitMs) });
    for (const { record } of finished) {
      noteRecord(state, record);
      for (const problem of record.problems) addWalkProblem(context, problem);
    }
    state.hits.tell(context.firstHitMs === null && runs.some(isHit));
  };
  return {
    add(batch, result) {
      waiting.push({ record: { number: batch.number, leaves: result.leaves, classCounts: countClasses(result.classes), unread: result.unread, unreadBeside: result.unreadBeside, problems: result.problems }, result });
      if (performance.now() - lastMs >= COMMIT_INTERVAL_MS || (context.firstHitMs === null && result.runs.some(isHit))) flush();
    },
    flush,
  };
}

/** Hurry is for what is a hit by itself. A disk may hold very many leads, and none of them is worth a write and a judgement of its own. */
function isHit({ blocks }: FoundRun): boolean {
  return blocks >= RUN_BLOCKS;
}

function countClasses(classes: Uint8Array): number[] {
  const counts = Array.from({ length: CONTENT_CLASSES.length + 1 }, () => 0);
  for (const one of classes) counts[one === NOT_CLASSED ? CONTENT_CLASSES.length : one]! += 1;
  return counts;
}

interface LiveFigures {
  begin(done: ReadonlySet<number>): void;
  batchEnded(batch: SurveyBatch): void;
  passEnded(isSample: boolean): void;
}

/** Meter, thermometer and progress as they change, for the views. */
function createLiveFigures(context: RunContext, { plan, batches, hits }: SurveyState, wanted: PassesToRead): LiveFigures {
  let toldMs = -Infinity;
  const tellMeter = (force: boolean): void => {
    const elapsedMs = context.elapsedMs();
    if (!force && elapsedMs - toldMs < PROGRESS_INTERVAL_MS) return;
    toldMs = elapsedMs;
    const meter = wanted.meter();
    if (meter !== null) context.emit({ type: 'meter', meter });
  };
  const bytesOf = ({ from, to, passIndex }: SurveyBatch): number => ((to - from) * plan.passes[passIndex]!.plannedBytes) / plan.passes[passIndex]!.reads;
  return {
    begin(done) {
      const reads = plan.passes.reduce((sum, pass) => sum + pass.reads, 0);
      const bytes = plan.passes.reduce((sum, { plannedBytes }) => sum + plannedBytes, 0);
      let readsDone = 0;
      let bytesDone = 0;
      for (const number of done) {
        const batch = batches.batchAt(number);
        readsDone += batch.to - batch.from;
        bytesDone += bytesOf(batch);
      }
      planProgress(context, reads, bytes, readsDone, bytesDone);
    },
    batchEnded(batch) {
      hits.tell();
      tellMeter(false);
      if (!wanted.ownsProgress) return;
      context.progress.itemsDone += batch.to - batch.from;
      context.progress.bytesDone = Math.min(context.progress.bytesPlanned, context.progress.bytesDone + bytesOf(batch));
      context.progress.reading = `${plan.passes[batch.passIndex]!.kind} pass ${plan.passes[batch.passIndex]!.index + 1}`;
      tellProgress(context);
    },
    passEnded(isSample) {
      hits.tell(true);
      tellMeter(true);
      const thermometer = isSample ? wanted.thermometer() : null;
      if (thermometer !== null) context.emit({ type: 'thermometer', thermometer });
      if (wanted.ownsProgress) tellProgress(context, true);
    },
  };
}
