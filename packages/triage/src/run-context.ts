import type { Problem } from '@kerbside/bytes';
import type { CarveSummary } from '@kerbside/evidence';
import type { BlockSet, KnownSet } from '@kerbside/match';
import type { Catalogue } from './catalogue.ts';
import type { ContentPlan } from './content/content-plan.ts';
import type { OnRunEvent, StageName } from './events.ts';
import type { Journal, KeyedHit } from './journal.ts';
import type { SetQuestions } from './known-sets.ts';
import type { ManifestKeeper } from './manifest/keep-manifest.ts';
import type { Plan } from './plan.ts';
import type { ProblemLog } from './problem-log.ts';
import type { ReplayedReads } from './replayed-reads.ts';
import type { ReportHit } from './report-types.ts';
import { measureTimeLeft, type TimeLeft } from './time-left.ts';
import type { WorkerPool } from './worker-pool.ts';

/** Progress is told about this often. */
export const PROGRESS_INTERVAL_MS = 200;

/** The main thread works at most this long before it lets Ctrl-C and the view have their turn. */
export const SLICE_MS = 40;

/** Everything the stages of one run share. Written by the stages, read by the report. */
export interface RunContext {
  readonly catalogue: Catalogue;
  readonly sets: readonly KnownSet[];
  /** Those of the sets that are block sets, by their number among the sets. */
  readonly blockSets: ReadonlyMap<number, BlockSet>;
  readonly questions: SetQuestions;
  readonly journal: Journal;
  readonly pool: WorkerPool;
  readonly signal: AbortSignal;
  readonly sourcePath: string;
  readonly sourceBytes: number;
  /** Problems of the source, the volumes, the walks and the plans: found again in the same order on every run. */
  readonly walkProblems: ProblemLog;
  readonly hits: Map<string, ReportHit>;
  readonly unlistedHits: Map<number, number>;
  /** Reading plans of this session, by their number in the journal. */
  readonly plans: Map<number, Plan>;
  /** Null where no manifest is kept. */
  readonly manifest: ManifestKeeper | null;
  /** What the search of each part's free space came to. */
  readonly carved: CarveSummary[];
  readonly stages: { readonly name: StageName; finished: boolean; items: number }[];
  readonly elapsedMs: () => number;
  readonly emit: OnRunEvent;
  /** Reads of an earlier run that alone are to be made; null for a run of its own. */
  readonly replay: ReplayedReads | null;
  firstHitMs: number | null;
  /** Null where the content lane was not planned or did not begin. */
  contentPlan: ContentPlan | null;
  progress: MutableProgress;
}

interface MutableProgress {
  stage: StageName;
  reading: string;
  itemsPlanned: number;
  itemsDone: number;
  bytesPlanned: number;
  bytesDone: number;
  /** What the pool had hashed when the stage began, plus what came back by then. */
  timeLeft: TimeLeft | null;
  itemProblems: number;
  lastToldMs: number;
}

export function startProgress(stage: StageName): MutableProgress {
  return { stage, reading: '', itemsPlanned: 0, itemsDone: 0, bytesPlanned: 0, bytesDone: 0, timeLeft: null, itemProblems: 0, lastToldMs: -Infinity };
}

/** Enters a stage and tells so. */
export function enterStage(context: RunContext, stage: StageName): { finished: boolean; items: number } {
  const itemProblems = context.progress.itemProblems;
  context.progress = { ...startProgress(stage), itemProblems };
  const entry = { name: stage, finished: false, items: 0 };
  context.stages.push(entry);
  context.emit({ type: 'stage', stage, elapsedMs: context.elapsedMs() });
  return entry;
}

export function planProgress(context: RunContext, items: number, bytes: number, itemsDone: number, bytesDone: number): void {
  Object.assign(context.progress, { itemsPlanned: items, bytesPlanned: bytes, itemsDone, bytesDone, timeLeft: measureTimeLeft(context.elapsedMs(), bytesDone) });
}

/** Tells progress unless it was told just now. */
export function tellProgress(context: RunContext, force = false): void {
  const { progress } = context;
  const elapsedMs = context.elapsedMs();
  if (!force && elapsedMs - progress.lastToldMs < PROGRESS_INTERVAL_MS) return;
  progress.lastToldMs = elapsedMs;
  const planned = progress.bytesPlanned;
  context.emit({
    type: 'progress',
    progress: {
      stage: progress.stage,
      elapsedMs: Math.round(elapsedMs),
      reading: progress.reading,
      itemsSeen: context.catalogue.length,
      itemsPlanned: progress.itemsPlanned,
      itemsDone: progress.itemsDone,
      bytesPlanned: planned,
      bytesDone: progress.bytesDone,
      share: planned > 0 ? Math.min(1, progress.bytesDone / planned) : null,
      timeLeftMs: progress.timeLeft?.estimate(elapsedMs, progress.bytesDone, planned) ?? null,
      hits: context.hits.size,
      problems: context.walkProblems.total + progress.itemProblems,
    },
  });
}

/** Adds hits that are new, and tells those that are not of an ignorable set. */
export function addHits(context: RunContext, hits: readonly KeyedHit[]): void {
  for (const { key, hit } of hits) {
    if (context.hits.has(key)) continue;
    context.hits.set(key, hit);
    if (hit.meaning === 'ignorable') continue;
    context.firstHitMs ??= Math.round(context.elapsedMs());
    context.emit({ type: 'hit', hit, elapsedMs: Math.round(context.elapsedMs()) });
  }
}

export function addWalkProblem(context: RunContext, problem: Problem): void {
  context.walkProblems.add(problem);
  context.emit({ type: 'problem', problem });
}

