import { LimitError, MAX_PATH_DEPTH, MalformedError, MediumError, type KerbsideError, type Problem } from '@kerbside/bytes';
import { displayName } from '../display-name.ts';
import type { EvidenceName } from '../evidence-name.ts';
import type { DirectoryNode, Item, ItemContent, Recovery, WalkEvent } from '../item.ts';
import { mapChain, NOTHING_MAPPED, takeRestOfChain, type MappedContent } from './cluster-chain.ts';
import { guessDeletedContent } from './deleted-content.ts';
import {
  chainedDirectoryRuns,
  deletedDirectoryRuns,
  fixedRootRuns,
  isFullOfEntries,
  packedTime,
  readDirectoryHead,
  type DirectoryRuns,
} from './directory-clusters.ts';
import {
  ATTRIBUTE_BITS,
  ATTRIBUTE_DIRECTORY,
  ATTRIBUTE_LABEL,
  ATTRIBUTE_LONG_NAME,
  DELETED_MARK,
  entryFirstCluster,
  entrySizeBytes,
  entryTimes,
  hasLegalName,
  hasPossibleFields,
  hasPossibleName,
  hasPossiblePlace,
  isDotEntry,
  isFillPattern,
  shortName,
} from './directory-entry.ts';
import { clusterOffset, ENTRY_BYTES } from './fat-geometry.ts';
import { isClusterNumber, isFree, volumeProblem, type FatVolume, type WalkState } from './fat-volume.ts';
import { makeLongNameCollector, type LongNameCollector } from './long-name.ts';

/** Directories are read in pieces of this size. */
const PIECE_BYTES = 1 << 20;
/** `.` and `..` at the start of a directory. */
const HEAD_BYTES = 2 * ENTRY_BYTES;
/** Directories whose place is remembered, to give lost ones their path back; about 50 MB at worst. */
const MAX_REMEMBERED_DIRECTORIES = 200_000;
/** Directory entries that lead nowhere, remembered for the same reason: directories that have some, and entries in each. */
const MAX_BROKEN_DIRECTORIES = 10_000;
const MAX_BROKEN_ENTRIES_EACH = 100;
/** Attribute bits that no system sets; text read as an entry nearly always has one. */
const UNUSED_ATTRIBUTE_BITS = 0xc0;
/** TSK numbers the root 2 and entries from 3 on, one number per 32 bytes. */
const FIRST_ENTRY_ID = 3;

/** A directory still to be read. */
export interface DirectoryTask {
  /** Null for the root. */
  readonly node: DirectoryNode | null;
  /** 0 for the fixed root of FAT12/16. */
  readonly firstCluster: number;
  /** First cluster of the directory above, 0 for the root. */
  readonly parentCluster: number;
  /** What its entries are at best: a deleted directory has only deleted ones. */
  readonly state: Item['state'];
  /** True when the table still holds its chain and those of its files. */
  readonly hasChains: boolean;
  /** True when its first cluster is marked as read already. */
  readonly isMarked: boolean;
}

/** A directory entry that does not lead to its directory. */
export interface BrokenEntry {
  readonly node: DirectoryNode;
  readonly created: number;
  readonly modified: number;
}

/** Everything that one walk carries from directory to directory. */
export interface Walker {
  readonly fat: FatVolume;
  readonly state: WalkState;
  readonly longNames: LongNameCollector;
  readonly buffer: Buffer;
  /** Directories read so far by first cluster; null is the root. */
  readonly directories: Map<number, DirectoryNode | null>;
  /** Entries that lead nowhere by the first cluster of their directory. */
  readonly brokenEntries: Map<number, BrokenEntry[]>;
  /** True once the budget of items is used up: nothing more is yielded. */
  isOverLimit: boolean;
}

/** Makes a walker with nothing read yet. */
export function makeWalker(fat: FatVolume, state: WalkState): Walker {
  return {
    fat,
    state,
    longNames: makeLongNameCollector(),
    buffer: Buffer.allocUnsafe(PIECE_BYTES),
    directories: new Map(),
    brokenEntries: new Map(),
    isOverLimit: false,
  };
}

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

