import type { Random } from '../random.ts';

export const FIRST_CLUSTER = 2;
const END_OF_CHAIN = 0xffff_ffff;

/** Clusters that follow each other. */
export interface Run {
  readonly first: number;
  readonly count: number;
}

/** Hands out clusters in rising order and keeps the bitmap and the FAT. */
export interface ClusterLayout {
  readonly bitmap: Buffer;
  /** FAT from entry 0 on, for every cluster. */
  readonly fat: Buffer;
  /** Clusters in `pieces` separate runs, in seeded order, never touching each other. Throws a RangeError when the volume is full. */
  take(clusters: number, pieces: number): Run[];
  /** Writes the FAT chain of some runs. */
  chain(runs: readonly Run[]): void;
  /** Marks clusters free; their bytes and FAT entries stay, and they are not handed out again. */
  release(runs: readonly Run[]): void;
  usedClusters(): number;
}

export function makeClusterLayout(clusterCount: number, random: Random): ClusterLayout {
  const bitmap = Buffer.alloc(Math.ceil(clusterCount / 8));
  const fat = Buffer.alloc((clusterCount + FIRST_CLUSTER) * 4);
  fat.writeUInt32LE(0xffff_fff8, 0);
  fat.writeUInt32LE(0xffff_ffff, 4);
  const end = FIRST_CLUSTER + clusterCount;
  let next = FIRST_CLUSTER;
  let used = 0;

  const mark = (run: Run, inUse: boolean): void => {
    for (let bit = run.first - FIRST_CLUSTER; bit < run.first - FIRST_CLUSTER + run.count; bit++) {
      const mask = 1 << (bit & 7);
      bitmap[bit >>> 3] = inUse ? bitmap[bit >>> 3]! | mask : bitmap[bit >>> 3]! & ~mask;
    }
    used += inUse ? run.count : -run.count;
  };
  const takeOne = (count: number): Run => {
    if (next + count > end) throw new RangeError(`volume full: ${count} clusters wanted, ${end - next} of ${clusterCount} left`);
    const run = { first: next, count };
    next += count;
    mark(run, true);
    return run;
  };

  return {
    bitmap,
    fat,
    take(clusters, pieces) {
      const count = Math.max(1, Math.min(pieces, clusters));
      if (clusters === 0) return [];
      if (count === 1) return [takeOne(clusters)];
      const border = (piece: number): number => Math.floor((piece * clusters) / count);
      const order = Array.from({ length: count }, (_, piece) => piece);
      for (let at = count - 1; at > 0; at--) {
        const other = random.below(at + 1);
        [order[at], order[other]] = [order[other]!, order[at]!];
      }
      const runs: Run[] = [];
      for (const piece of order) {
        runs[piece] = takeOne(border(piece + 1) - border(piece));
        next = Math.min(end, next + 1 + random.below(3));
      }
      return runs;
    },
    chain(runs) {
      const clusters = runs.flatMap((run) => Array.from({ length: run.count }, (_, i) => run.first + i));
      clusters.forEach((cluster, i) => fat.writeUInt32LE(clusters[i + 1] ?? END_OF_CHAIN, cluster * 4));
    },
    release(runs) {
      for (const run of runs) mark(run, false);
    },
    usedClusters: () => used,
  };
}
