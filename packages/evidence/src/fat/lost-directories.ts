import { LimitError, MAX_PATH_DEPTH, MalformedError } from '@kerbside/bytes';
import type { DirectoryNode, Item, WalkEvent } from '../item.ts';
import { entryTimes } from './directory-entry.ts';
import { isFullOfEntries, readDirectoryHead, type DirectoryHead } from './directory-clusters.ts';
import { walkTree } from './directory-walk.ts';
import { clusterOffset, ENTRY_BYTES } from './fat-geometry.ts';
import { volumeProblem } from './fat-volume.ts';
import { takeItemFromBudget, type BrokenEntry, type DirectoryTask, type Walker } from './walker.ts';

/** A cluster that starts as a directory does and names itself in its `.` entry. */
export interface DirectoryCandidate extends DirectoryHead {
  readonly cluster: number;
}

/** How recovered directories were found: by chains that the table still has, or in free clusters. */
export type RecoveryGround = 'allocated-chains' | 'free-clusters';

/** Candidates of one parent that are compared with each other; more are told apart by their times only. */
const MAX_SIBLINGS_COMPARED = 100;
const HEAD_BYTES = 2 * ENTRY_BYTES;

/** Stands for the parent of a directory piece that does not name one. */
const UNKNOWN_PARENT = -1;

/** Reads the head of a cluster; null when no directory starts there. */
export function candidateAt(walker: Walker, cluster: number): DirectoryCandidate | null {
  const { fat } = walker;
  const offset = clusterOffset(fat.geometry, cluster);
  if (offset + HEAD_BYTES > fat.source.sizeBytes) return null;
  const head = walker.buffer.subarray(0, HEAD_BYTES);
  if (fat.source.readInto(head, offset).length > 0) return null;
  return candidateIn(walker, head, 0, cluster);
}

/**
 * A cluster that is full of entries and has no `.`: a piece of a directory whose chain is broken.
 * Nothing says where it belongs.
 */
export function continuationAt(walker: Walker, cluster: number): DirectoryCandidate | null {
  const { fat } = walker;
  const offset = clusterOffset(fat.geometry, cluster);
  const bytes = walker.buffer.subarray(0, fat.geometry.clusterSizeBytes);
  if (offset + bytes.length > fat.source.sizeBytes || fat.source.readInto(bytes, offset).length > 0) return null;
  return isFullOfEntries(fat, bytes) ? { cluster, ownCluster: cluster, parentCluster: UNKNOWN_PARENT, created: 0, modified: 0 } : null;
}

/** What `candidateAt` says of a cluster whose bytes stand at `at`. */
export function candidateIn(walker: Walker, bytes: Buffer, at: number, cluster: number): DirectoryCandidate | null {
  const head = readDirectoryHead(walker.fat, bytes, at);
  return head === null || head.ownCluster !== cluster ? null : { ...head, cluster };
}

/**
 * Walks directories that no entry leads to, each under the directory that its `..` entry names. A
 * directory gets its name back when an entry in that place was found to lead nowhere; else it is
 * named after its cluster and listed as an orphan.
 */
export function* walkLostDirectories(
  walker: Walker,
  candidates: readonly DirectoryCandidate[],
  ground: RecoveryGround,
): Generator<WalkEvent, void, undefined> {
  const byCluster = new Map<number, DirectoryCandidate>();
  const byParent = new Map<number, DirectoryCandidate[]>();
  for (const candidate of candidates) {
    byCluster.set(candidate.cluster, candidate);
    const siblings = byParent.get(candidate.parentCluster);
    if (siblings === undefined) byParent.set(candidate.parentCluster, [candidate]);
    else siblings.push(candidate);
  }
  for (const candidate of candidates) {
    // From the top down, so that entries on the way name what is below them.
    for (const next of lineage(walker, byCluster, candidate)) {
      if (walker.isOverLimit) return;
      if (walker.state.directoryClusters.has(next.cluster)) continue;
      yield* walkCandidate(walker, byParent.get(next.parentCluster) ?? [], next, ground);
    }
  }
}

