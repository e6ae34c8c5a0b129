import { InternalError, KerbsideError, problemFrom, RefusedError } from '@kerbside/bytes';
import type { SourceLocator } from '@kerbside/evidence';
import type { ItemProblem, KeyedHit } from '../journal.ts';
import { makeJob } from '../plan.ts';
import { requireMedium } from '../require-medium.ts';
import { addHits, addWalkProblem, enterStage, planProgress, tellProgress, type RunContext } from '../run-context.ts';
import { addCounts, contentAddsUp, noCounts } from './content-counts.ts';
import type { ContentJob, ContentSetup, NamedEntry, NearFound, UnitResult } from './content-job.ts';
import type { ContentRecord, KeyedNearHit, SeenRecord } from './content-journal.ts';
import { leavesOfUnits } from './content-leaf.ts';
import { planContent, type ContentPlan, type LookInto } from './content-plan.ts';
import { createContentPool, type ContentPool } from './content-pool.ts';
import { orderBatches } from './order-batches.ts';
import { makeMemberHits } from './member-hits.ts';
import { makeNearHit, type NearRows, type NearSets } from './near-rows.ts';

/** Finished batches are made durable together, about this often. */
const COMMIT_INTERVAL_MS = 500;
const BATCHES_PER_THREAD = 2;

/** What the lane is given beside the run. */
export interface ContentLane {
  readonly locator: SourceLocator | null;
  /** Made only where there is something to look into. */
  readonly makeSetup: () => ContentSetup;
  readonly nearRows: NearSets;
  readonly lookInto: LookInto;
  readonly workers: number;
  /** Another thread program, for tests. */
  readonly program?: URL;
}

/**
 * Looks inside every item: pictures and video against the near-match indexes, archives and mail member by member. Batches
 * that an earlier session recorded are not looked at again.
 * @returns true when it came to its end
 * @throws RefusedError when the journal cannot be written, or belongs to another plan
 */
export async function runContentLane(context: RunContext, lane: ContentLane): Promise<boolean> {
  const stage = enterStage(context, 'content-lane');
  const plan = planContent(context.catalogue, lane.lookInto);
  context.contentPlan = plan;
  claimPlan(context, plan);
  const { content } = context.journal;
  const done = content.doneBatches();
  const wanted = context.replay === null ? null : context.replay.contentBatches;
  const remaining = Array.from({ length: plan.batchCount }, (_, batch) => batch).filter((batch) => !done.has(batch) && wanted?.has(batch) !== false);
  planProgress(context, plan.ordinals.length, plan.plannedBytes, itemsOf(plan, done), bytesOf(context, plan, done));
  if (remaining.length === 0) {
    Object.assign(stage, { items: plan.ordinals.length, finished: done.size === plan.batchCount });
    return stage.finished;
  }
  const pool = createContentPool({ ...lane, workers: Math.min(lane.workers, remaining.length), setup: lane.makeSetup() });
  const stop = (): void => pool.stop();
  context.signal.addEventListener('abort', stop);
  if (context.signal.aborted) stop();
  const recorder = batchRecorder(context);
  let order: readonly number[] = remaining;
  let next = 0;
  let isWhole = true;
  let failure: unknown = null;
  const work = async (): Promise<void> => {
    while (next < order.length && failure === null && !context.signal.aborted) {
      const batch = order[next++]!;
      try {
        const record = await lookAtBatch(context, lane, pool, plan, batch);
        if (record === null) isWhole = false;
        else recorder.add(record);
      } catch (error) {
        failure ??= error;
      }
    }
  };
  try {
    // A replay looks at what the run looked at, in any order.
    if (lane.nearRows.index !== null && wanted === null) order = await orderBatches({ catalogue: context.catalogue, pool, plan, batches: remaining, signal: context.signal, onLook: (path) => tellReading(context, path) });
    await Promise.all(Array.from({ length: pool.workers * BATCHES_PER_THREAD }, work));
  } catch (error) {
    failure ??= error;
  } finally {
    context.signal.removeEventListener('abort', stop);
    await pool.close();
  }
  if (failure instanceof RefusedError) throw failure;
  recorder.flush();
  if (failure !== null) {
    if (!(failure instanceof KerbsideError)) throw failure;
    addWalkProblem(context, problemFrom(failure));
    return false;
  }
  stage.items = plan.ordinals.length;
  stage.finished = isWhole && next === remaining.length && done.size + remaining.length === plan.batchCount;
  tellProgress(context, true);
  return stage.finished;
}

function tellReading(context: RunContext, path: string): void {
  context.progress.reading = path;
  tellProgress(context);
}

function claimPlan(context: RunContext, plan: ContentPlan): void {
  const known = context.journal.fact('plan content');
  if (known === null) context.journal.setFact('plan content', plan.fingerprint);
  else if (known !== plan.fingerprint) throw new RefusedError('source-changed', 'The source or what it lists has changed since this run began. Give --out a new folder to begin again.');
}

