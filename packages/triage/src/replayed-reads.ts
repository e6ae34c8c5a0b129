import type { StageName } from './events.ts';

/** Reads of an earlier run, to be made again and no others. */
export interface ReplayedReads {
  /** Batches of the survey that were done. */
  readonly surveyBatches: ReadonlySet<number>;
  /** Batches of each reading plan that were done, by the plan's number. */
  readonly planBatches: ReadonlyMap<number, ReadonlySet<number>>;
  /** Batches of the content lane that were done. */
  readonly contentBatches: ReadonlySet<number>;
  /** True when that run was stopped before its end. */
  readonly stopped: boolean;
  /** The stage in which it was stopped; null where it was not. */
  readonly stoppedIn: StageName | null;
  /** Items of all kinds that it had listed. */
  readonly listedItems: number;
  /** Items that its plans had decided on without reading: those of a length that no set holds, and those with problems. */
  readonly decidedItems: number;
}
