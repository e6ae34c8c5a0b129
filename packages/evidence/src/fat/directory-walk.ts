import { MalformedError, MediumError, type Problem } from '@kerbside/bytes';
import type { WalkEvent } from '../item.ts';
import {
  chainedDirectoryRuns,
  deletedDirectoryRuns,
  fixedRootRuns,
  isFullOfEntries,
  readDirectoryHead,
  type DirectoryRuns,
} from './directory-clusters.ts';
import {
  ATTRIBUTE_BITS,
  ATTRIBUTE_LABEL,
  ATTRIBUTE_LONG_NAME,
  DELETED_MARK,
  entryFirstCluster,
  entrySizeBytes,
  hasLegalName,
  hasPossibleFields,
  hasPossibleName,
  hasPossiblePlace,
  isDotEntry,
  isFillPattern,
  shortName,
} from './directory-entry.ts';
import { itemEvents } from './directory-items.ts';
import { clusterOffset, ENTRY_BYTES } from './fat-geometry.ts';
import { isClusterNumber, isFree, volumeProblem } from './fat-volume.ts';
import { directoryPath, PIECE_BYTES, remember, rememberBroken, takeItemFromBudget, type DirectoryTask, type Walker } from './walker.ts';

/** `.` and `..` at the start of a directory. */
const HEAD_BYTES = 2 * ENTRY_BYTES;
/** Attribute bits that no system sets; text read as an entry nearly always has one. */
const UNUSED_ATTRIBUTE_BITS = 0xc0;

/** Reads a directory and everything below it, each directory's entries before what is below them. */
export function* walkTree(walker: Walker, start: DirectoryTask): Generator<WalkEvent, void, undefined> {
  const pending: DirectoryTask[] = [start];
  for (let task = pending.pop(); task !== undefined && !walker.isOverLimit; task = pending.pop()) {
    const below: DirectoryTask[] = [];
    yield* walkDirectory(walker, task, below);
    for (let i = below.length - 1; i >= 0; i--) pending.push(below[i]!);
  }
}

function* walkDirectory(walker: Walker, task: DirectoryTask, below: DirectoryTask[]): Generator<WalkEvent, void, undefined> {
  const { fat } = walker;
  const opened = openDirectory(walker, task);
  for (const problem of opened.problems) yield { type: 'problem', problem };
  if (opened.runs === null) return;
  remember(walker, task);

  const notes: DirectoryNotes = { hasEnded: false, malformed: 0, firstMalformedOffset: 0, afterEnd: 0 };
  walker.longNames.reset();
  for (const run of opened.runs.runs) {
    for (let done = 0; done < run.length; done += PIECE_BYTES) {
      const piece = walker.buffer.subarray(0, Math.min(PIECE_BYTES, run.length - done));
      const offset = run.offset + done;
      for (const range of fat.source.readInto(piece, offset)) {
        const error = new MediumError('unreadable-bytes', `${range.length} bytes of a directory could not be read`, {
          offset: fat.source.originOffset + range.offset,
          length: range.length,
        });
        yield { type: 'problem', problem: volumeProblem(fat, error, undefined, directoryPath(walker, task)) };
      }
      yield* readEntries(walker, task, piece, offset, offset === opened.runs.runs[0]!.offset, notes, below);
      if (walker.isOverLimit) return;
    }
  }
  yield* reportNotes(walker, task, notes);
}

interface DirectoryNotes {
  hasEnded: boolean;
  malformed: number;
  firstMalformedOffset: number;
  afterEnd: number;
}

function* reportNotes(walker: Walker, task: DirectoryTask, notes: DirectoryNotes): Generator<WalkEvent, void, undefined> {
  const path = directoryPath(walker, task);
  if (notes.malformed > 0) {
    const error = new MalformedError('fat-entry-malformed', `${notes.malformed} directory entries hold impossible values and were left out`);
    yield { type: 'problem', problem: volumeProblem(walker.fat, error, notes.firstMalformedOffset, path) };
  }
  if (notes.afterEnd > 0) {
    const error = new MalformedError('fat-entries-after-end', `${notes.afterEnd} entries stand after the end mark of the directory; they are listed`);
    yield { type: 'problem', problem: volumeProblem(walker.fat, error, undefined, path) };
  }
}

