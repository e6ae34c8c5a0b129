import type { SetMeaning, SharedNearIndex } from '@kerbside/match';
import type { Catalogue } from '../catalogue.ts';
import type { NearFound } from './content-job.ts';
import type { NearHit } from './near-hit.ts';

/** What a row of a near-match index is. */
export interface NearRow {
  readonly set: string;
  readonly meaning: SetMeaning;
  readonly category: string;
  readonly categoryBasis: string;
  /** Strongest digest of the known file, `sha1:…`, and its id and series as the source writes them; null where not stated. */
  readonly digest: string | null;
  readonly mediaId: string | null;
  readonly series: string | null;
}

/** Facts of the rows of all near-match indexes. */
export interface NearRows {
  /** @param set number among the sets of the index */
  rowOf(set: number, row: number): NearRow;
}

/** The near-match indexes of all sets that have one, and what their rows are. */
export interface NearSets extends NearRows {
  /** Shared with the threads as it is; null where no set has one. */
  readonly index: SharedNearIndex | null;
  close(): void;
}

export const NO_NEAR_SETS: NearSets = {
  index: null,
  rowOf() {
    throw new RangeError('no set has a near-match index');
  },
  close: () => undefined,
};

/** Makes a near-match of what a thread found. */
export function makeNearHit(catalogue: Catalogue, ordinal: number, found: NearFound, rows: NearRows): NearHit {
  const row = rows.rowOf(found.set, found.row);
  const path = catalogue.path(ordinal);
  return {
    path: found.member === '' ? path : `${path}/${found.member}`,
    size: catalogue.sizeBytes(ordinal),
    state: catalogue.state(ordinal),
    id: catalogue.id(ordinal),
    set: row.set,
    meaning: row.meaning,
    category: row.category,
    categoryBasis: row.categoryBasis,
    distance: found.distance,
    dialect: found.dialect,
    orientation: found.orientation,
    of: found.of,
    seconds: found.seconds,
    quality: found.quality,
    hash: found.hash,
    setDigest: row.digest,
    mediaId: row.mediaId,
    series: row.series,
    video: found.video,
    others: found.others,
  };
}
