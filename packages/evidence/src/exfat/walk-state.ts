import { MAX_ENTRIES_PER_VOLUME } from '@kerbside/bytes';
import { makeClusterSet, type ClusterSet } from './cluster-set.ts';
import type { ClusterRun } from './cluster-chain.ts';
import type { ExfatVolume } from './exfat-volume.ts';
import { makeDirectoryBuffer } from './read-directory.ts';
import { makeProblemReporter, type ProblemReporter } from './report-problem.ts';

/**
 * Clusters that deleted directories may ask to be looked at: each cluster is read once in all, so
 * more means entries that all name the same long run.
 */
const LOOKS_PER_CLUSTER = 4;
const LOOKS_ALWAYS = 1_000_000;

/** What a tree pass has seen and may still do. The orphan stage goes on from it. */
export interface WalkState {
  /** Clusters of the items in use and of the file system's own tables. */
  readonly claimed: ClusterSet;
  /** Clusters read as a directory: none is read twice, which ends every cycle. */
  readonly walked: ClusterSet;
  readonly directoryBuffer: Buffer;
  readonly reporter: ProblemReporter;
  itemsLeft: number;
  looksLeft: number;
}

/** A fresh state; the tables' clusters are claimed. */
export function makeWalkState(fs: ExfatVolume): WalkState {
  const claimed = makeClusterSet();
  for (const run of fs.systemRuns) claimed.addRun(run.first, run.count);
  return {
    claimed,
    walked: makeClusterSet(),
    directoryBuffer: makeDirectoryBuffer(),
    reporter: makeProblemReporter(fs.volume.id, fs.volume.startOffset),
    itemsLeft: MAX_ENTRIES_PER_VOLUME,
    looksLeft: fs.geometry.clusterCount * LOOKS_PER_CLUSTER + LOOKS_ALWAYS,
  };
}

/** The parts of some runs that no directory was read from yet, now marked as read. */
export function takeUnwalked(state: WalkState, runs: readonly ClusterRun[], accept: (cluster: number) => boolean): readonly ClusterRun[] {
  const taken: ClusterRun[] = [];
  let start = -1;
  const close = (end: number): void => {
    if (start >= 0) taken.push({ first: start, count: end - start });
    start = -1;
  };
  for (const run of runs) {
    const end = run.first + run.count;
    for (let cluster = run.first; cluster < end; cluster++) {
      if (!state.walked.has(cluster) && accept(cluster)) {
        // A set that can keep no more must not be relied on to end a cycle.
        state.walked.addRun(cluster, 1);
        if (!state.walked.overflowed) {
          if (start < 0) start = cluster;
          continue;
        }
      }
      close(cluster);
    }
    close(end);
  }
  return taken;
}
