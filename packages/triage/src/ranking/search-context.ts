import type { GeoPlace } from './seen-media.ts';

/** A camera (or phone) that the search has in its hands. */
export interface SearchCamera {
  readonly make: string;
  readonly model: string;
  /** Null where it is not known. */
  readonly serial: string | null;
  /** How the reason names it: `exhibit SMB/14`. */
  readonly namedAs: string;
}

/** A place that the search is about. */
export interface Premises extends GeoPlace {
  /** How the reason names it: `the premises`. */
  readonly namedAs: string;
}

/** Which label of which model raises an item in the ranking. */
export interface RankingModel {
  readonly modelId: string;
  readonly label: string;
}

/** What the search knows beside the exhibit itself. Each list may be empty: its reason is then not available, and the ranking says so. */
export interface SearchContext {
  readonly cameras: readonly SearchCamera[];
  readonly premises: readonly Premises[];
  readonly models: readonly RankingModel[];
}

export const NO_CONTEXT: SearchContext = { cameras: [], premises: [], models: [] };
