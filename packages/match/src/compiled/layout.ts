/**
 * Compiled set file, version 2. All integers little-endian. The full description with the reasons
 * is docs/reference/compiled-set-format.md.
 *
 * Prologue, 4,096 bytes:
 *
 * | at | bytes | what |
 * | --- | --- | --- |
 * | 0 | 8 | magic `89 4B 42 53 53 45 54 0A` |
 * | 8 | 4 | format version |
 * | 12 | 4 | length of the header in bytes |
 * | 16 | 8 | offset of the header |
 * | 24 | 8 | length of the whole file |
 * | 32 | 32 | SHA-256 of the header |
 * | 64 | 4,032 | zero |
 *
 * Then the sections, each starting on a multiple of 4,096 and zero-padded to the next, then the
 * header: JSON in UTF-8 ({@link SetHeader}), which ends the file.
 */
import type { DigestAlgorithm, SetMeaning } from '../known-set.ts';
import type { CategoryMapFacts } from '../category-map.ts';
import type { ImportTotals } from '../build/import-totals.ts';
import type { NearFacts } from '../near/near-layout.ts';
import type { PdqDialect } from '../near/pdq-hash.ts';

/** As PNG's: a high bit, letters, and a line end that a text transfer would break. */
export const MAGIC = Buffer.from([0x89, 0x4b, 0x42, 0x53, 0x53, 0x45, 0x54, 0x0a]);
export const FORMAT_VERSION = 2;
/** Versions that are read: 1 is as 2 without hashes for near-matches. */
export const READ_VERSIONS: readonly number[] = [1, 2];

/** Unit of placement and of checking: what is read from disk for one hit. */
export const BLOCK_BYTES = 4096;

/** Longest header accepted; 4,096 category codes and 1,000 sources stay far below. */
export const MAX_HEADER_BYTES = 16 * 1024 * 1024;

/** Most rows of one set: row numbers are 32-bit and the sorter is proven to here. */
export const MAX_ROWS = 1_000_000_000;

/** Sizes below this have a bit each in the size gate; larger ones are in a sorted list. */
export const SIZE_BITMAP_LIMIT = 16 * 1024 * 1024;

/** Bits of a record's first byte beside the four digest kinds. */
export const RECORD_HAS_SIZE = 0x10;
/** Further sizes of this row stand in the section `more-sizes`. */
export const RECORD_MORE_SIZES = 0x20;
/** Some source row of this content states no size, so the sizes here may not be all. */
export const RECORD_SIZE_UNSTATED = 0x40;

/**
 * - `rows`: records, as many as fit each block, no record across two blocks
 * - `keys-K`: for digest kind K, 32 bits per digest, sorted within buckets
 * - `buckets-K`: where each bucket begins in `keys-K`, one more entry than buckets
 * - `filter-K`: bits that tell most absent digests at once; see miss-filter.ts
 * - `refs-K`: row number per key, absent when key i belongs to row i
 * - `size-bits`, `sizes`: the size gate; `more-sizes`: (row, size) pairs
 * - `near-…`: hashes for near-matches; see near/near-layout.ts
 * - `block-digests`: SHA-256 of every block of the sections that are checked block by block
 */
export type SectionName =
  | 'rows'
  | `keys-${DigestAlgorithm}`
  | `buckets-${DigestAlgorithm}`
  | `filter-${DigestAlgorithm}`
  | `refs-${DigestAlgorithm}`
  | 'size-bits'
  | 'sizes'
  | 'more-sizes'
  | `near-${'hashes' | 'first'}-${PdqDialect}`
  | `near-${'table' | 'ids'}-${PdqDialect}-${number}`
  | 'near-rows'
  | 'near-labels'
  | 'block-digests';

export interface Section {
  readonly name: SectionName;
  readonly offset: number;
  /** Without padding. */
  readonly lengthBytes: number;
  /** SHA-256 of a section that is read and checked whole when the set is opened. */
  readonly sha256?: string;
  /** First entry in `block-digests` of a section that is checked block by block as it is read. */
  readonly firstBlock?: number;
}

/** One list that went into the set. */
export interface SetSource {
  readonly file: string;
  readonly format: string;
  /** Version the list states of itself, where it does. */
  readonly version?: string;
  /** SHA-256 of the list file, hex. */
  readonly sha256: string;
  readonly sizeBytes: number;
  /** Rows read, taken or not. */
  readonly rows: number;
  /** What the numbers of rejected places count. */
  readonly placeUnit: 'line' | 'record' | 'byte';
}

/** One category code of the sources and what the confirmed map makes of it. */
export interface CategoryEntry {
  /** As the source writes it; null for rows without a code. */
  readonly code: string | null;
  readonly category: string;
  readonly basis: string;
  readonly rows: number;
}

/** The digest index of one kind. */
export interface IndexFacts {
  readonly kind: DigestAlgorithm;
  readonly entries: number;
  /** Leading bits of a digest that choose its bucket; the next 32 are its key. */
  readonly bucketBits: number;
  /** Leading bits of a digest that choose its word of the filter. */
  readonly filterBits: number;
}

export interface RecordFacts {
  readonly lengthBytes: number;
  readonly perBlock: number;
  /** Kinds a record has room for, in order. */
  readonly kinds: readonly DigestAlgorithm[];
  /** Whether a record has room for a size (8 bytes). */
  readonly sized: boolean;
}

/** The header of a compiled set. */
export interface SetHeader {
  readonly format: 'kerbside-set';
  readonly version: number;
  readonly name: string;
  readonly meaning: SetMeaning;
  readonly createdAt: string;
  /** Who built it: named by the caller, else the login name. */
  readonly importedBy: string;
  /** SHA-256 of this header without `createdAt`, `importedBy` and itself; through the section digests it covers every row. */
  readonly contentDigest: string;
  readonly sources: readonly SetSource[];
  readonly totals: ImportTotals;
  readonly warnings: readonly string[];
  readonly categoryMap: CategoryMapFacts | null;
  readonly categories: readonly CategoryEntry[];
  readonly rows: number;
  readonly rowsWithoutSize: number;
  /** Rows by their presence flags (bit i: kind i of md5, sha1, sha256, ed2k). */
  readonly rowsByKinds: readonly { readonly kinds: number; readonly rows: number }[];
  readonly record: RecordFacts;
  readonly indexes: readonly IndexFacts[];
  /** Hashes for near-matches; absent in a set without any. */
  readonly near?: NearFacts;
  readonly sections: readonly Section[];
}
