import { LimitError, MalformedError } from '@kerbside/bytes';
import type { Recovery } from '../item.ts';
import { makeRunBuilder, NOTHING_MAPPED, type MappedContent } from './cluster-chain.ts';
import { isClusterNumber, isFree, type FatVolume, type WalkState } from './fat-volume.ts';

/** A guess at a deleted file's content. */
export interface DeletedContent {
  readonly content: MappedContent;
  readonly recovery: Recovery;
}

/**
 * Deletion frees the chain and keeps first cluster and size, so the rest is a guess: the file lay
 * in one piece. Where some of those clusters now belong to others but the first is free, the guess
 * takes the next free clusters instead, as The Sleuth Kit does: a file is more often written around
 * what was there than overwritten in its middle.
 *
 * @param first first cluster as the entry says
 * @param sizeBytes size as the entry says
 */
export function guessDeletedContent(fat: FatVolume, state: WalkState, first: number, sizeBytes: number): DeletedContent {
  if (sizeBytes === 0) return { content: NOTHING_MAPPED, recovery: { basis: isClusterNumber(fat, first) ? 'contiguous-guess' : 'no-runs' } };
  if (!isClusterNumber(fat, first)) return { content: NOTHING_MAPPED, recovery: { basis: 'no-runs' } };
  const needed = Math.ceil(sizeBytes / fat.geometry.clusterSizeBytes);
  const last = fat.table.lastCluster;
  const contiguousEnd = Math.min(last, first + needed - 1);

  state.stepsLeft -= contiguousEnd - first + 1;
  if (state.stepsLeft < 0) {
    const fault = new LimitError('fat-deleted-guess-limit', 'too many deleted files to work out where each of them was; this one is listed without content');
    return { content: { ...NOTHING_MAPPED, faults: [fault] }, recovery: { basis: 'no-runs' } };
  }
  let reused = 0;
  for (let cluster = first; cluster <= contiguousEnd; cluster++) if (!isFree(fat, cluster)) reused++;

  if (reused === 0 || !isFree(fat, first)) return contiguous(fat, first, needed, contiguousEnd, sizeBytes, reused);
  const runs = makeRunBuilder(fat, sizeBytes);
  let found = 0;
  for (let cluster = first; cluster <= last && found < needed; cluster++) {
    if (--state.stepsLeft < 0) break;
    if (isFree(fat, cluster)) {
      if (!runs.add(cluster)) break;
      found++;
    }
  }
  // Not enough free clusters up to the end: the file did not lie around the others, they overwrote it.
  if (found < needed) return contiguous(fat, first, needed, contiguousEnd, sizeBytes, reused);
  return { content: runs.finish([]), recovery: { basis: 'clusters-reused', reusedShare: reused / needed } };
}

function contiguous(fat: FatVolume, first: number, needed: number, end: number, sizeBytes: number, reused: number): DeletedContent {
  const runs = makeRunBuilder(fat, sizeBytes);
  for (let cluster = first; cluster <= end; cluster++) runs.add(cluster);
  const present = end - first + 1;
  const faults =
    present < needed
      ? [new MalformedError('fat-deleted-past-end', `the deleted file would need ${needed} clusters from cluster ${first} on; the volume has ${present}`)]
      : [];
  return {
    content: runs.finish(faults),
    recovery: reused === 0 ? { basis: 'contiguous-guess' } : { basis: 'clusters-reused', reusedShare: reused / needed },
  };
}
