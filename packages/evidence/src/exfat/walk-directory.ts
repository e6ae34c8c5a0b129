import { MAX_PATH_DEPTH } from '@kerbside/bytes';
import type { DirectoryNode, Item, WalkEvent } from '../item.ts';
import type { ClusterRun } from './cluster-chain.ts';
import type { EntrySet } from './entry-set.ts';
import type { ExfatVolume } from './exfat-volume.ts';
import { FAULT, fault, type Fault } from './faults.ts';
import { makeItem } from './make-item.ts';
import { mapDeletedContent, mapLiveContent, type CountUsed, type MappedContent } from './map-content.ts';
import { readDirectory } from './read-directory.ts';
import { nodePath } from './report-problem.ts';
import type { WalkState } from './walk-state.ts';

/** A directory still to be read. */
export interface PendingDirectory {
  readonly node: DirectoryNode;
  readonly set: EntrySet;
}

/** One directory to read, and where what it names goes. */
export interface DirectoryTask {
  /** Null for the root. */
  readonly node: DirectoryNode | null;
  readonly runs: readonly ClusterRun[];
  /** How entries that are not in use, or all when `trusted` is false, are called. */
  readonly lostState: 'deleted' | 'orphan';
  /** True for directories of the live tree; otherwise only sets with a good checksum count, and none as live. */
  readonly trusted: boolean;
  readonly countUsed: CountUsed;
  /** Live subdirectories, in order. */
  readonly live: PendingDirectory[];
  /** Deleted ones, and all of an untrusted directory. */
  readonly lost: PendingDirectory[];
}

/** What an unused live directory maps to: its clusters are taken when it is read. */
const UNMAPPED: MappedContent = Object.freeze({
  runs: [],
  content: Object.freeze({ form: 'none', reason: 'not-content' }),
  partial: false,
  recovery: null,
  faults: [],
});

/** Yields the items of one directory and the problems met; adds its subdirectories to the task's lists. */
export function* walkDirectory(fs: ExfatVolume, state: WalkState, task: DirectoryTask): Generator<WalkEvent, void, undefined> {
  const { reporter } = state;
  let toldPastEnd = false;
  for (const event of readDirectory(fs, task.runs, state.directoryBuffer)) {
    if (event.kind === 'unreadable') {
      const problem = reporter.make(fault(FAULT.directoryUnreadable, 'part of a directory could not be read from the medium'), placeOf(fs, task.node, event.range.offset));
      if (problem) yield problem;
      continue;
    }
    if (event.kind === 'lost') {
      if (!task.trusted) continue;
      const problem = reporter.make(fault(FAULT.entryLost, 'a file entry in use has no stream entry: a file was here and cannot be told'), placeOf(fs, task.node, event.offset));
      if (problem) yield problem;
      continue;
    }
    const { set } = event;
    if (!task.trusted && !set.checksumHolds) continue;
    if (state.itemsLeft <= 0) return;
    state.itemsLeft--;
    if (task.trusted && set.inUse) {
      if (event.pastEnd && !toldPastEnd) {
        toldPastEnd = true;
        const problem = reporter.make(fault(FAULT.entriesPastEnd, 'entries in use stand behind the end marker of their directory: other systems may not show them'), placeOf(fs, task.node, set.offset));
        if (problem) yield problem;
      }
      yield* liveItem(fs, state, task, set);
    } else {
      yield lostItem(fs, task, set);
    }
  }
}

function* liveItem(fs: ExfatVolume, state: WalkState, task: DirectoryTask, set: EntrySet): Generator<WalkEvent, void, undefined> {
  const { reporter } = state;
  const mapped = set.isDirectory ? UNMAPPED : mapLiveContent(fs, set);
  const item = makeItem(fs, task.node, set, 'allocated', mapped, null);
  yield { type: 'item', item };
  const faults: Fault[] = [...mapped.faults];
  if (set.damaged) faults.push(fault(FAULT.entryDamaged, 'entries of this file are missing or out of order; its name may be cut'));
  else if (!set.checksumHolds) faults.push(fault(FAULT.entryChecksum, 'the checksum of the directory entries does not hold; their values were used'));
  if (claim(state, mapped.runs)) {
    faults.push(
      comesBack(mapped.runs)
        ? fault(FAULT.chainCycle, 'the cluster chain passes the same cluster twice')
        : fault(FAULT.crossLinked, 'some clusters belong to more than one file: at most one of them has its right content'),
    );
  }
  if (set.isDirectory) {
    const node = childNode(task.node, item);
    if (node.depth < MAX_PATH_DEPTH) task.live.push({ node, set });
    else faults.push(fault(FAULT.depthLimit, `directories are nested deeper than ${MAX_PATH_DEPTH}; what is below is not read`));
  }
  for (const what of faults) {
    const problem = reporter.forItem(what, item, set.offset);
    if (problem) yield problem;
  }
}

function lostItem(fs: ExfatVolume, task: DirectoryTask, set: EntrySet): WalkEvent {
  const mapped = mapDeletedContent(fs, set, task.countUsed);
  const item = makeItem(fs, task.node, set, task.lostState, mapped, mapped.recovery);
  if (set.isDirectory && mapped.runs.length > 0) {
    const node = childNode(task.node, item);
    if (node.depth < MAX_PATH_DEPTH) task.lost.push({ node, set });
  }
  return { type: 'item', item };
}

function childNode(parent: DirectoryNode | null, item: Item): DirectoryNode {
  return { parent, name: item.name, depth: parent === null ? 0 : parent.depth + 1 };
}

/** Claims the clusters of an item in use; true when some were claimed before. */
function claim(state: WalkState, runs: readonly ClusterRun[]): boolean {
  let before = 0;
  for (const run of runs) before += state.claimed.addRun(run.first, run.count);
  return before > 0;
}

/** True when runs of one list overlap. */
function comesBack(runs: readonly ClusterRun[]): boolean {
  const sorted = runs.toSorted((a, b) => a.first - b.first);
  return sorted.some((run, i) => i > 0 && sorted[i - 1]!.first + sorted[i - 1]!.count > run.first);
}

function placeOf(fs: ExfatVolume, node: DirectoryNode | null, offset: number) {
  return node === null ? { offset } : { path: nodePath(fs.volume.id, node), offset };
}
