/**
 * A row as the build keeps it in its temporary file:
 *
 * | at | bytes | what |
 * | --- | --- | --- |
 * | 0 | 1 | bits 0-3 digest kinds present, bit 4 size present |
 * | 1 | 2 | index of the category code, little-endian; 0 none |
 * | 3 | 7 | size in bytes, little-endian, only with bit 4 (2^53 needs 53 bits) |
 * | .. | .. | the digests present, in the order of DIGEST_KINDS |
 */
import { DIGEST_KINDS, LENGTH_OF_KIND } from '../digest-kinds.ts';

export const HAS_SIZE = 0x10;
export const KINDS_MASK = 0x0f;
export const SPILL_FIXED_BYTES = 3;
export const SPILL_SIZE_BYTES = 7;

/** By flags byte: length of the row, and where each kind's digest begins (-1 when absent). */
interface SpillShape {
  readonly lengthBytes: number;
  readonly digestAt: readonly number[];
}

/** Shapes for every flags byte there can be. */
export const SPILL_SHAPES: readonly SpillShape[] = Array.from({ length: 32 }, (_, flags) => {
  let at = SPILL_FIXED_BYTES + ((flags & HAS_SIZE) !== 0 ? SPILL_SIZE_BYTES : 0);
  const digestAt = DIGEST_KINDS.map((_kind, kind) => {
    if ((flags & (1 << kind)) === 0) return -1;
    const here = at;
    at += LENGTH_OF_KIND[kind]!;
    return here;
  });
  return { lengthBytes: at, digestAt };
});

/** Size stated by the row at `at`, or -1. */
export function spillRowSize(bytes: Buffer, at: number): number {
  if ((bytes[at]! & HAS_SIZE) === 0) return -1;
  return bytes.readUInt32LE(at + 3) + bytes.readUIntLE(at + 7, 3) * 0x1_0000_0000;
}

/** Index of the row's category code. */
export function spillRowCode(bytes: Buffer, at: number): number {
  return bytes[at + 1]! | (bytes[at + 2]! << 8);
}
