import type { Problem } from '@kerbside/bytes';
import type { SourceFacts } from '@kerbside/evidence';
import type { NearHit } from './content/near-hit.ts';
import type { ControlResult } from './controls/control-result.ts';
import type { Report, ReportHit, ReportVolume } from './report-types.ts';
import type { BlockHit } from './survey/block-hit.ts';
import type { Meter } from './survey/meter-facts.ts';
import type { Thermometer } from './survey/thermometer-facts.ts';

/**
 * Steps of a run. `controls`: the control volume, before any evidence; `catalogue`: names and places;
 * `content`: reading; `orphans`: looking for lost directories in free space and listing what they name;
 * `orphan-content`: reading that; `survey`: blocks over the whole source; `carving`: looking for files by
 * their structure in free space; `carved-content`: reading those; `content-lane`: looking inside pictures, video, archives and mail.
 */
export type StageName = 'controls' | 'catalogue' | 'content' | 'orphans' | 'orphan-content' | 'survey' | 'carving' | 'carved-content' | 'content-lane';

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
  | { readonly type: 'controls'; readonly controls: ControlResult }
  | { readonly type: 'meter'; readonly meter: Meter }
  | { readonly type: 'thermometer'; readonly thermometer: Thermometer }
  | { readonly type: 'near-hit'; readonly hit: NearHit; readonly elapsedMs: number }
  | { readonly type: 'block-hit'; readonly hit: BlockHit; readonly elapsedMs: number }
  | { readonly type: 'finished'; readonly report: Report; readonly exitCode: number };

export type OnRunEvent = (event: RunEvent) => void;
