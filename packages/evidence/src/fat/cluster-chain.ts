import { LimitError, MAX_EXTENTS_PER_ITEM, MalformedError, type KerbsideError } from '@kerbside/bytes';
import type { PlainExtent } from '../item.ts';
import { clusterOffset } from './fat-geometry.ts';
import { BAD_CLUSTER, END_OF_CHAIN, FREE_CLUSTER } from './fat-table.ts';
import { isClusterNumber, type FatVolume, type WalkState } from './fat-volume.ts';

/** Content of an item as found: what is mapped, and what is wrong with it. */
export interface MappedContent {
  readonly extents: PlainExtent[];
  /** Sum of the extents' lengths; less than the size when part could not be mapped. */
  readonly mappedBytes: number;
  readonly faults: readonly KerbsideError[];
}

const NO_FAULTS: readonly KerbsideError[] = Object.freeze([]);

/** The content of an empty item. */
export const NOTHING_MAPPED: MappedContent = Object.freeze({ extents: [], mappedBytes: 0, faults: NO_FAULTS });

/**
 * Follows the chain of an allocated file and marks its clusters as taken.
 *
 * @param first first cluster as the directory entry says
 * @param sizeBytes size as the directory entry says, more than 0
 * @returns extents for as much of the size as the chain gives; faults name loops, breaks, shared clusters and wrong lengths
 */
export function mapChain(fat: FatVolume, state: WalkState, first: number, sizeBytes: number): MappedContent {
  if (!isClusterNumber(fat, first)) {
    return {
      extents: [],
      mappedBytes: 0,
      faults: [new MalformedError('fat-chain-start-invalid', `a file of ${sizeBytes} bytes starts at cluster ${first}, which this volume does not have`)],
    };
  }
  const { table } = fat;
  const needed = Math.ceil(sizeBytes / fat.geometry.clusterSizeBytes);
  const runs = makeRunBuilder(fat, sizeBytes);
  let fault: KerbsideError | null = null;
  let sharedFrom = 0;
  // Brent's cycle finding, used only from the first shared cluster on.
  let tortoise = 0;
  let power = 1;
  let lap = 0;

  let cluster = first;
  for (let index = 0; ; index++) {
    if (!state.fileClusters.add(cluster)) {
      if (sharedFrom === 0) {
        if (runs.has(cluster)) {
          fault = new MalformedError('fat-chain-loop', `the cluster chain returns to its own cluster ${cluster} after ${index} of ${needed} clusters`);
          break;
        }
        sharedFrom = cluster;
        tortoise = cluster;
      } else if (cluster === tortoise) {
        fault = new MalformedError('fat-chain-loop', `the cluster chain runs in a circle at cluster ${cluster} after ${index} of ${needed} clusters`);
        break;
      } else if (++lap === power) {
        tortoise = cluster;
        power *= 2;
        lap = 0;
      }
      if (--state.stepsLeft < 0) {
        fault = new LimitError('fat-shared-cluster-limit', 'too many files claim the same clusters; this chain was not followed to its end');
        break;
      }
    }
    if (!runs.add(cluster)) {
      fault = new LimitError('fat-extent-limit', `the file is in more than ${MAX_EXTENTS_PER_ITEM} pieces; the rest is not mapped`);
      break;
    }
    const next = table.entry(cluster);
    if (index + 1 >= needed) {
      fault = faultAtEnd(fat, state, cluster, next, needed);
      break;
    }
    if (next === END_OF_CHAIN) {
      fault = new MalformedError('fat-chain-too-short', `the cluster chain ends after ${index + 1} of ${needed} clusters`);
      break;
    }
    if (!isClusterNumber(fat, next)) {
      fault = new MalformedError('fat-chain-broken', `the cluster chain is broken after ${index + 1} of ${needed} clusters: cluster ${cluster} ${describeEntry(next)}`);
      break;
    }
    cluster = next;
  }

  const faults: KerbsideError[] = [];
  if (fault !== null) faults.push(fault);
  if (sharedFrom !== 0) {
    faults.push(new MalformedError('fat-cross-link', `from cluster ${sharedFrom} on, the file has clusters that another file has too; the content may be the other's`));
  }
  return runs.finish(faults);
}

