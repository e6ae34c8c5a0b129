import type { ItemCounts } from './item-record.ts';

/** All candidates of an answer, whatever became of them. */
export function countCandidates(counts: ItemCounts): number {
  return Object.values(counts).reduce((sum, count) => sum + count, 0);
}
