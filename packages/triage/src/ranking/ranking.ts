import type { ItemState } from '@kerbside/evidence';
import type { LowBandSample } from './sample-low-band.ts';
import type { RankReason, ReasonColumn } from './reasons.ts';
import type { Band } from './weights.ts';

/** One item for review, with why it stands there. */
export interface RankedItem {
  /** Place in the order, from 1. */
  readonly position: number;
  readonly ordinal: number;
  readonly path: string;
  readonly kind: 'picture' | 'video';
  readonly state: ItemState;
  readonly band: Band;
  readonly points: number;
  readonly reasons: readonly RankReason[];
  /** Near-duplicates: only the first of a group is shown for all of it. */
  readonly group: { readonly size: number; readonly isShown: boolean };
  readonly format: string | null;
  readonly widthPx: number | null;
  readonly heightPx: number | null;
  readonly sizeBytes: number | null;
  /** By the camera's own clock read as UTC. */
  readonly capturedAtMs: number | null;
  readonly make: string | null;
  readonly model: string | null;
  readonly software: string | null;
}

/** A column of the ranking. Where `note` is not null the column says nothing in this run, and the note says why. */
export interface RankingColumn {
  readonly column: ReasonColumn;
  readonly title: string;
  readonly note: string | null;
}

/** How many items, and how many groups that are shown as one. */
export interface BandCount {
  readonly items: number;
  readonly shown: number;
}

/** Unseen pictures and videos in the order in which to look at them. An order of work: it says nothing of guilt. */
export interface Ranking {
  /** Items ranked. */
  readonly items: number;
  /** Those that stand for themselves and their near-duplicates. */
  readonly shown: number;
  readonly bands: Readonly<Record<Band, BandCount>>;
  /** Known or similar items that gave context, and ignorable ones left out. */
  readonly context: { readonly known: number; readonly similar: number; readonly ignorable: number };
  readonly columns: readonly RankingColumn[];
  /** False where the limit of comparisons was reached: some near-duplicates may stand apart. */
  readonly groupsComplete: boolean;
  /** The item at a place in the order, from 1. */
  itemAt(position: number): RankedItem;
  /** Items that are shown, in order; made one at a time. */
  shownItems(): Iterable<RankedItem>;
  /** All items in order; made one at a time. */
  allItems(): Iterable<RankedItem>;
  /**
   * Draws from the shown items of the low band, each with the same chance.
   * @param seed any text; the same one draws the same items
   */
  sampleLowBand(seed: string, count: number): LowBandSample;
}
