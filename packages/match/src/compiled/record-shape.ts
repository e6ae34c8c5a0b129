import { DIGEST_KINDS, LENGTH_OF_KIND } from '../digest-kinds.ts';
import { BLOCK_BYTES, type RecordFacts } from './layout.ts';

/** Bytes before the digests: flags and category index, and the size where records have one. */
const FIXED_BYTES = 3;
const SIZE_BYTES = 8;

/**
 * A record of the section `rows`:
 *
 * | at | bytes | what |
 * | --- | --- | --- |
 * | 0 | 1 | bits 0-3 kinds present (md5, sha1, sha256, ed2k), 4 size present, 5 more sizes in `more-sizes`, 6 a source row states no size |
 * | 1 | 2 | index into the header's `categories` |
 * | 3 | 8 | size in bytes, only in sets where some row has one |
 * | .. | .. | one digest for each of the record's kinds; zero where absent |
 */
export interface RecordShape extends RecordFacts {
  /** Offset of each kind's digest in a record by kind index, -1 where records have no room for it. */
  readonly digestAt: readonly number[];
  /** Offset of the size, -1 when records have none. */
  readonly sizeAt: number;
}

/** The shape of records that hold the kinds of the bit mask `kindsPresent`. */
export function recordShape(kindsPresent: number, sized: boolean): RecordShape {
  let at = FIXED_BYTES + (sized ? SIZE_BYTES : 0);
  const digestAt: number[] = [];
  for (let kind = 0; kind < DIGEST_KINDS.length; kind++) {
    const present = (kindsPresent & (1 << kind)) !== 0;
    digestAt.push(present ? at : -1);
    if (present) at += LENGTH_OF_KIND[kind]!;
  }
  return {
    lengthBytes: at,
    perBlock: Math.floor(BLOCK_BYTES / at),
    kinds: DIGEST_KINDS.filter((_kind, i) => digestAt[i]! >= 0),
    sized,
    digestAt,
    sizeAt: sized ? FIXED_BYTES : -1,
  };
}
