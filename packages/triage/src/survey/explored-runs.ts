import { BLOCK_SET_BLOCK_BYTES } from '@kerbside/match';
import { BitSet } from './bit-set.ts';
import type { BlockMatch } from './split-runs.ts';

/** Runs remembered at a time: a survey meets the runs near its reads, not all of a device's. At most 2 KiB each (`CELL_BYTES`). */
const REMEMBERED = 256;

/** What of the source was explored for one set of late, so that neighbouring reads do not explore it again. */
export interface ExploredRuns {
  /** Whether the block at `offset` was known when it was explored; null when it was not explored. */
  wasKnown(offset: number): boolean | null;
  /** Notes what was found when all blocks from the first match to the last on their grid were looked up. */
  add(matches: readonly BlockMatch[]): void;
}

/** Forgetting costs a second look and changes no answer: an explored run comes out the same again. */
export function createExploredRuns(): ExploredRuns {
  const runs: { readonly first: number; readonly known: BitSet }[] = [];
  return {
    wasKnown(offset) {
      let explored = false;
      for (const { first, known } of runs) {
        const block = (offset - first) / BLOCK_SET_BLOCK_BYTES;
        if (!Number.isInteger(block) || block < 0 || block >= known.count) continue;
        if (known.has(block)) return true;
        explored = true;
      }
      return explored ? false : null;
    },
    add(matches) {
      const [first, last] = [matches[0], matches.at(-1)];
      if (first === undefined || last === undefined) return;
      if (runs.length === REMEMBERED) runs.shift();
      const known = new BitSet((last.offset - first.offset) / BLOCK_SET_BLOCK_BYTES + 1);
      for (const { offset } of matches) known.add((offset - first.offset) / BLOCK_SET_BLOCK_BYTES);
      runs.push({ first: first.offset, known });
    },
  };
}
