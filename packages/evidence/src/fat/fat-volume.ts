import { problemFrom, type KerbsideError, type Problem, type RandomAccessSource } from '@kerbside/bytes';
import type { Volume } from '../volume.ts';
import { makeClusterSet, type ClusterSet } from './cluster-set.ts';
import type { FatGeometry } from './fat-geometry.ts';
import { FREE_CLUSTER, type FatTable } from './fat-table.ts';

/** An opened volume: what every part of the reader needs. */
export interface FatVolume {
  readonly volume: Volume;
  readonly source: RandomAccessSource;
  readonly geometry: FatGeometry;
  readonly table: FatTable;
}

/** What one walk has seen and may still do. The orphan stage continues with the state of the tree pass. */
export interface WalkState {
  /** Clusters of allocated files. */
  readonly fileClusters: ClusterSet;
  /** Clusters read as part of a directory, allocated or not: the guard against cycles. */
  readonly directoryClusters: ClusterSet;
  /** Steps still allowed over clusters that another item has, and over guesses for deleted files. */
  stepsLeft: number;
  /** Items still allowed on this volume. */
  itemsLeft: number;
}

/** Fixed part of the step budget, so that small volumes with many deleted files are read in full. */
const BASE_STEPS = 16_000_000;
/** Steps per cluster: deleted files of a well-used card add up to several times its size. */
const STEPS_PER_CLUSTER = 16;
/** Upper end of the budget: some ten seconds of table look-ups. */
const MAX_STEPS = 1_000_000_000;

/**
 * Makes the state of a new walk.
 * @param maxItems budget of items for the tree pass and the orphan stage together
 */
export function makeWalkState(lastCluster: number, maxItems: number): WalkState {
  return {
    fileClusters: makeClusterSet(lastCluster),
    directoryClusters: makeClusterSet(lastCluster),
    stepsLeft: Math.min(MAX_STEPS, BASE_STEPS + lastCluster * STEPS_PER_CLUSTER),
    itemsLeft: maxItems,
  };
}

/** True for a number that the table has an entry for. */
export function isClusterNumber(fat: FatVolume, cluster: number): boolean {
  return cluster >= 2 && cluster <= fat.table.lastCluster;
}

/** True when the table says that nobody has the cluster. */
export function isFree(fat: FatVolume, cluster: number): boolean {
  return fat.table.entry(cluster) === FREE_CLUSTER;
}

/**
 * A problem of this volume.
 * @param error what is wrong; its place may give an offset relative to the volume in `volumeOffset` below
 * @param volumeOffset place in bytes from the start of the volume
 */
export function volumeProblem(fat: FatVolume, error: KerbsideError, volumeOffset?: number, path?: string): Problem {
  return problemFrom(error, {
    volume: fat.volume.id,
    ...(path === undefined ? {} : { path }),
    ...(volumeOffset === undefined ? {} : { offset: fat.source.originOffset + volumeOffset }),
  });
}
