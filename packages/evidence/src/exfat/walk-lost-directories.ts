import type { WalkEvent } from '../item.ts';
import type { ClusterRun } from './cluster-chain.ts';
import { maxDirectoryClusters } from './directory-runs.ts';
import type { ExfatVolume } from './exfat-volume.ts';
import { FAULT, fault } from './faults.ts';
import { isDirectoryCluster } from './find-directory-cluster.ts';
import { mapDeletedContent, type CountUsed } from './map-content.ts';
import { walkDirectory, type PendingDirectory } from './walk-directory.ts';
import { takeUnwalked, type WalkState } from './walk-state.ts';

/** How the entries of lost directories are called, and which clusters may still be theirs. */
export interface LostTask {
  readonly state: 'deleted' | 'orphan';
  readonly countUsed: CountUsed;
  readonly isFree: (cluster: number) => boolean;
}

/**
 * Reads deleted directories, and those found in them, as far as their clusters are free, still
 * begin with valid entry sets and were not read before. The list grows while it is read.
 */
export function* walkLostDirectories(
  fs: ExfatVolume,
  state: WalkState,
  lost: PendingDirectory[],
  task: LostTask,
): Generator<WalkEvent, void, undefined> {
  const accept = (cluster: number): boolean => state.looksLeft-- > 0 && task.isFree(cluster) && isDirectoryCluster(fs, cluster);
  for (let i = 0; i < lost.length && state.itemsLeft > 0; i++) {
    const { node, set } = lost[i]!;
    const mapped = mapDeletedContent(fs, set, task.countUsed);
    const runs = takeUnwalked(state, firstClusters(mapped.runs, maxDirectoryClusters(fs.geometry)), accept);
    if (state.looksLeft < 0) {
      const message = `${lost.length - i} deleted directories were not looked at: the work allowed for them on this volume was used up`;
      const event = state.reporter.make(fault(FAULT.lostDirectoryLimit, message), { offset: set.offset });
      if (event !== null) yield event;
      return;
    }
    if (runs.length === 0) continue;
    yield* walkDirectory(fs, state, { node, runs, lostState: task.state, trusted: false, countUsed: task.countUsed, live: [], lost });
  }
}

function firstClusters(runs: readonly ClusterRun[], count: number): readonly ClusterRun[] {
  const first: ClusterRun[] = [];
  let left = count;
  for (const run of runs) {
    if (left <= 0) break;
    first.push({ first: run.first, count: Math.min(run.count, left) });
    left -= run.count;
  }
  return first;
}
