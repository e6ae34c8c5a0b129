import type { RankedItem, Ranking } from './ranking.ts';

/** Rows in report.json, each a shown item: more than anybody looks at in a day; the counts tell the rest. */
export const LISTED_ROWS = 2000;

/** Sample of the low band: 59 are the fewest of which none mattering says "at most 5 %" with 95 % confidence. */
export const SAMPLE_ITEMS = 59;

/** A ranking as report.json holds it. */
export interface ReportRanking extends Pick<Ranking, 'items' | 'shown' | 'bands' | 'context' | 'columns' | 'groupsComplete'> {
  /** The first shown items, in order. */
  readonly rows: readonly RankedItem[];
  readonly rowsNotListed: number;
  readonly sample: { readonly seed: string; readonly drawnFrom: number; readonly sentence: string; readonly items: readonly RankedItem[] };
}

/**
 * Takes what the report holds out of a ranking.
 * @param seed of the sample: the run's own, so that the same run draws the same items
 */
export function reportRanking(ranking: Ranking, seed: string, listedRows = LISTED_ROWS): ReportRanking {
  const rows: RankedItem[] = [];
  if (listedRows > 0) {
    for (const item of ranking.shownItems()) {
      rows.push(item);
      if (rows.length >= listedRows) break;
    }
  }
  const { items, drawnFrom, sentence } = ranking.sampleLowBand(seed, SAMPLE_ITEMS);
  return {
    items: ranking.items,
    shown: ranking.shown,
    bands: ranking.bands,
    context: ranking.context,
    columns: ranking.columns,
    groupsComplete: ranking.groupsComplete,
    rows,
    rowsNotListed: ranking.shown - rows.length,
    sample: { seed, drawnFrom, sentence, items },
  };
}
