import type { ByteRange } from '@kerbside/bytes';
import type { DirectoryNode, WalkEvent } from '../item.ts';
import { FIRST_CLUSTER } from './boot-region.ts';
import type { ClusterRun } from './cluster-chain.ts';
import { makePace } from '../walk-pace.ts';
import { clusterOffset, isCluster, type ExfatVolume } from './exfat-volume.ts';
import { FAULT, fault } from './faults.ts';
import { beginsWithEntrySet, HEAD_BYTES, isFullCluster } from './find-directory-cluster.ts';
import { makeDirectoryBuffer, readDirectory } from './read-directory.ts';
import { walkDirectory, type PendingDirectory } from './walk-directory.ts';
import { walkLostDirectories, type LostTask } from './walk-lost-directories.ts';
import { walkEnd } from './walk-tree.ts';
import { takeUnwalked, type WalkState } from './walk-state.ts';

/** Read at once while scanning. */
const SCAN_BYTES = 4 * 1024 * 1024;

/**
 * From this cluster size on only the head of each free cluster is read: a card or stick gives a
 * small piece about as quickly as 32 KiB in sequence, and an eighth of the bytes costs less CPU.
 */
const HEAD_ONLY_CLUSTER_BYTES = 32 * 1024;

/** Directory clusters found in free space and kept at once: 8 MiB of numbers. */
const MAX_FOUND_CLUSTERS = 1_000_000;

/** The directory under which items without a known directory are shown, named as in The Sleuth Kit. */
const ORPHANS: DirectoryNode = Object.freeze({
  parent: null,
  name: { bytes: Buffer.from('$OrphanFiles', 'utf16le'), encoding: 'utf-16le' as const },
  depth: 0,
});

/**
 * The orphan stage: directory clusters that nothing in the tree leads to, known by a valid entry
 * set at their start. Clusters are looked at when no item in use has them, so directories lost to
 * damage are found as well as deleted ones. Bounded: each cluster once, orphans never more bytes
 * than the volume.
 *
 * @param state of a finished tree pass of the same volume
 */
export function* walkOrphans(fs: ExfatVolume, state: WalkState): Generator<WalkEvent, void, undefined> {
  const { found, complete, unreadable } = yield* findDirectoryClusters(fs, state);
  if (unreadable !== null) {
    const message = `${unreadable.length} bytes of free space could not be read from the medium: directories may have been there`;
    const event = state.reporter.make(fault(FAULT.orphanUnreadable, message), unreadable);
    if (event !== null) yield event;
  }
  if (!complete) {
    const message = `more than ${MAX_FOUND_CLUSTERS} directory clusters were found in free space; the rest is not listed`;
    const event = state.reporter.make(fault(FAULT.orphanLimit, message), {});
    if (event !== null) yield event;
  }
  yield* bounded(fs, state, walkFound(fs, state, found));
  yield* walkEnd(fs, state);
}

function* walkFound(fs: ExfatVolume, state: WalkState, found: readonly number[]): Generator<WalkEvent, void, undefined> {
  const task: LostTask = {
    state: 'orphan',
    countUsed: (run) => state.claimed.countRun(run.first, run.count),
    isFree: (cluster) => !state.claimed.has(cluster),
  };
  // Top directories first, so that those below them get their paths; what only a cycle holds together comes last.
  const named = yield* findNamedClusters(fs, found);
  for (const clusters of [found.filter((cluster) => !named.has(cluster)), found]) {
    for (const run of joinClusters(fs, clusters)) {
      const runs = takeUnwalked(state, [run], () => true);
      for (const fresh of runs) {
        const lost: PendingDirectory[] = [];
        const node = orphanNode(fresh.first);
        yield* walkDirectory(fs, state, { node, runs: [fresh], lostState: 'orphan', trusted: false, countUsed: task.countUsed, live: [], lost });
        yield* walkLostDirectories(fs, state, lost, task);
        if (state.itemsLeft <= 0) return;
      }
    }
  }
}

/** Ends the stage when its items claim more bytes than the volume has: then they are invented, not found. */
function* bounded(fs: ExfatVolume, state: WalkState, events: Generator<WalkEvent, void, undefined>): Generator<WalkEvent, void, undefined> {
  let bytesLeft = fs.geometry.clusterCount * fs.geometry.clusterSizeBytes;
  for (const event of events) {
    if (event.type === 'item' && event.item.content.form === 'extents') {
      for (const extent of event.item.content.extents) bytesLeft -= extent.length;
      if (bytesLeft < 0) {
        const limit = state.reporter.make(fault(FAULT.orphanBytesLimit, 'orphan items claim more bytes than the volume has; the rest is not listed'), {});
        if (limit !== null) yield limit;
        return;
      }
    }
    yield event;
  }
}