/** Marks what follows in a chain as taken, so that it does not count as lost; ends at a cluster that is taken already. */
export function takeRestOfChain(fat: FatVolume, state: WalkState, first: number): void {
  for (let cluster = first; isClusterNumber(fat, cluster) && state.fileClusters.add(cluster); ) cluster = fat.table.entry(cluster);
}

/** A chain should end exactly where the size ends. */
function faultAtEnd(fat: FatVolume, state: WalkState, cluster: number, next: number, needed: number): KerbsideError | null {
  if (next === END_OF_CHAIN) return null;
  if (isClusterNumber(fat, next)) {
    takeRestOfChain(fat, state, next);
    return new MalformedError('fat-chain-longer-than-size', `the cluster chain goes on past the ${needed} clusters that the size needs; what follows is not part of the item`);
  }
  return new MalformedError('fat-chain-broken', `the last cluster ${cluster} of the file ${describeEntry(next)} instead of ending the chain`);
}

/** Says what a table entry holds where a next cluster or an end mark should stand. */
export function describeEntry(value: number): string {
  if (value === FREE_CLUSTER) return 'is marked free';
  if (value === BAD_CLUSTER) return 'is marked bad';
  return `points to ${value}, which this volume does not have`;
}

/** Gathers clusters, in file order, into extents that are clipped at the item's size and at the source's end. */
export interface RunBuilder {
  /** Appends a cluster; false when there are too many pieces. */
  add(cluster: number): boolean;
  /** True when the cluster is in one of the pieces. */
  has(cluster: number): boolean;
  finish(faults: KerbsideError[]): MappedContent;
}

/** Makes a builder for an item of `sizeBytes`. */
export function makeRunBuilder(fat: FatVolume, sizeBytes: number): RunBuilder {
  const { geometry, source } = fat;
  const starts: number[] = [];
  const counts: number[] = [];
  let runStart = 0;
  let runCount = 0;
  return {
    add(cluster) {
      if (runCount > 0 && cluster === runStart + runCount) {
        runCount++;
        return true;
      }
      if (runCount > 0) {
        if (starts.length >= MAX_EXTENTS_PER_ITEM) return false;
        starts.push(runStart);
        counts.push(runCount);
      }
      runStart = cluster;
      runCount = 1;
      return true;
    },
    has(cluster) {
      if (runCount > 0 && cluster >= runStart && cluster < runStart + runCount) return true;
      for (let i = 0; i < starts.length; i++) if (cluster >= starts[i]! && cluster < starts[i]! + counts[i]!) return true;
      return false;
    },
    finish(faults) {
      if (runCount > 0) {
        starts.push(runStart);
        counts.push(runCount);
      }
      const extents: PlainExtent[] = [];
      let left = sizeBytes;
      let mappedBytes = 0;
      for (let i = 0; i < starts.length && left > 0; i++) {
        const offset = clusterOffset(geometry, starts[i]!);
        const wanted = Math.min(left, counts[i]! * geometry.clusterSizeBytes);
        const inside = Math.max(0, Math.min(wanted, source.sizeBytes - offset));
        if (inside > 0) extents.push({ kind: 'data', sourceOffset: source.originOffset + offset, length: inside });
        mappedBytes += inside;
        left -= wanted;
        if (inside < wanted) {
          // What follows would stand at the wrong place in the content, so mapping ends here.
          faults.push(new MalformedError('extent-outside-source', `${wanted - inside} bytes of the content lie past the end of the volume`));
          break;
        }
      }
      return { extents, mappedBytes, faults: faults.length === 0 ? NO_FAULTS : faults };
    },
  };
}
