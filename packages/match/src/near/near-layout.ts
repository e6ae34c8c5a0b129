/**
 * The near-match part of a compiled set (docs/reference/compiled-set-format.md, "Near-match sections").
 *
 * For every dialect D of the set's hashes:
 *
 * - `near-hashes-D`: the distinct hashes, rising, eight words each; word 0 is the first eight hex digits
 * - `near-table-D-k`, `near-ids-D-k`: chunk k's table and hash numbers, see `build-table.ts`
 * - `near-first-D`: first row of each hash and the end; absent when hash i has row i alone
 *
 * and for the set `near-rows`, `near-labels`: what is known of each hash, read from disk for a match.
 *
 * A row of `near-rows`, as many as fit each block of 4,096 bytes, none across two:
 *
 * | at | bytes | what |
 * | --- | --- | --- |
 * | 0 | 2 | index into the header's `categories` |
 * | 2 | 2 | index into the header's `sources` |
 * | 4 | 1 | quality, 255 where the list states none |
 * | 5 | 1 | digest kind: 0 none, else 1 + its place in md5, sha1, sha256, ed2k |
 * | 6 | 1 | 1 for a frame of a video, 0 for a picture |
 * | 7 | 1 | zero |
 * | 8 | 4 | number of the content: the frames of one video share it |
 * | 12 | 4 | time of a frame in milliseconds, `FF FF FF FF` where none is stated |
 * | 16 | 4 | place of the label in `near-labels`, in units of 4 bytes; `FF FF FF FF` none |
 * | 20 | … | the digest, zero-padded to the longest of the set |
 *
 * A label: length (1 byte) and UTF-8 of the media id, length and UTF-8 of the series; padded to 4 bytes, never
 * across two blocks.
 */
import type { CountedPlaces } from '../build/import-totals.ts';
import type { PdqDialect, PdqFault } from './pdq-hash.ts';

export const NEAR_ROW_FIXED_BYTES = 20;
export const NO_VALUE = 0xffff_ffff;
export const QUALITY_UNSTATED = 255;

/** Most hashes of one dialect: numbers in a table have 31 bits, and the whole part lies in one memory of 4 GiB. */
export const MAX_NEAR_HASHES = 30_000_000;

/** The hashes of one dialect. */
export interface NearPart {
  readonly dialect: PdqDialect;
  /** Distinct hashes. */
  readonly hashes: number;
  /** Rows that have them. */
  readonly rows: number;
  /** Number of its first row in `near-rows`. */
  readonly firstRow: number;
  /** How many chunks the bits are cut into. */
  readonly chunks: number;
}

/** What became of the hashes read: `read = taken + duplicate + notComparable + refused + pruned + lostWithRow`. */
export interface NearTotals {
  readonly read: number;
  readonly taken: number;
  readonly duplicate: number;
  /** Of a quality below 50: neither indexed nor looked up. */
  readonly notComparable: number;
  readonly refused: number;
  readonly refusedByReason: Readonly<Partial<Record<PdqFault, CountedPlaces>>>;
  /** Frames as good as equal to the one kept before them. */
  readonly pruned: number;
  /** In rows that were refused for another reason. */
  readonly lostWithRow: number;
  /** Taken without a stated quality: some may be worthless. */
  readonly withoutQuality: number;
  /** Taken with other than 128 bits set, which hashes of pictures have. */
  readonly unbalanced: number;
  /** PhotoDNA values met: they are never computed here and not compared. */
  readonly photoDna: number;
}

/** The near-match part of a set's header. */
export interface NearFacts {
  readonly parts: readonly NearPart[];
  readonly rowBytes: number;
  /** Frames were left out within this many bits of the frame kept before them: such a frame is found to 31 less this. */
  readonly prunedWithin: number;
  readonly totals: NearTotals;
}
