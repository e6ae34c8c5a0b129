import { ALL_DIGESTS_BYTES, DIGEST_AT, DIGEST_KINDS, KIND_INDEX, LENGTH_OF_KIND } from '../digest-kinds.ts';
import { HAS_SIZE, KINDS_MASK, SPILL_SHAPES, spillRowCode, spillRowSize } from './spill-row.ts';

/**
 * Sizes kept for one content. A list that states more for one digest is not about sizes; the row
 * then counts as one without a size, so that nothing is gated by it.
 */
const MAX_SIZES_PER_ROW = 64;

/** How many rows of one digest a further one is compared with, so that a hostile list costs linear time. */
const MAX_COMPARED = 64;

/** Kinds of which an equal value means equal content; MD5 and ED2K (MD4) can be made to collide. */
const STRONG_KINDS = (1 << KIND_INDEX.sha1) | (1 << KIND_INDEX.sha256);

/** One content after merging. */
export interface MergedRow {
  kinds: number;
  readonly code: number;
  /** All four digests side by side; only those in `kinds` count. */
  readonly digests: Uint8Array;
  /** Distinct sizes stated, rising. */
  sizesBytes: number[];
  /** Some of the merged rows states no size. */
  sizeUnstated: boolean;
}

/**
 * Merges the rows of one primary digest. Rows merge when they have the same category code and
 * either exactly the same digests, or an equal SHA-1 or SHA-256 and no digest that differs. So two
 * rows that share only an MD5 and differ otherwise stay apart: they may be different contents.
 *
 * @param at offsets of the rows in `bytes`, in sorted order
 */
export function mergeRows(bytes: Buffer, at: Uint32Array): MergedRow[] {
  const merged: MergedRow[] = [];
  for (const offset of at) {
    const flags = bytes[offset]!;
    const kinds = flags & KINDS_MASK;
    const code = spillRowCode(bytes, offset);
    const size = spillRowSize(bytes, offset);
    let into: MergedRow | undefined;
    for (let i = merged.length - 1; i >= 0 && i >= merged.length - MAX_COMPARED && into === undefined; i--) {
      const candidate = merged[i]!;
      if (candidate.code === code && sameContent(candidate, kinds, bytes, offset)) into = candidate;
    }
    if (into === undefined) {
      into = { kinds: 0, code, digests: new Uint8Array(ALL_DIGESTS_BYTES), sizesBytes: [], sizeUnstated: false };
      merged.push(into);
    }
    addDigests(into, kinds, bytes, offset);
    addSize(into, (flags & HAS_SIZE) === 0 ? -1 : size);
  }
  return merged;
}

function sameContent(row: MergedRow, kinds: number, bytes: Buffer, offset: number): boolean {
  const both = row.kinds & kinds;
  const { digestAt } = SPILL_SHAPES[bytes[offset]!]!;
  for (let kind = 0; kind < DIGEST_KINDS.length; kind++) {
    if ((both & (1 << kind)) === 0) continue;
    const mine = DIGEST_AT[kind]!;
    const theirs = offset + digestAt[kind]!;
    for (let i = 0; i < LENGTH_OF_KIND[kind]!; i++) if (row.digests[mine + i] !== bytes[theirs + i]) return false;
  }
  return row.kinds === kinds || (both & STRONG_KINDS) !== 0;
}

function addDigests(row: MergedRow, kinds: number, bytes: Buffer, offset: number): void {
  const { digestAt } = SPILL_SHAPES[bytes[offset]!]!;
  for (let kind = 0; kind < DIGEST_KINDS.length; kind++) {
    if ((kinds & ~row.kinds & (1 << kind)) === 0) continue;
    const from = offset + digestAt[kind]!;
    row.digests.set(bytes.subarray(from, from + LENGTH_OF_KIND[kind]!), DIGEST_AT[kind]!);
  }
  row.kinds |= kinds;
}

function addSize(row: MergedRow, sizeBytes: number): void {
  if (sizeBytes < 0) {
    row.sizeUnstated = true;
  } else if (!row.sizesBytes.includes(sizeBytes)) {
    if (row.sizesBytes.length < MAX_SIZES_PER_ROW) row.sizesBytes = [...row.sizesBytes, sizeBytes].sort((a, b) => a - b);
    else row.sizeUnstated = true;
  }
}
