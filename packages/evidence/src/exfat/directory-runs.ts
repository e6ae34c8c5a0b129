import { MAX_DIRECTORY_BYTES } from '@kerbside/bytes';
import { FIRST_CLUSTER, type ExfatGeometry } from './boot-region.ts';
import type { ClusterRun } from './cluster-chain.ts';
import type { EntrySet } from './entry-set.ts';
import { isCluster, type ExfatVolume } from './exfat-volume.ts';
import { isDirectoryCluster, isFullCluster } from './find-directory-cluster.ts';
import { FAULT, fault, type Fault } from './faults.ts';
import { chainFault } from './map-content.ts';
import type { WalkState } from './walk-state.ts';

/** The clusters of a directory in use and what is wrong with them. */
export interface DirectoryRuns {
  readonly runs: readonly ClusterRun[];
  readonly fault: Fault | null;
}

/** Most clusters of one directory; at least one, as a cluster may be larger than most directories. */
export function maxDirectoryClusters(geometry: ExfatGeometry): number {
  return Math.max(1, Math.floor(MAX_DIRECTORY_BYTES / geometry.clusterSizeBytes));
}

/** The root's clusters: it has no length of its own, its chain says where it ends. */
export function rootRuns(fs: ExfatVolume, state: WalkState): DirectoryRuns {
  return chainedRuns(fs, state, fs.geometry.rootCluster);
}

/** The clusters of a directory in use, from its entry set. */
export function directoryRuns(fs: ExfatVolume, state: WalkState, set: EntrySet): DirectoryRuns {
  const { geometry } = fs;
  if (set.firstCluster === 0 && set.sizeBytes === 0) return { runs: [], fault: null };
  if (!isCluster(geometry, set.firstCluster)) {
    return { runs: [], fault: fault(FAULT.firstCluster, `the first cluster ${set.firstCluster} is outside the volume`) };
  }
  // Some cameras leave the length of a chained directory behind: its chain says where it ends (Linux commit 1e5654d).
  if (!set.noFatChain) return chainedRuns(fs, state, set.firstCluster);
  const wanted = Math.max(1, Math.ceil(set.sizeBytes / geometry.clusterSizeBytes));
  const inVolume = FIRST_CLUSTER + geometry.clusterCount - set.firstCluster;
  const allowed = maxDirectoryClusters(geometry);
  const runs = [{ first: set.firstCluster, count: Math.min(wanted, inVolume, allowed) }];
  if (wanted > inVolume) return { runs, fault: fault(FAULT.runOutside, 'the contiguous run goes past the last cluster') };
  return { runs, fault: wanted > allowed ? tooLong() : null };
}

function chainedRuns(fs: ExfatVolume, state: WalkState, first: number): DirectoryRuns {
  const allowed = maxDirectoryClusters(fs.geometry);
  const chain = fs.chains.follow(first, allowed);
  switch (chain.end) {
    case 'end-marker':
      return { runs: chain.runs, fault: null };
    case 'wanted':
      return { runs: chain.runs, fault: tooLong() };
    case 'cycle':
    case 'broken':
    case 'unreadable':
    case 'limit':
      return { runs: goOn(fs, state, chain.runs, allowed), fault: chainFault(chain.end, chain.clusters, allowed) };
  }
}

/** Where the FAT fails, the clusters that follow belong to the directory as long as they look like one and nobody has them. */
function goOn(fs: ExfatVolume, state: WalkState, runs: readonly ClusterRun[], allowed: number): readonly ClusterRun[] {
  const last = runs.at(-1)!;
  const start = last.first + last.count;
  let count = 0;
  const isNext = (cluster: number): boolean =>
    isCluster(fs.geometry, cluster) &&
    fs.bitmap?.isAllocated(cluster) !== false &&
    !state.walked.has(cluster) &&
    !state.claimed.has(cluster) &&
    isFullCluster(fs, cluster - 1) &&
    isDirectoryCluster(fs, cluster);
  while (count < allowed && isNext(start + count)) count++;
  return count === 0 ? runs : [...runs, { first: start, count }];
}

function tooLong(): Fault {
  return fault(FAULT.directoryLimit, `a directory is longer than ${MAX_DIRECTORY_BYTES} bytes; the rest of it is not read`);
}
