import { MAX_ENTRIES_PER_VOLUME } from '@kerbside/bytes';
import type { WalkEvent } from '../item.ts';
import { FIRST_CLUSTER } from './boot-region.ts';
import type { ClusterRun } from './cluster-chain.ts';
import { directoryRuns, rootRuns } from './directory-runs.ts';
import type { ExfatVolume } from './exfat-volume.ts';
import { FAULT, fault } from './faults.ts';
import type { CountUsed } from './map-content.ts';
import { nodePath } from './report-problem.ts';
import { walkDirectory, type PendingDirectory } from './walk-directory.ts';
import { walkLostDirectories } from './walk-lost-directories.ts';
import { makeWalkState, takeUnwalked, type WalkState } from './walk-state.ts';

/**
 * The tree pass: the root and every directory below, a directory's own items before those of its
 * subdirectories; then deleted directories whose clusters are still free. Returns what it has seen.
 */
export function* walkTree(fs: ExfatVolume): Generator<WalkEvent, WalkState, undefined> {
  const state = makeWalkState(fs);
  const { bitmap } = fs;
  const countUsed: CountUsed = bitmap === null ? null : (run) => bitmap.countAllocated(run);
  for (const problem of fs.problems) yield { type: 'problem', problem };

  const deleted: PendingDirectory[] = [];
  yield* walkLiveDirectories(fs, state, countUsed, deleted);
  const isFree = (cluster: number): boolean => !(bitmap === null ? state.claimed.has(cluster) : bitmap.isAllocated(cluster));
  const lost = countLostClusters(fs, state);
  yield* walkLostDirectories(fs, state, deleted, { state: 'deleted', countUsed, isFree });
  if (lost > 0) {
    const message = `${lost} clusters (${lost * fs.geometry.clusterSizeBytes} bytes) are marked as used and belong to no item that could be found; what is in them is not part of any item's content`;
    const event = state.reporter.make(fault(FAULT.lostClusters, message), {});
    if (event !== null) yield event;
  }
  yield* walkEnd(fs, state);
  return state;
}

/** Clusters that the bitmap calls used and no live item or table has: bad ones, leaks, or a place where something was put. */
function countLostClusters(fs: ExfatVolume, state: WalkState): number {
  if (fs.bitmap === null || state.claimed.overflowed || state.itemsLeft <= 0) return 0;
  let lost = 0;
  let first = FIRST_CLUSTER;
  const end = FIRST_CLUSTER + fs.geometry.clusterCount;
  const addUsed = (stop: number): void => {
    if (stop > first) lost += stop - first - state.claimed.countRun(first, stop - first);
  };
  for (const free of fs.bitmap.freeRuns()) {
    addUsed(free.first);
    first = free.first + free.count;
  }
  addUsed(end);
  return lost;
}

/** What is to be told when a walk ends: a budget used up, problems not told one by one. */
export function* walkEnd(fs: ExfatVolume, state: WalkState): Generator<WalkEvent, void, undefined> {
  if (state.itemsLeft <= 0) {
    const message = `the volume has more than ${MAX_ENTRIES_PER_VOLUME} entries; the rest is not listed`;
    yield { type: 'problem', problem: { ...fault(FAULT.entriesLimit, message), where: { volume: fs.volume.id } } };
  }
  if (fs.bitmap !== null && fs.bitmap.unreadableBytes() > 0) {
    const message = 'part of the allocation bitmap could not be read: the clusters it speaks for count as free';
    const event = state.reporter.make(fault(FAULT.bitmapUnreadable, message), {});
    if (event !== null) yield event;
  }
  const rest = state.reporter.remainder();
  if (rest !== null) yield rest;
}

function* walkLiveDirectories(
  fs: ExfatVolume,
  state: WalkState,
  countUsed: CountUsed,
  lost: PendingDirectory[],
): Generator<WalkEvent, void, undefined> {
  const pending: (PendingDirectory | 'root')[] = ['root'];
  for (let next = pending.pop(); next !== undefined && state.itemsLeft > 0; next = pending.pop()) {
    const directory = next === 'root' ? null : next;
    const { runs, fault: found } = directory === null ? rootRuns(fs, state) : directoryRuns(fs, state, directory.set);
    const fresh = takeUnwalked(state, runs, () => true);
    const shared = countClusters(runs) - countClusters(fresh);
    const faults = found === null ? [] : [found];
    if (shared > 0) {
      faults.push(fault(FAULT.directoryShared, `${shared} clusters of this directory were read before, as another directory or as itself`));
    }
    let taken = 0;
    for (const run of fresh) taken += state.claimed.addRun(run.first, run.count);
    if (taken > 0) faults.push(fault(FAULT.crossLinked, `${taken} clusters of this directory belong to a file as well`));
    for (const what of faults) {
      const place = directory === null ? {} : { path: nodePath(fs.volume.id, directory.node), offset: directory.set.offset };
      const event = state.reporter.make(what, place);
      if (event !== null) yield event;
    }
    const live: PendingDirectory[] = [];
    yield* walkDirectory(fs, state, { node: directory?.node ?? null, runs: fresh, lostState: 'deleted', trusted: true, countUsed, live, lost });
    for (let i = live.length - 1; i >= 0; i--) pending.push(live[i]!);
  }
}

function countClusters(runs: readonly ClusterRun[]): number {
  return runs.reduce((sum, run) => sum + run.count, 0);
}
