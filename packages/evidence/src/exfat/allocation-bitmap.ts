import type { ByteRange, RandomAccessSource } from '@kerbside/bytes';
import { FIRST_CLUSTER, type ExfatGeometry } from './boot-region.ts';
import type { ClusterRun } from './cluster-chain.ts';
import { openPagedBytes, PAGE_BYTES } from './paged-bytes.ts';

/*
 * Allocation bitmap: bit n (lowest first) of the bytes says that cluster n + 2 is in use.
 * Source: Microsoft exFAT specification, section 7.1.5. Some devices make it longer than the heap
 * needs (sleuthkit#1624): bits past the last cluster are not looked at.
 */

/** Bits counted and remembered together: at most half a million numbers for the largest volume there can be. */
const BLOCK_BYTES = 1024;
const BLOCK_BITS = BLOCK_BYTES * 8;

export interface AllocationBitmap {
  /** Clusters from 2 on that the bitmap speaks for; those past it count as free. */
  readonly coveredClusters: number;
  isAllocated(cluster: number): boolean;
  /** How many clusters of a run are in use. */
  countAllocated(run: ClusterRun): number;
  /** Bytes of the bitmap that the medium did not give, so far: their clusters count as free. */
  unreadableBytes(): number;
  /** Free runs in ascending order. */
  freeRuns(): Generator<ClusterRun, void, undefined>;
}

/**
 * @param runs clusters that hold the bitmap, in order; all inside the heap
 * @param sizeBytes its length as its directory entry says
 */
export function openAllocationBitmap(
  source: RandomAccessSource,
  geometry: ExfatGeometry,
  runs: readonly ClusterRun[],
  sizeBytes: number,
): AllocationBitmap {
  const storedBytes = runs.reduce((sum, run) => sum + run.count, 0) * geometry.clusterSizeBytes;
  const usedBytes = Math.min(Math.ceil(geometry.clusterCount / 8), sizeBytes, storedBytes);
  let unreadableBytes = 0;
  const paged = openPagedBytes(usedBytes, (target, offset) => {
    const unread = readRuns(source, geometry, runs, target, offset);
    for (const range of unread) unreadableBytes += range.length;
    return unread;
  });
  const coveredClusters = Math.min(geometry.clusterCount, usedBytes * 8);

  function isAllocated(cluster: number): boolean {
    const bit = cluster - FIRST_CLUSTER;
    if (bit < 0 || bit >= coveredClusters) return false;
    const byte = bit >>> 3;
    return (paged.page(Math.floor(byte / PAGE_BYTES)).bytes[byte % PAGE_BYTES]! & (1 << (bit & 7))) !== 0;
  }

  /** Clusters in use in a whole block of bits; counted once, as hostile entries claim runs as long as the volume. */
  const blockCounts = new Map<number, number>();
  function countBlock(block: number): number {
    let count = blockCounts.get(block);
    if (count === undefined) {
      const { bytes } = paged.page(Math.floor((block * BLOCK_BYTES) / PAGE_BYTES));
      const start = (block * BLOCK_BYTES) % PAGE_BYTES;
      count = 0;
      for (let at = start; at < start + BLOCK_BYTES && at < bytes.length; at++) count += bitCount(bytes[at]!);
      blockCounts.set(block, count);
    }
    return count;
  }

  return {
    coveredClusters,
    isAllocated,
    unreadableBytes: () => unreadableBytes,
    countAllocated(run) {
      let count = 0;
      const end = Math.min(run.first + run.count - FIRST_CLUSTER, coveredClusters);
      for (let bit = run.first - FIRST_CLUSTER; bit < end; ) {
        if (bit % BLOCK_BITS === 0 && end - bit >= BLOCK_BITS) {
          count += countBlock(bit / BLOCK_BITS);
          bit += BLOCK_BITS;
        } else {
          if (isAllocated(bit + FIRST_CLUSTER)) count++;
          bit++;
        }
      }
      return count;
    },
    *freeRuns() {
      let start = -1;
      for (let bit = 0; bit < geometry.clusterCount; ) {
        const byte = bit >>> 3;
        const value = bit < coveredClusters ? paged.page(Math.floor(byte / PAGE_BYTES)).bytes[byte % PAGE_BYTES]! : 0;
        const wholeByte = (bit & 7) === 0 && bit + 8 <= geometry.clusterCount && (value === 0 || (value === 0xff && bit + 8 <= coveredClusters));
        const allocated = wholeByte ? value === 0xff : isAllocated(bit + FIRST_CLUSTER);
        if (allocated && start >= 0) {
          yield { first: start + FIRST_CLUSTER, count: bit - start };
          start = -1;
        } else if (!allocated && start < 0) {
          start = bit;
        }
        bit += wholeByte ? 8 : 1;
      }
      if (start >= 0) yield { first: start + FIRST_CLUSTER, count: geometry.clusterCount - start };
    },
  };
}

/** Reads part of what a list of runs holds; bytes past the source's end read as zero. */
function readRuns(
  source: RandomAccessSource,
  geometry: ExfatGeometry,
  runs: readonly ClusterRun[],
  target: Uint8Array,
  offset: number,
): readonly ByteRange[] {
  const unread: ByteRange[] = [];
  let runStart = 0;
  let filled = 0;
  for (const run of runs) {
    const runBytes = run.count * geometry.clusterSizeBytes;
    if (filled < target.byteLength && offset + filled < runStart + runBytes) {
      const inRun = offset + filled - runStart;
      const length = Math.min(target.byteLength - filled, runBytes - inRun);
      const at = geometry.heapOffset + (run.first - FIRST_CLUSTER) * geometry.clusterSizeBytes + inRun;
      const inside = Math.max(0, Math.min(length, source.sizeBytes - at));
      if (inside > 0) {
        for (const range of source.readInto(target.subarray(filled, filled + inside), at)) {
          unread.push({ offset: range.offset - at + offset + filled, length: range.length });
        }
      }
      target.fill(0, filled + inside, filled + length);
      filled += length;
    }
    runStart += runBytes;
  }
  return unread;
}

function bitCount(byte: number): number {
  let bits = byte - ((byte >>> 1) & 0x55);
  bits = (bits & 0x33) + ((bits >>> 2) & 0x33);
  return (bits + (bits >>> 4)) & 0x0f;
}
