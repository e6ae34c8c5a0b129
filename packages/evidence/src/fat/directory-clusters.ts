import { LimitError, MalformedError, type ByteRange, type KerbsideError } from '@kerbside/bytes';
import { describeEntry } from './cluster-chain.ts';
import {
  ATTRIBUTE_BITS,
  ATTRIBUTE_LONG_NAME,
  entryFirstCluster,
  hasLegalName,
  hasPossibleFields,
  isDotEntry,
} from './directory-entry.ts';
import { clusterOffset, ENTRY_BYTES } from './fat-geometry.ts';
import { END_OF_CHAIN } from './fat-table.ts';
import { isClusterNumber, isFree, type FatVolume, type WalkState } from './fat-volume.ts';

/** Bytes of one directory: the format allows 2 MiB; 64 MiB holds two million entries and bounds a hostile one. */
const MAX_DIRECTORY_BYTES = 64 * 1024 * 1024;
/** Bytes of a deleted directory, whose length is a guess: what the format allows. */
const MAX_DELETED_DIRECTORY_BYTES = 2 * 1024 * 1024;

/** Where a directory stands: ranges in bytes from the start of the volume, in order. */
export interface DirectoryRuns {
  readonly runs: readonly ByteRange[];
  readonly faults: readonly KerbsideError[];
}

/** The fixed root of FAT12 and FAT16. */
export function fixedRootRuns(fat: FatVolume): DirectoryRuns {
  const { geometry } = fat;
  return clipRuns(fat, [{ offset: geometry.inodeBaseOffset, length: geometry.fixedRootBytes }], []);
}

/** Follows the chain of an allocated directory whose first cluster is already marked, marking the rest. */
export function chainedDirectoryRuns(fat: FatVolume, state: WalkState, first: number): DirectoryRuns {
  const { clusterSizeBytes } = fat.geometry;
  const faults: KerbsideError[] = [];
  const runs: ByteRange[] = [];
  let runStart = first;
  let runCount = 0;
  let total = 0;
  let isShared = false;
  for (let cluster = first; ; ) {
    if (runCount > 0 && cluster !== runStart + runCount) {
      runs.push({ offset: clusterOffset(fat.geometry, runStart), length: runCount * clusterSizeBytes });
      runStart = cluster;
      runCount = 0;
    }
    runCount++;
    total += clusterSizeBytes;
    isShared ||= state.fileClusters.has(cluster);
    const next = fat.table.entry(cluster);
    if (next === END_OF_CHAIN) break;
    if (!isClusterNumber(fat, next)) {
      faults.push(new MalformedError('fat-chain-broken', `the cluster chain of the directory is broken: cluster ${cluster} ${describeEntry(next)}`));
      break;
    }
    if (total >= MAX_DIRECTORY_BYTES) {
      faults.push(new LimitError('fat-directory-limit', `the directory is longer than ${MAX_DIRECTORY_BYTES} bytes; the rest was not read`));
      break;
    }
    if (!state.directoryClusters.add(next)) {
      faults.push(new MalformedError('fat-chain-loop', `the cluster chain of the directory comes to cluster ${next}, which was read as a directory before`));
      break;
    }
    cluster = next;
  }
  runs.push({ offset: clusterOffset(fat.geometry, runStart), length: runCount * clusterSizeBytes });
  if (isShared) faults.push(new MalformedError('fat-cross-link', 'the directory has clusters that a file has too; some entries may not be real'));
  return clipRuns(fat, runs, faults);
}

/**
 * Guesses where a deleted directory goes on: in the next free clusters, as long as the one before
 * was full and what follows is directory entries throughout. Marks what it takes.
 */
export function deletedDirectoryRuns(fat: FatVolume, state: WalkState, first: number): DirectoryRuns {
  const { geometry, source } = fat;
  const clusters = [first];
  const bytes = Buffer.allocUnsafe(geometry.clusterSizeBytes);
  for (let cluster = first; clusters.length * bytes.length < MAX_DELETED_DIRECTORY_BYTES; ) {
    const offset = clusterOffset(geometry, cluster);
    if (offset + bytes.length > source.sizeBytes || source.readInto(bytes, offset).length > 0) break;
    if (cluster !== first && !isFullOfEntries(fat, bytes)) {
      clusters.pop();
      break;
    }
    if (cluster !== first) state.directoryClusters.add(cluster);
    if (bytes[bytes.length - ENTRY_BYTES] === 0) break;
    const next = cluster + 1;
    if (!isClusterNumber(fat, next) || !isFree(fat, next) || state.directoryClusters.has(next)) break;
    clusters.push(next);
    cluster = next;
  }
  return clipRuns(fat, [{ offset: clusterOffset(geometry, first), length: clusters.length * bytes.length }], []);
}

/** What the first two entries of a directory's first cluster say. */
export interface DirectoryHead {
  /** Cluster that `.` names. */
  readonly ownCluster: number;
  /** Cluster that `..` names; 0 for the root. */
  readonly parentCluster: number;
  /** Packed creation and modification time of `.`, to tell directories apart. */
  readonly created: number;
  readonly modified: number;
}

/** Reads the `.` and `..` entries at `at`; null when they are not there. */
export function readDirectoryHead(fat: FatVolume, bytes: Buffer, at: number): DirectoryHead | null {
  if (bytes[at] !== 0x2e || bytes[at + 1] !== 0x20 || bytes[at + 33] !== 0x2e) return null;
  if (!isDotEntry(bytes, at) || !isDotEntry(bytes, at + ENTRY_BYTES)) return null;
  const parent = entryFirstCluster(bytes, at + ENTRY_BYTES, fat.geometry);
  return {
    ownCluster: entryFirstCluster(bytes, at, fat.geometry),
    parentCluster: parent === fat.geometry.rootCluster ? 0 : parent,
    created: packedTime(bytes, at + 14),
    modified: packedTime(bytes, at + 22),
  };
}

/** Time and date of two bytes each as one number. */
export function packedTime(bytes: Buffer, at: number): number {
  return bytes.readUInt32LE(at);
}

/** True when a cluster holds directory entries from its start to its end mark, and no `.` entry. */
export function isFullOfEntries(fat: FatVolume, bytes: Buffer): boolean {
  let seen = 0;
  for (let at = 0; at + ENTRY_BYTES <= bytes.length; at += ENTRY_BYTES) {
    if (bytes[at] === 0) {
      // After the end mark a directory is zero.
      for (let rest = at; rest < bytes.length; rest++) if (bytes[rest] !== 0) return false;
      break;
    }
    if ((bytes[at + 11]! & ATTRIBUTE_BITS) === ATTRIBUTE_LONG_NAME) {
      if (bytes[at + 12] !== 0 || bytes[at + 26] !== 0 || bytes[at + 27] !== 0) return false;
    } else if (isDotEntry(bytes, at) || !hasLegalName(bytes, at) || !hasPossibleFields(bytes, at, fat.geometry)) {
      return false;
    }
    seen++;
  }
  return seen > 0;
}

function clipRuns(fat: FatVolume, runs: readonly ByteRange[], faults: readonly KerbsideError[]): DirectoryRuns {
  const end = fat.source.sizeBytes;
  if (runs.every((run) => run.offset + run.length <= end)) return { runs, faults };
  const inside = runs
    .filter((run) => run.offset < end)
    .map((run) => ({ offset: run.offset, length: Math.min(run.length, (end - run.offset) - ((end - run.offset) % ENTRY_BYTES)) }));
  return { runs: inside, faults: [...faults, new MalformedError('extent-outside-source', 'part of the directory lies past the end of the volume')] };
}