interface OpenedDirectory {
  readonly runs: DirectoryRuns | null;
  readonly problems: readonly Problem[];
}

const NO_PROBLEMS: readonly Problem[] = Object.freeze([]);
const NOT_OPENED: OpenedDirectory = Object.freeze({ runs: null, problems: NO_PROBLEMS });

/** Checks that a task leads to a directory and finds where all of it stands. */
function openDirectory(walker: Walker, task: DirectoryTask): OpenedDirectory {
  const { fat, state } = walker;
  if (task.firstCluster === 0) return withProblems(walker, task, fixedRootRuns(fat));
  const isRoot = task.node === null;
  if (!isRoot) {
    const at = clusterOffset(fat.geometry, task.firstCluster);
    const start = walker.buffer.subarray(0, HEAD_BYTES);
    if (at + fat.geometry.clusterSizeBytes > fat.source.sizeBytes) {
      const error = new MalformedError('extent-outside-source', 'the directory lies past the end of the volume');
      return task.hasChains ? { runs: null, problems: [volumeProblem(fat, error, at, directoryPath(walker, task))] } : NOT_OPENED;
    }
    const isUnread = fat.source.readInto(start, at).length > 0;
    const head = readDirectoryHead(fat, start, 0);
    if (!task.hasChains) {
      // A deleted directory is only believed while its first cluster is free and still its own.
      if (head === null || head.ownCluster !== task.firstCluster || !isFree(fat, task.firstCluster)) return NOT_OPENED;
      if (!task.isMarked && !state.directoryClusters.add(task.firstCluster)) return NOT_OPENED;
      return { runs: deletedDirectoryRuns(fat, state, task.firstCluster), problems: NO_PROBLEMS };
    }
    if (head === null && !isUnread && !startsWithEntries(walker, at)) {
      rememberBroken(walker, task.node, task.parentCluster, 0, 0);
      const error = new MalformedError('fat-directory-damaged', `cluster ${task.firstCluster}, where the directory should start, does not hold directory entries`);
      return { runs: null, problems: [volumeProblem(fat, error, at, directoryPath(walker, task))] };
    }
    if (head === null || head.ownCluster !== task.firstCluster || head.parentCluster !== task.parentCluster) {
      const error = new MalformedError('fat-directory-parent-mismatch', 'the directory does not name itself and the directory above it as it should; it may belong elsewhere');
      return withProblems(walker, task, chainedDirectoryRuns(fat, state, task.firstCluster), volumeProblem(fat, error, at, directoryPath(walker, task)));
    }
  }
  return withProblems(walker, task, chainedDirectoryRuns(fat, state, task.firstCluster));
}

/** For a directory that has lost its `.` entry: whether its first cluster holds entries all the same. */
function startsWithEntries(walker: Walker, at: number): boolean {
  const { fat } = walker;
  const cluster = walker.buffer.subarray(0, fat.geometry.clusterSizeBytes);
  return fat.source.readInto(cluster, at).length > 0 || isFullOfEntries(fat, cluster);
}

function withProblems(walker: Walker, task: DirectoryTask, runs: DirectoryRuns, first?: Problem): OpenedDirectory {
  if (runs.faults.length === 0 && first === undefined) return { runs, problems: NO_PROBLEMS };
  const problems = runs.faults.map((fault) => volumeProblem(walker.fat, fault, undefined, directoryPath(walker, task)));
  return { runs, problems: first === undefined ? problems : [first, ...problems] };
}