async function lookAtBatch(context: RunContext, lane: ContentLane, pool: ContentPool, plan: ContentPlan, batch: number): Promise<ContentRecord | null> {
  const ordinals = plan.ordinals.subarray(plan.batchStarts[batch]!, plan.batchStarts[batch + 1]!);
  context.progress.reading = context.catalogue.path(ordinals[0]!);
  const itemsAt = (which: Uint32Array): ContentJob['items'] => makeJob(context.catalogue, batch, which, new Uint8Array(which.length), new Uint8Array(which.length));
  const jobOf = (which: Uint32Array): ContentJob => {
    const named = new Map<number, NamedEntry>();
    for (const [entry, ordinal] of which.entries()) {
      const content = plan.named.get(ordinal);
      if (content !== undefined) named.set(entry, { kind: content.kind, beside: content.beside === null ? null : { items: itemsAt(content.beside.ordinals), names: content.beside.names } });
    }
    return { id: batch, items: itemsAt(which), named };
  };
  const { units, gone } = await pool.run(jobOf(ordinals), (entry) => jobOf(ordinals.subarray(entry, entry + 1)));
  if (gone !== null) requireMedium([gone], context.sourcePath);
  if (units === null) return null;
  requireMedium(units.flatMap(({ problems }) => problems.filter(({ kind }) => kind === 'medium')), context.sourcePath);
  const record = recordOf(context, lane.nearRows, batch, ordinals, units);
  addHits(context, record.hits);
  for (const { hit } of record.near) context.emit({ type: 'near-hit', hit, elapsedMs: Math.round(context.elapsedMs()) });
  for (const { problem } of record.problems) context.emit({ type: 'problem', problem });
  context.progress.itemProblems += record.problems.length;
  context.progress.itemsDone += ordinals.length;
  for (const ordinal of ordinals) context.progress.bytesDone += context.catalogue.sizeBytes(ordinal);
  tellProgress(context);
  return record;
}

function recordOf(context: RunContext, nearRows: NearRows, number: number, ordinals: Uint32Array, units: readonly UnitResult[]): ContentRecord {
  const hits: KeyedHit[] = [];
  const near: KeyedNearHit[] = [];
  const media: SeenRecord[] = [];
  const problems: ItemProblem[] = [];
  const counts = sumOf(units);
  for (const unit of units) {
    const ordinal = ordinals[unit.entry]!;
    const path = context.catalogue.path(ordinal);
    for (const member of unit.members) hits.push(...makeMemberHits(context, ordinal, member));
    for (const found of unit.near) near.push({ key: keyOfNear(ordinal, found), hit: makeNearHit(context.catalogue, ordinal, found, nearRows) });
    for (const facts of unit.media) media.push({ ordinal, facts });
    for (const problem of unit.problems) problems.push({ ordinal, problem: { ...problem, where: { ...problem.where, path: problem.where.path === undefined ? path : `${path}/${problem.where.path}` } } });
  }
  return { number, leaves: leavesOfUnits(units), counts, hits, near, media, problems };
}

function sumOf(units: readonly UnitResult[]): ContentRecord['counts'] {
  const sum = noCounts();
  for (const { counts } of units) addCounts(sum, counts);
  if (!contentAddsUp(sum)) throw new InternalError('content-counts', 'the counts of the content lane do not add up');
  return sum;
}

function keyOfNear(ordinal: number, { member, set, of, row, seconds }: NearFound): string {
  return [ordinal, set, of, row, seconds ?? '', member].join(' ');
}

function itemsOf(plan: ContentPlan, batches: Iterable<number>): number {
  let items = 0;
  for (const batch of batches) items += (plan.batchStarts[batch + 1] ?? 0) - (plan.batchStarts[batch] ?? 0);
  return items;
}

function bytesOf({ catalogue }: RunContext, plan: ContentPlan, batches: Iterable<number>): number {
  let bytes = 0;
  for (const batch of batches) for (let at = plan.batchStarts[batch] ?? 0; at < (plan.batchStarts[batch + 1] ?? 0); at++) bytes += catalogue.sizeBytes(plan.ordinals[at]!);
  return bytes;
}

/** Gathers finished batches and writes them to the journal together. */
function batchRecorder(context: RunContext): { add(record: ContentRecord): void; flush(): void } {
  let waiting: ContentRecord[] = [];
  let lastMs = performance.now();
  const flush = (): void => {
    if (waiting.length === 0) return;
    const records = waiting;
    waiting = [];
    lastMs = performance.now();
    context.journal.content.commit(records, { elapsedMs: String(Math.round(context.elapsedMs())), firstHitMs: JSON.stringify(context.firstHitMs) });
  };
  return {
    add(record) {
      waiting.push(record);
      if (performance.now() - lastMs >= COMMIT_INTERVAL_MS) flush();
    },
    flush,
  };
}
