import { loadNearIndex, openNearRows, type NearRows as SetRows } from '@kerbside/match';
import type { NearSets } from './near-rows.ts';

/**
 * Loads the near-match part of the sets into shared memory.
 * @param paths of the compiled sets among those asked; block sets have none
 * @throws RefusedError as `openSet`
 */
export function openNearSets(paths: readonly string[]): NearSets {
  const index = loadNearIndex(paths);
  const rows = new Map<number, SetRows>();
  const rowsOf = (set: number): SetRows => {
    let open = rows.get(set);
    if (open === undefined) {
      open = openNearRows(index.sets[set]!.facts.path);
      rows.set(set, open);
    }
    return open;
  };
  return {
    index: index.sets.length === 0 ? null : index,
    rowOf(set, row) {
      const { name, meaning } = index.sets[set]!.facts;
      const { category, categoryBasis, digest, mediaId, series } = rowsOf(set).row(row);
      return { set: name, meaning, category, categoryBasis, digest: digest === null ? null : `${digest.algorithm}:${digest.hex}`, mediaId, series };
    },
    close() {
      for (const open of rows.values()) open.close();
    },
  };
}
