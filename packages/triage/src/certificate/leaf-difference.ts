import { TREE_HASH_BYTES } from '@kerbside/ledger';
import { pieces, type LeafStages } from './leaf-stages.ts';

/** A stage of a certificate, by its place. */
export interface StageOf {
  readonly leaves: LeafStages;
  readonly stage: number;
}

/** Numbers of the leaves that are not the same in two stages whose reads are the same, read for read. */
export function* differingLeaves(original: StageOf, replayed: StageOf): Generator<number, void, undefined> {
  for (const { first, bytes } of pieces(original.leaves, original.stage)) {
    const again = replayed.leaves.read(replayed.stage, first, bytes.byteLength / TREE_HASH_BYTES);
    if (Buffer.compare(bytes, again) === 0) continue;
    for (let at = 0; at < bytes.byteLength; at += TREE_HASH_BYTES) {
      if (Buffer.compare(bytes.subarray(at, at + TREE_HASH_BYTES), again.subarray(at, at + TREE_HASH_BYTES)) !== 0) yield first + at / TREE_HASH_BYTES;
    }
  }
}

/**
 * Numbers of the leaves of `one` that `other` does not hold at any place: for stages whose lists of
 * reads are not the same. Eight bytes of each hash are compared: that a differing leaf goes unseen has a chance
 * of one in 2^40 at 16 million leaves, and the roots differ all the same.
 */
export function* leavesWithout(one: StageOf, other: StageOf): Generator<number, void, undefined> {
  const known = sortedKeys(other);
  for (const { first, bytes } of pieces(one.leaves, one.stage)) {
    const view = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    for (let at = 0; at < bytes.byteLength; at += TREE_HASH_BYTES) if (!holds(known, view.readBigUInt64LE(at))) yield first + at / TREE_HASH_BYTES;
  }
}

function sortedKeys({ leaves, stage }: StageOf): BigUint64Array {
  const keys = new BigUint64Array(leaves.stages[stage]!.count);
  for (const { first, bytes } of pieces(leaves, stage)) {
    const view = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    for (let at = 0; at < bytes.byteLength; at += TREE_HASH_BYTES) keys[first + at / TREE_HASH_BYTES] = view.readBigUInt64LE(at);
  }
  return keys.sort();
}

function holds(sorted: BigUint64Array, key: bigint): boolean {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (sorted[middle]! < key) low = middle + 1;
    else high = middle;
  }
  return sorted[low] === key;
}
