import type { BlockSet } from '@kerbside/match';
import type { SurveyTarget } from './parse-until.ts';

/** What a run says of its survey. */
export interface SurveyOptions {
  readonly blockSets: readonly BlockSet[];
  /** Null: to the end. */
  readonly until: SurveyTarget | null;
  /** Given, or null for one to be drawn. */
  readonly seed: string | null;
  /** Code keys of the manifest, when one is kept. */
  readonly manifestKeys: readonly Uint8Array[];
  /** Plan of an earlier run to be carried out again; null for a plan of this run's own. */
  readonly fixedPlan: SurveyPlanFacts | null;
}

/** What is drawn or measured once and makes the plan: kept in the journal and in the certificate. */
export interface SurveyPlanFacts {
  /** 32 bytes, hex. Secret until the run has ended. */
  readonly seed: string;
  readonly chunkBytes: number;
  /** What moving to another place cost when it was measured, as bytes that could be read in that time. */
  readonly seekCostBytes: number;
}
