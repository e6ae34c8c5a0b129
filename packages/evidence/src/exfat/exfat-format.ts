import type { FileSystem, FileSystemFormat } from '../file-system.ts';
import type { WalkEvent } from '../item.ts';
import { findBootRegion, FIRST_CLUSTER } from './boot-region.ts';
import type { ClusterRun } from './cluster-chain.ts';
import { clusterOffset, openExfatVolume, type ExfatVolume } from './exfat-volume.ts';
import { walkOrphans } from './walk-orphans.ts';
import type { WalkState } from './walk-state.ts';
import { walkTree } from './walk-tree.ts';

/** exFAT, after the Microsoft exFAT specification, revision 1.00. */
export const exfatFormat: FileSystemFormat = {
  name: 'exFAT',
  detect: (volume) => findBootRegion(volume.source)?.basis ?? null,
  open: (volume) => makeFileSystem(openExfatVolume(volume)),
};

function makeFileSystem(fs: ExfatVolume): FileSystem {
  let finished: WalkState | null = null;

  /** The state of a whole tree pass; made in silence when `walk` was not run to its end here, as after a resume. */
  function treeState(): WalkState {
    if (finished !== null) return finished;
    const pass = walkTree(fs);
    let step = pass.next();
    while (step.done !== true) step = pass.next();
    finished = step.value;
    return finished;
  }

  return {
    kind: 'exFAT',
    label: fs.label,
    clusterSizeBytes: fs.geometry.clusterSizeBytes,
    clusterGridOffset: fs.volume.startOffset + fs.geometry.heapOffset,
    *walk(): Generator<WalkEvent, void, undefined> {
      finished = yield* walkTree(fs);
    },
    *walkOrphans(): Generator<WalkEvent, void, undefined> {
      const state = treeState();
      // A stage marks what it reads: the next one starts from a tree pass of its own.
      finished = null;
      yield* walkOrphans(fs, state);
    },
    *freeRanges() {
      const runs = fs.bitmap === null ? unclaimedRuns(fs, treeState()) : fs.bitmap.freeRuns();
      for (const run of runs) {
        const offset = clusterOffset(fs.geometry, run.first);
        const length = Math.min(run.count * fs.geometry.clusterSizeBytes, fs.volume.source.sizeBytes - offset);
        if (length > 0) yield { offset: fs.volume.startOffset + offset, length };
      }
    },
  };
}

/** Without a bitmap, what no item in use has counts as free. */
function* unclaimedRuns(fs: ExfatVolume, state: WalkState): Generator<ClusterRun, void, undefined> {
  const end = FIRST_CLUSTER + fs.geometry.clusterCount;
  let first = -1;
  for (let cluster = FIRST_CLUSTER; cluster <= end; cluster++) {
    const free = cluster < end && !state.claimed.has(cluster);
    if (free && first < 0) first = cluster;
    if (!free && first >= 0) {
      yield { first, count: cluster - first };
      first = -1;
    }
  }
}
