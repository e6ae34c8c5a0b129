import { DIGEST_KINDS, LENGTH_OF_KIND } from '../digest-kinds.ts';
import { sortByKey } from './sort-keys.ts';
import { KINDS_MASK, SPILL_SHAPES, spillRowCode, spillRowSize } from './spill-row.ts';

/**
 * Offsets of all rows of a loaded bucket, in the order in which they stand in the set: by the
 * bucket's digest kind, then by the other digests, category code and size, so that the result does
 * not depend on the order of the lists.
 *
 * @param bytes the bucket's rows, one after the other
 * @param kind the kind all rows of this bucket have and none has an earlier one
 * @param codes category codes by index
 */
export function sortBucket(bytes: Buffer, kind: number, codes: readonly (string | null)[]): Uint32Array {
  let count = 0;
  for (let at = 0; at < bytes.length; count++) at += SPILL_SHAPES[bytes[at]!]!.lengthBytes;
  const offsets = new Uint32Array(count);
  const keys = new Uint32Array(count);
  for (let at = 0, i = 0; i < count; i++) {
    const shape = SPILL_SHAPES[bytes[at]!]!;
    // Rows of one bucket share the digest's first byte; the next four order nearly all of them.
    const digest = at + shape.digestAt[kind]! + 1;
    keys[i] = (bytes[digest]! << 24) | (bytes[digest + 1]! << 16) | (bytes[digest + 2]! << 8) | bytes[digest + 3]!;
    offsets[i] = at;
    at += shape.lengthBytes;
  }
  const order = sortByKey(keys, count, (a, b) => compareRows(bytes, offsets[a]!, offsets[b]!, kind, codes));
  for (let i = 0; i < count; i++) order[i] = offsets[order[i]!]!;
  return order;
}

/** True when both rows have the same digest of this kind. */
export function samePrimary(bytes: Buffer, a: number, b: number, kind: number): boolean {
  const atA = a + SPILL_SHAPES[bytes[a]!]!.digestAt[kind]!;
  const atB = b + SPILL_SHAPES[bytes[b]!]!.digestAt[kind]!;
  for (let i = LENGTH_OF_KIND[kind]! - 1; i >= 0; i--) if (bytes[atA + i] !== bytes[atB + i]) return false;
  return true;
}

function compareRows(bytes: Buffer, a: number, b: number, from: number, codes: readonly (string | null)[]): number {
  const shapeA = SPILL_SHAPES[bytes[a]!]!;
  const shapeB = SPILL_SHAPES[bytes[b]!]!;
  for (let kind = from; kind < DIGEST_KINDS.length; kind++) {
    const hasA = shapeA.digestAt[kind]! >= 0;
    const hasB = shapeB.digestAt[kind]! >= 0;
    if (hasA !== hasB) return hasA ? -1 : 1;
    if (!hasA) continue;
    const atA = a + shapeA.digestAt[kind]!;
    const atB = b + shapeB.digestAt[kind]!;
    for (let i = 0; i < LENGTH_OF_KIND[kind]!; i++) {
      const difference = bytes[atA + i]! - bytes[atB + i]!;
      if (difference !== 0) return difference;
    }
  }
  const codeA = codes[spillRowCode(bytes, a)] ?? '';
  const codeB = codes[spillRowCode(bytes, b)] ?? '';
  if (codeA !== codeB) return codeA < codeB ? -1 : 1;
  const flags = (bytes[a]! & KINDS_MASK) - (bytes[b]! & KINDS_MASK);
  return flags || spillRowSize(bytes, a) - spillRowSize(bytes, b);
}
