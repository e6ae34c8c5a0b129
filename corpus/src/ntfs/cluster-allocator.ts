import type { Random } from '../random.ts';
import type { Run } from './run-list.ts';

/** Hands out clusters of a volume and keeps its bitmap. */
export interface ClusterAllocator {
  /** Clusters in one run. Throws a RangeError when the volume is full. */
  take(clusters: number): Run;
  /** Clusters in `pieces` separate runs, in seeded order; fewer pieces when there are fewer clusters. */
  takePieces(clusters: number, pieces: number): Run[];
  /** Marks clusters free; they are handed out again only when `reuse` is set. */
  release(run: Run, reuse: boolean): void;
  /** The content of $Bitmap; bits past the last cluster are set. */
  readonly bitmap: Buffer;
  usedClusters(): number;
}

/** An allocator over clusters `0` to `totalClusters - 1`, in rising order, small gaps first. */
export function makeClusterAllocator(totalClusters: number, random: Random): ClusterAllocator {
  const bitmap = Buffer.alloc(Math.ceil(totalClusters / 64) * 8);
  for (let cluster = totalClusters; cluster < bitmap.length * 8; cluster++) setBit(bitmap, cluster, true);
  const gaps: { lcn: number; clusters: number }[] = [];
  let next = 0;
  let used = 0;

  const mark = (lcn: number, clusters: number, inUse: boolean): void => {
    for (let cluster = lcn; cluster < lcn + clusters; cluster++) setBit(bitmap, cluster, inUse);
    used += inUse ? clusters : -clusters;
  };
  const takeNew = (clusters: number): { lcn: number; clusters: number } => {
    if (next + clusters > totalClusters) {
      throw new RangeError(`volume full: ${clusters} clusters wanted, ${totalClusters - next} of ${totalClusters} left`);
    }
    const lcn = next;
    next += clusters;
    mark(lcn, clusters, true);
    return { lcn, clusters };
  };
  const take = (clusters: number): Run => {
    const gap = gaps.at(-1);
    if (gap === undefined || gap.clusters < clusters) return takeNew(clusters);
    const lcn = gap.lcn;
    gap.lcn += clusters;
    gap.clusters -= clusters;
    if (gap.clusters === 0) gaps.pop();
    mark(lcn, clusters, true);
    return { lcn, clusters };
  };
  return {
    bitmap,
    take,
    takePieces(clusters, pieces) {
      const count = Math.max(1, Math.min(pieces, clusters));
      if (count === 1) return clusters === 0 ? [] : [take(clusters)];
      const lengths = Array.from({ length: count }, (_, piece) => Math.floor(((piece + 1) * clusters) / count) - Math.floor((piece * clusters) / count));
      const order = lengths.map((_, piece) => piece);
      for (let at = order.length - 1; at > 0; at--) {
        const other = random.below(at + 1);
        [order[at], order[other]] = [order[other]!, order[at]!];
      }
      // Pieces are laid in seeded order with a gap after each, so no two ever touch.
      const runs: Run[] = [];
      for (const piece of order) {
        runs[piece] = takeNew(lengths[piece]!);
        const gapClusters = 1 + random.below(3);
        if (next + gapClusters <= totalClusters) gaps.push({ lcn: next, clusters: gapClusters });
        next = Math.min(totalClusters, next + gapClusters);
      }
      return runs;
    },
    release(run, reuse) {
      if (run.lcn === null) return;
      mark(run.lcn, run.clusters, false);
      if (reuse) gaps.push({ lcn: run.lcn, clusters: run.clusters });
    },
    usedClusters: () => used,
  };
}

function setBit(bitmap: Buffer, bit: number, value: boolean): void {
  const mask = 1 << (bit & 7);
  const byte = bitmap[bit >>> 3]!;
  bitmap[bit >>> 3] = value ? byte | mask : byte & ~mask;
}
