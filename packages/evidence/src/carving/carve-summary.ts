import type { ByteRange } from '@kerbside/bytes';
import { CARVED_KINDS, type CarvedKind } from './carving-limits.ts';

/** What a search of free space came to. */
export interface CarveSummary {
  /** Whole files found, by kind. */
  readonly found: Readonly<Record<CarvedKind, number>>;
  /** Beginnings whose structure breaks or leaves the free space: nothing unusual, so only counted. */
  readonly incomplete: Readonly<Record<CarvedKind, number>>;
  /** Free bytes searched, those inside found files included. */
  readonly bytesSearched: number;
  readonly unreadableBytes: number;
  /** The first of the unreadable ranges, on the source; at most {@link MAX_LISTED_RANGES}. */
  readonly unreadable: readonly ByteRange[];
}

/** Unreadable ranges that are listed and told one by one; a dying disk has more. */
export const MAX_LISTED_RANGES = 1_000;

/** The same while it is being counted. */
export interface CarveTally {
  readonly found: Record<CarvedKind, number>;
  readonly incomplete: Record<CarvedKind, number>;
  bytesSearched: number;
  unreadableBytes: number;
  readonly unreadable: ByteRange[];
}

export function emptyTally(): CarveTally {
  const zeros = (): Record<CarvedKind, number> => Object.fromEntries(CARVED_KINDS.map((kind) => [kind, 0])) as Record<CarvedKind, number>;
  return { found: zeros(), incomplete: zeros(), bytesSearched: 0, unreadableBytes: 0, unreadable: [] };
}
