import { MAX_EXTENTS_PER_ITEM, MediumError, type RandomAccessSource } from '@kerbside/bytes';
import { FIRST_CLUSTER, type ExfatGeometry } from './boot-region.ts';
import { openPagedBytes, PAGE_BYTES, requireReadable } from './paged-bytes.ts';

/*
 * FAT: one u32 a cluster, entries 0 and 1 reserved. Source: Microsoft exFAT specification, section 4.1.
 *   2 … count + 1   next cluster
 *   FFFFFFF7        bad cluster
 *   FFFFFFFF        end of chain
 * Entries of files marked NoFatChain are undefined.
 */

const END_OF_CHAIN = 0xffff_ffff;

/** Not a FAT value: the medium did not give one. */
const UNREADABLE = -1;

/** Clusters that follow each other on the volume. */
export interface ClusterRun {
  readonly first: number;
  readonly count: number;
}

/**
 * How a chain ended. `end-marker`: as it should. `wanted`: all that was asked for was there and the
 * chain goes on. `cycle`: it came back on itself. `broken`: it led to something that is no cluster.
 * `unreadable`: the medium failed. `limit`: the budget of this volume or item was used up.
 */
export type ChainEnd = 'end-marker' | 'wanted' | 'cycle' | 'broken' | 'unreadable' | 'limit';

export interface Chain {
  readonly runs: readonly ClusterRun[];
  readonly clusters: number;
  readonly end: ChainEnd;
}

/** Follows cluster chains of one volume, within one budget for all live items and one for all deleted ones. */
export interface ClusterChains {
  /**
   * @param first a cluster of the heap
   * @param wanted clusters needed; the chain is not followed further
   * @param whose deleted items have a budget of their own, so that they cannot use up that of live ones
   */
  follow(first: number, wanted: number, whose?: 'live' | 'deleted'): Chain;
}

/**
 * Steps through the FAT that one volume may cost: chains of live and deleted items together pass
 * each cluster a few times at most, so more means entries that all claim the same long chain.
 */
const STEPS_PER_CLUSTER = 8;
const STEPS_ALWAYS = 1_000_000;

export function openClusterChains(source: RandomAccessSource, geometry: ExfatGeometry): ClusterChains {
  const lastCluster = FIRST_CLUSTER + geometry.clusterCount - 1;
  const fatBytes = Math.min(geometry.fatBytes, (lastCluster + 1) * 4);
  const fat = openPagedBytes(fatBytes, (target, offset) => {
    const at = geometry.fatOffset + offset;
    const inside = Math.max(0, Math.min(target.byteLength, source.sizeBytes - at));
    // A FAT beyond the end of a truncated image reads as free entries, which end any chain as broken.
    target.fill(0, inside);
    return source
      .readInto(target.subarray(0, inside), Math.min(at, source.sizeBytes))
      .map((range) => ({ offset: range.offset - geometry.fatOffset, length: range.length }));
  });
  const budget = geometry.clusterCount * STEPS_PER_CLUSTER + STEPS_ALWAYS;
  const stepsLeft = { live: budget, deleted: budget };

  function next(cluster: number): number {
    const page = fat.page(Math.floor((cluster * 4) / PAGE_BYTES));
    const at = (cluster * 4) % PAGE_BYTES;
    if (page.unreadable.length > 0) requireReadable(page, at, 4, 'an entry of the FAT');
    return page.bytes.readUInt32LE(at);
  }

  function nextOrUnreadable(cluster: number): number {
    if (cluster === UNREADABLE) return UNREADABLE;
    try {
      return next(cluster);
    } catch (error) {
      if (error instanceof MediumError) return UNREADABLE;
      throw error;
    }
  }

  function walk(first: number, wanted: number, whose: 'live' | 'deleted'): Chain & { readonly cycleLength: number } {
    const runs: ClusterRun[] = [];
    let runFirst = first;
    let cluster = first;
    let clusters = 1;
    // Brent's cycle detection: a marker that jumps to the current place at every power of two.
    let marker = first;
    let power = 1;
    let sinceMarker = 0;
    const finish = (end: ChainEnd, cycleLength = 0): Chain & { readonly cycleLength: number } => {
      runs.push({ first: runFirst, count: cluster - runFirst + 1 });
      return { runs, clusters, end, cycleLength };
    };
    while (true) {
      if (stepsLeft[whose]-- <= 0) return finish('limit');
      const following = nextOrUnreadable(cluster);
      if (following === UNREADABLE) return finish('unreadable');
      if (following === END_OF_CHAIN) return finish('end-marker');
      if (following < FIRST_CLUSTER || following > lastCluster) return finish(clusters >= wanted ? 'wanted' : 'broken');
      if (clusters >= wanted) return finish('wanted');
      sinceMarker++;
      if (following === marker) return finish('cycle', sinceMarker);
      if (sinceMarker === power) {
        marker = following;
        power *= 2;
        sinceMarker = 0;
      }
      if (following !== cluster + 1) {
        if (runs.length >= MAX_EXTENTS_PER_ITEM - 1) return finish('limit');
        runs.push({ first: runFirst, count: cluster - runFirst + 1 });
        runFirst = following;
      }
      cluster = following;
      clusters++;
    }
  }

  /** Clusters before a chain with a cycle of this length first comes back: the part that can be content. */
  function distinctClusters(first: number, cycleLength: number): number {
    let ahead = first;
    for (let step = 0; step < cycleLength; step++) ahead = nextOrUnreadable(ahead);
    let before = 0;
    for (let behind = first; behind !== ahead && behind !== UNREADABLE && ahead !== UNREADABLE; before++) {
      behind = nextOrUnreadable(behind);
      ahead = nextOrUnreadable(ahead);
    }
    return before + cycleLength;
  }

  return {
    follow(first, wanted, whose = 'live') {
      const chain = walk(first, wanted, whose);
      return chain.end === 'cycle' ? cutChain(chain, distinctClusters(first, chain.cycleLength)) : chain;
    },
  };
}

function cutChain(chain: Chain, clusters: number): Chain {
  const runs: ClusterRun[] = [];
  let left = clusters;
  for (const run of chain.runs) {
    if (left <= 0) break;
    runs.push({ first: run.first, count: Math.min(run.count, left) });
    left -= run.count;
  }
  return { runs, clusters: Math.min(clusters, chain.clusters), end: chain.end };
}
