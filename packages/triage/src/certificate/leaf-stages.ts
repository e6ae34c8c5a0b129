import { TREE_HASH_BYTES } from '@kerbside/ledger';

/** Leaf hashes by stage, in memory or in a file. */
export interface LeafStages {
  readonly stages: readonly { readonly name: string; readonly count: number }[];
  /**
   * Leaf hashes side by side, 32 bytes each.
   * @param stage place of the stage in `stages`
   */
  read(stage: number, first: number, count: number): Uint8Array;
}

/** Leaves that are looked at with one read of a file: 2 MiB. */
const LEAVES_AT_ONCE = 65_536;

/** Leaf hashes held in memory, side by side for each stage. */
export function memoryLeaves(stages: readonly { readonly name: string; readonly leaves: Uint8Array }[]): LeafStages {
  return {
    stages: stages.map(({ name, leaves }) => ({ name, count: leaves.byteLength / TREE_HASH_BYTES })),
    read: (stage, first, count) => stages[stage]!.leaves.subarray(first * TREE_HASH_BYTES, (first + count) * TREE_HASH_BYTES),
  };
}

/** All leaf hashes of a stage in pieces, with the number of the first leaf of each. */
export function* pieces(leaves: LeafStages, stage: number): Generator<{ readonly first: number; readonly bytes: Uint8Array }, void, undefined> {
  const { count } = leaves.stages[stage]!;
  for (let first = 0; first < count; first += LEAVES_AT_ONCE) yield { first, bytes: leaves.read(stage, first, Math.min(LEAVES_AT_ONCE, count - first)) };
}