/** Counts one item; the error when there may be no more, once. */
export function takeItemFromBudget(walker: Walker): KerbsideError | null {
  if (--walker.state.itemsLeft >= 0) return null;
  walker.isOverLimit = true;
  return new LimitError('fat-entry-limit', 'the volume lists more items than the limit; the rest was not read');
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

const NO_CONTENT: ItemContent = Object.freeze({ form: 'none', reason: 'not-content' });
const DAMAGED: ItemContent = Object.freeze({ form: 'none', reason: 'damaged' });
const NO_RUNS: ItemContent = Object.freeze({ form: 'none', reason: 'no-runs' });
const RUNS_SURVIVE: Recovery = Object.freeze({ basis: 'runs-survive' });

function* itemEvents(
  walker: Walker,
  task: DirectoryTask,
  bytes: Buffer,
  at: number,
  volumeOffset: number,
  name: EvidenceName,
  isLive: boolean,
  below: DirectoryTask[],
): Generator<WalkEvent, void, undefined> {
  const { fat, state } = walker;
  const isDirectory = (bytes[at + 11]! & ATTRIBUTE_DIRECTORY) !== 0;
  const firstCluster = entryFirstCluster(bytes, at, fat.geometry);
  const sizeBytes = isDirectory ? 0 : entrySizeBytes(bytes, at);
  const itemState = task.state === 'allocated' && !isLive ? 'deleted' : task.state;
  let mapped: MappedContent = NOTHING_MAPPED;
  let recovery: Recovery | null = itemState === 'allocated' ? null : RUNS_SURVIVE;
  let directoryFault: KerbsideError | null = null;

  if (isDirectory) {
    if (!isLive) recovery = deletedDirectoryRecovery(fat, firstCluster);
    directoryFault = queueDirectory(walker, task, bytes, at, name, firstCluster, isLive, itemState, below);
  } else if (!isLive) {
    const guess = guessDeletedContent(fat, state, firstCluster, sizeBytes);
    mapped = guess.content;
    recovery = guess.recovery;
  } else if (sizeBytes > 0) {
    mapped = mapChain(fat, state, firstCluster, sizeBytes);
  } else if (isClusterNumber(fat, firstCluster) && !isFree(fat, firstCluster)) {
    takeRestOfChain(fat, state, firstCluster);
    const fault = new MalformedError('fat-chain-longer-than-size', 'the file is empty by its size and yet has clusters; what is in them is not part of the item');
    mapped = { ...NOTHING_MAPPED, faults: [fault] };
  }

  const isMapped = mapped.mappedBytes === sizeBytes;
  const content: ItemContent = isDirectory
    ? NO_CONTENT
    : sizeBytes > 0 && mapped.mappedBytes === 0
      ? isLive ? DAMAGED : NO_RUNS
      : { form: 'extents', extents: mapped.extents };
  const item: Item = {
    kind: isDirectory ? 'directory' : 'file',
    parent: task.node,
    name,
    streamName: null,
    sizeBytes,
    state: itemState,
    id: String(FIRST_ENTRY_ID + (volumeOffset - fat.geometry.inodeBaseOffset) / ENTRY_BYTES),
    times: entryTimes(bytes, at),
    content,
    recovery,
    partial: !isMapped,
  };
  yield { type: 'item', item };
  if (directoryFault === null && mapped.faults.length === 0) return;
  const path = itemPath(walker, task, name);
  if (directoryFault !== null) yield { type: 'problem', problem: volumeProblem(fat, directoryFault, volumeOffset, path) };
  for (const fault of mapped.faults) yield { type: 'problem', problem: volumeProblem(fat, fault, volumeOffset, path) };
}

/** Plans the reading of a directory, or says why it cannot be read. */
function queueDirectory(
  walker: Walker,
  task: DirectoryTask,
  bytes: Buffer,
  at: number,
  name: EvidenceName,
  firstCluster: number,
  isLive: boolean,
  itemState: Item['state'],
  below: DirectoryTask[],
): KerbsideError | null {
  const { fat, state } = walker;
  const node: DirectoryNode = { parent: task.node, name, depth: task.node === null ? 0 : task.node.depth + 1 };
  const parentCluster = task.node === null ? 0 : task.firstCluster;
  if (!isLive) {
    if (!isClusterNumber(fat, firstCluster) || !isFree(fat, firstCluster)) return null;
    if (node.depth >= MAX_PATH_DEPTH) return tooDeep();
    below.push({ node, firstCluster, parentCluster, state: itemState, hasChains: false, isMarked: false });
    return null;
  }
  if (node.depth >= MAX_PATH_DEPTH) return tooDeep();
  if (!isClusterNumber(fat, firstCluster)) {
    rememberBroken(walker, node, parentCluster, packedTime(bytes, at + 14), packedTime(bytes, at + 22));
    return new MalformedError('fat-directory-start-invalid', `the directory starts at cluster ${firstCluster}, which this volume does not have; what it held is looked for by structure`);
  }
  if (!state.directoryClusters.add(firstCluster)) {
    rememberBroken(walker, node, parentCluster, packedTime(bytes, at + 14), packedTime(bytes, at + 22));
    return new MalformedError('fat-directory-loop', `the entry points at cluster ${firstCluster}, a directory that was read already (itself or another); what it held is looked for by structure`);
  }
  below.push({ node, firstCluster, parentCluster, state: itemState, hasChains: true, isMarked: true });
  return null;
}

function tooDeep(): KerbsideError {
  return new LimitError('path-depth-limit', `the directory is more than ${MAX_PATH_DEPTH} levels deep and was not read`);
}

function deletedDirectoryRecovery(fat: FatVolume, firstCluster: number): Recovery {
  if (!isClusterNumber(fat, firstCluster)) return { basis: 'no-runs' };
  return isFree(fat, firstCluster) ? { basis: 'contiguous-guess' } : { basis: 'clusters-reused', reusedShare: 1 };
}

function remember(walker: Walker, task: DirectoryTask): void {
  const key = task.node === null ? 0 : task.firstCluster;
  if (walker.directories.size < MAX_REMEMBERED_DIRECTORIES) walker.directories.set(key, task.node);
}

function rememberBroken(walker: Walker, node: DirectoryNode | null, parentCluster: number, created: number, modified: number): void {
  if (node === null) return;
  const there = walker.brokenEntries.get(parentCluster);
  const entry = { node, created, modified };
  if (there === undefined) {
    if (walker.brokenEntries.size < MAX_BROKEN_DIRECTORIES) walker.brokenEntries.set(parentCluster, [entry]);
  } else if (there.length < MAX_BROKEN_ENTRIES_EACH) {
    there.push(entry);
  }
}

function directoryPath(walker: Walker, task: DirectoryTask): string {
  const names: string[] = [];
  for (let node = task.node; node !== null; node = node.parent) names.push(displayName(node.name));
  return [walker.fat.volume.id, ...names.reverse()].filter((part) => part !== '').join('/');
}

function itemPath(walker: Walker, task: DirectoryTask, name: EvidenceName): string {
  const above = directoryPath(walker, task);
  return above === '' ? displayName(name) : `${above}/${displayName(name)}`;
}