function* readEntries(
  walker: Walker,
  task: DirectoryTask,
  bytes: Buffer,
  offset: number,
  isStart: boolean,
  notes: DirectoryNotes,
  below: DirectoryTask[],
): Generator<WalkEvent, void, undefined> {
  const { fat, longNames } = walker;
  for (let at = 0; at + ENTRY_BYTES <= bytes.length; at += ENTRY_BYTES) {
    const first = bytes[at]!;
    if (first === 0) {
      if (!notes.hasEnded) longNames.reset();
      notes.hasEnded = true;
      continue;
    }
    const attributes = bytes[at + 11]!;
    if ((attributes & ATTRIBUTE_BITS) === ATTRIBUTE_LONG_NAME) {
      longNames.take(bytes, at);
      continue;
    }
    if (isStart && at < 2 * ENTRY_BYTES && task.node !== null && isDotEntry(bytes, at)) continue;
    const longName = longNames.finish(bytes, at);
    const isDeletedEntry = first === DELETED_MARK;
    if ((attributes & ATTRIBUTE_LABEL) !== 0 && !isHiddenByLabelBit(walker, task, bytes, at)) continue;

    const isLive = !isDeletedEntry && task.hasChains && (!notes.hasEnded || isUnclaimed(walker, bytes, at));
    if (!isBelievable(walker, task, bytes, at, isLive, longName !== null, notes.hasEnded)) {
      // What stands after the end mark was never promised to be entries, nor are formatting patterns.
      if (!notes.hasEnded && !isFillPattern(bytes, at)) {
        if (notes.malformed === 0) notes.firstMalformedOffset = offset + at;
        notes.malformed++;
      }
      continue;
    }
    if (notes.hasEnded && isLive) notes.afterEnd++;
    const limit = takeItemFromBudget(walker);
    if (limit !== null) {
      yield { type: 'problem', problem: volumeProblem(fat, limit, offset + at, directoryPath(walker, task)) };
      return;
    }
    yield* itemEvents(walker, task, bytes, at, offset + at, longName ?? shortName(bytes, at), isLive, below);
  }
}

/** The label bit makes systems skip an entry; one that has content all the same is shown. */
function isHiddenByLabelBit(walker: Walker, task: DirectoryTask, bytes: Buffer, at: number): boolean {
  return (
    task.hasChains &&
    bytes[at] !== DELETED_MARK &&
    entrySizeBytes(bytes, at) > 0 &&
    isClusterNumber(walker.fat, entryFirstCluster(bytes, at, walker.fat.geometry))
  );
}

/**
 * Whether 32 bytes are an entry. A live one in a sound directory nearly always is; a deleted one may
 * be partly overwritten; in a deleted directory or after the end mark everything has to fit.
 */
function isBelievable(walker: Walker, task: DirectoryTask, bytes: Buffer, at: number, isLive: boolean, hasLongName: boolean, hasEnded: boolean): boolean {
  const { geometry } = walker.fat;
  const hasKnownBits = (bytes[at + 11]! & UNUSED_ATTRIBUTE_BITS) === 0;
  if (isLive && !hasEnded) return (hasKnownBits && (hasLongName || hasPossibleName(bytes, at))) || hasPossibleFields(bytes, at, geometry);
  const hasName = hasLongName || hasLegalName(bytes, at);
  if (task.hasChains && !hasEnded) return hasName && hasKnownBits && hasPossiblePlace(bytes, at, geometry);
  return hasName && hasPossibleFields(bytes, at, geometry);
}

/** An entry after the end mark counts as allocated only when its clusters are, and nobody else has them. */
function isUnclaimed(walker: Walker, bytes: Buffer, at: number): boolean {
  const { fat, state } = walker;
  const cluster = entryFirstCluster(bytes, at, fat.geometry);
  return isClusterNumber(fat, cluster) && !isFree(fat, cluster) && !state.fileClusters.has(cluster) && !state.directoryClusters.has(cluster);
}