/** First clusters of the directories that found clusters name: these are read with their name, from there. */
function* findNamedClusters(fs: ExfatVolume, found: readonly number[]): Generator<WalkEvent, ReadonlySet<number>, undefined> {
  const isFound = new Set(found);
  const named = new Set<number>();
  const buffer = makeDirectoryBuffer();
  const pace = makePace(found.length * fs.geometry.clusterSizeBytes);
  let read = 0;
  for (const run of joinClusters(fs, found)) {
    for (const event of readDirectory(fs, [run], buffer)) {
      if (event.kind !== 'set' || !event.set.isDirectory || !event.set.checksumHolds) continue;
      const { firstCluster } = event.set;
      const inItself = firstCluster >= run.first && firstCluster < run.first + run.count && run.count === 1;
      if (isFound.has(firstCluster) && !inItself) named.add(firstCluster);
    }
    read += run.count;
    const pause = pace.reach(read * fs.geometry.clusterSizeBytes);
    if (pause !== null) yield pause;
  }
  return named;
}

/** Neighbours as runs where the first is full to its end: a directory of several clusters mostly lies in one piece. */
function* joinClusters(fs: ExfatVolume, clusters: readonly number[]): Generator<ClusterRun, void, undefined> {
  let first = -1;
  let count = 0;
  for (const cluster of clusters) {
    if (count > 0 && cluster === first + count && isFullCluster(fs, cluster - 1)) {
      count++;
      continue;
    }
    if (count > 0) yield { first, count };
    first = cluster;
    count = 1;
  }
  if (count > 0) yield { first, count };
}

function orphanNode(cluster: number): DirectoryNode {
  const name = Buffer.from(`OrphanDirectory-${cluster}`, 'utf16le');
  return { parent: ORPHANS, name: { bytes: name, encoding: 'utf-16le' }, depth: 1 };
}

interface FoundClusters {
  readonly found: readonly number[];
  /** False when there were more than are kept. */
  readonly complete: boolean;
  /** First place that could not be read, with the bytes unread in all. */
  readonly unreadable: ByteRange | null;
}

/** Looks at every cluster that no item in use has and that was not read as a directory, in ascending order. */
function* findDirectoryClusters(fs: ExfatVolume, state: WalkState): Generator<WalkEvent, FoundClusters, undefined> {
  const { clusterSizeBytes, clusterCount } = fs.geometry;
  const { source } = fs.volume;
  const found: number[] = [];
  const unread: ByteRange[] = [];
  const isUnknown = (cluster: number): boolean => !state.claimed.has(cluster) && !state.walked.has(cluster);
  const headOnly = clusterSizeBytes >= HEAD_ONLY_CLUSTER_BYTES;
  const stride = headOnly ? 1 : Math.max(1, Math.floor(SCAN_BYTES / clusterSizeBytes));
  const buffer = Buffer.allocUnsafeSlow(headOnly ? HEAD_BYTES : stride * clusterSizeBytes);
  const last = FIRST_CLUSTER + clusterCount;
  const pace = makePace(clusterCount * clusterSizeBytes);
  for (let cluster = FIRST_CLUSTER; cluster < last; ) {
    if (!isUnknown(cluster)) {
      cluster++;
      continue;
    }
    let count = 1;
    while (count < stride && cluster + count < last && isUnknown(cluster + count)) count++;
    const offset = clusterOffset(fs.geometry, cluster);
    const length = Math.min(headOnly ? HEAD_BYTES : count * clusterSizeBytes, source.sizeBytes - offset);
    if (length <= 0) break;
    for (const range of source.readInto(buffer.subarray(0, length), offset)) {
      const before = unread[0];
      unread[0] = { offset: before?.offset ?? range.offset, length: (before?.length ?? 0) + range.length };
    }
    for (let i = 0; i < count; i++) {
      const at = i * clusterSizeBytes;
      if (at >= length || !beginsWithEntrySet(buffer, at, Math.min(length, at + HEAD_BYTES))) continue;
      if (found.length >= MAX_FOUND_CLUSTERS) return { found, complete: false, unreadable: unread[0] ?? null };
      if (isCluster(fs.geometry, cluster + i)) found.push(cluster + i);
    }
    cluster += count;
    const pause = pace.reach((cluster - FIRST_CLUSTER) * clusterSizeBytes);
    if (pause !== null) yield pause;
  }
  return { found, complete: true, unreadable: unread[0] ?? null };
}