/** The candidate after those candidates above it that are still unread, uppermost first. */
function lineage(walker: Walker, byCluster: ReadonlyMap<number, DirectoryCandidate>, start: DirectoryCandidate): DirectoryCandidate[] {
  const line: DirectoryCandidate[] = [];
  const seen = new Set<number>();
  for (let at: DirectoryCandidate | undefined = start; at !== undefined && line.length < MAX_PATH_DEPTH; at = byCluster.get(at.parentCluster)) {
    if (seen.has(at.cluster) || walker.state.directoryClusters.has(at.cluster)) break;
    seen.add(at.cluster);
    line.push(at);
  }
  return line.reverse();
}

function* walkCandidate(
  walker: Walker,
  siblings: readonly DirectoryCandidate[],
  candidate: DirectoryCandidate,
  ground: RecoveryGround,
): Generator<WalkEvent, void, undefined> {
  const { fat, state } = walker;
  const isMarked = ground === 'allocated-chains';
  const broken = isMarked ? takeBrokenEntry(walker, siblings, candidate) : null;
  const parent = walker.directories.get(candidate.parentCluster) ?? null;
  const node: DirectoryNode = broken?.node ?? {
    parent,
    name: { bytes: Buffer.from(`unnamed-directory-${candidate.cluster}`, 'latin1'), encoding: 'cp437' },
    depth: parent === null ? 0 : parent.depth + 1,
  };
  if (node.depth >= MAX_PATH_DEPTH) {
    const error = new LimitError('path-depth-limit', `a directory found by its structure is more than ${MAX_PATH_DEPTH} levels deep and was not read`);
    yield { type: 'problem', problem: volumeProblem(fat, error, clusterOffset(fat.geometry, candidate.cluster)) };
    return;
  }
  if (isMarked) state.directoryClusters.add(candidate.cluster);
  if (broken === null) {
    const limit = takeItemFromBudget(walker);
    if (limit !== null) {
      yield { type: 'problem', problem: volumeProblem(fat, limit) };
      return;
    }
    yield { type: 'item', item: unnamedDirectory(walker, node, candidate, ground) };
    if (isMarked) {
      const error = new MalformedError('fat-directory-unnamed', `a directory was found by its structure at cluster ${candidate.cluster}; no entry gives its name`);
      yield { type: 'problem', problem: volumeProblem(fat, error, clusterOffset(fat.geometry, candidate.cluster)) };
    }
  }
  const task: DirectoryTask = {
    node,
    firstCluster: candidate.cluster,
    parentCluster: candidate.parentCluster,
    state: broken === null ? 'orphan' : 'allocated',
    hasChains: isMarked,
    isMarked,
  };
  yield* walkTree(walker, task);
}

/**
 * The entry that must have led to a candidate: one that leads nowhere, in the directory that the
 * candidate names as its parent. Of several, the one with the same creation or modification time;
 * without such a sign, only if there is no other candidate either.
 */
function takeBrokenEntry(walker: Walker, siblings: readonly DirectoryCandidate[], candidate: DirectoryCandidate): BrokenEntry | null {
  const there = walker.brokenEntries.get(candidate.parentCluster) ?? [];
  if (there.length === 0) return null;
  const isAlone =
    there.length === 1 &&
    siblings.length <= MAX_SIBLINGS_COMPARED &&
    siblings.every((other) => other === candidate || walker.state.directoryClusters.has(other.cluster));
  const found = isAlone
    ? there[0]
    : (there.find((entry) => entry.created !== 0 && entry.created === candidate.created) ??
      there.find((entry) => entry.modified !== 0 && entry.modified === candidate.modified));
  if (found === undefined) return null;
  there.splice(there.indexOf(found), 1);
  return found;
}

function unnamedDirectory(walker: Walker, node: DirectoryNode, candidate: DirectoryCandidate, ground: RecoveryGround): Item {
  const { fat } = walker;
  const offset = clusterOffset(fat.geometry, candidate.cluster);
  const entry = walker.buffer.subarray(0, ENTRY_BYTES);
  fat.source.readInto(entry, offset);
  return {
    kind: 'directory',
    parent: node.parent,
    name: node.name,
    streamName: null,
    sizeBytes: 0,
    state: 'orphan',
    // Its own entry is unknown; that of `.` stands for it.
    id: String(3 + (offset - fat.geometry.inodeBaseOffset) / ENTRY_BYTES),
    times: entryTimes(entry, 0),
    content: { form: 'none', reason: 'not-content' },
    recovery: { basis: ground === 'allocated-chains' ? 'runs-survive' : 'contiguous-guess' },
    partial: false,
  };
}
