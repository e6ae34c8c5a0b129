import type { AskableSet, AskBatch } from './askable-set.ts';
import { KIND_BITS } from './item-record.ts';

/** Lengths kept of rows that some items cannot be compared with; beyond it any length of the set counts. */
const MAX_ODD_SIZES = 1_000_000;

/**
 * Which items a set might hold although no code tells: those that were not read, and those whose digests
 * are of other kinds than the row's of the same length. They must be examined again.
 */
export interface SizeQuestion {
  /** Looks at rows of the set; each once. */
  take(batch: AskBatch): void;
  /** Whether an item of this length and these kinds may be one of the rows that its codes say nothing about. */
  mayHold(sizeBytes: number, itemKinds: number): boolean;
}

/** For items of one combination of kinds: no row, any row, or those of these lengths are beyond comparison. */
type Odd = 'none' | 'any' | Set<number>;

export function createSizeQuestion(set: AskableSet): SizeQuestion {
  const oddByKinds = Array.from({ length: KIND_BITS + 1 }, (_, itemKinds): Odd => {
    if (set.kindsOfRows.every((kinds) => (kinds & itemKinds) !== 0)) return 'none';
    if (itemKinds === 0 || set.kindsOfRows.every((kinds) => (kinds & itemKinds) === 0)) return 'any';
    return new Set();
  });
  const gathering = [...oddByKinds.keys()].filter((itemKinds) => oddByKinds[itemKinds] instanceof Set);

  return {
    take(batch) {
      for (const itemKinds of gathering) {
        const odd = oddByKinds[itemKinds]!;
        if (!(odd instanceof Set)) continue;
        for (let row = 0; row < batch.count; row++) {
          if ((batch.kinds[row]! & itemKinds) !== 0) continue;
          const sizes = batch.sizesOf(row);
          for (const size of sizes ?? []) odd.add(size);
          if (sizes !== null && odd.size <= MAX_ODD_SIZES) continue;
          oddByKinds[itemKinds] = 'any';
          break;
        }
      }
    },
    mayHold(sizeBytes, itemKinds) {
      const odd = oddByKinds[itemKinds]!;
      if (odd === 'none') return false;
      return odd === 'any' ? set.hasSize(sizeBytes) : odd.has(sizeBytes);
    },
  };
}
