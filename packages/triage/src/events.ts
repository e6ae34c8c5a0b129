import type { Problem } from '@kerbside/bytes';
import type { SourceFacts } from '@kerbside/evidence';
import type { Report, ReportHit, ReportVolume } from './report-types.ts';

/**
 * Steps of a run, in order. `catalogue`: names and places; `content`: reading; `orphans`: looking for
 * lost directories in free space and listing what they name; `orphan-content`: reading that.
 */
export type StageName = 'catalogue' | 'content' | 'orphans' | 'orphan-content';

/** Live numbers of a run. */
export interface Progress {
  readonly stage: StageName;
  readonly elapsedMs: number;
  /** What is being read now: a path, or a volume during the catalogue. Display-safe. */
  readonly reading: string;
  readonly itemsSeen: number;
  /** Of this stage's plan; all 0 until it is made. */
  readonly itemsPlanned: number;
  readonly itemsDone: number;
  readonly bytesPlanned: number;
  readonly bytesDone: number;
  /** 0 to 1, or null while nobody knows. */
  readonly share: number | null;
  readonly timeLeftMs: { readonly low: number; readonly high: number } | null;
  readonly hits: number;
  readonly problems: number;
}

/** What a run tells while it goes; a terminal view or JSON lines are made of these. */
export type RunEvent =
  | { readonly type: 'source'; readonly source: SourceFacts; readonly resumed: boolean }
  | { readonly type: 'volume'; readonly volume: ReportVolume }
  | { readonly type: 'stage'; readonly stage: StageName; readonly elapsedMs: number }
  | { readonly type: 'progress'; readonly progress: Progress }
  | { readonly type: 'hit'; readonly hit: ReportHit; readonly elapsedMs: number }
  | { readonly type: 'problem'; readonly problem: Problem }
  | { readonly type: 'finished'; readonly report: Report; readonly exitCode: number };

export type OnRunEvent = (event: RunEvent) => void;
