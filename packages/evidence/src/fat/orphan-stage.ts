import { LimitError, MediumError, type ByteRange } from '@kerbside/bytes';
import type { WalkEvent } from '../item.ts';
import { clusterOffset, ENTRY_BYTES } from './fat-geometry.ts';
import { isFree, volumeProblem, type FatVolume } from './fat-volume.ts';
import { makePace, type WalkPace } from '../walk-pace.ts';
import { candidateIn, walkLostDirectories, type DirectoryCandidate } from './lost-directories.ts';
import type { Walker } from './walker.ts';

/** Free runs are read in pieces of up to this size; measured: 4 MiB costs more, as it does not fit the processor's cache. */
const PIECE_BYTES = 1024 * 1024;
/** From this cluster size on, reading each cluster's first sectors is cheaper than reading all of it (measured: equal at 32 KiB, dearer at 16 KiB). */
const SPARSE_CLUSTER_BYTES = 64 * 1024;
/** Bytes read of each cluster then: one sector of the largest usual size. */
const SPARSE_READ_BYTES = 4096;
const HEAD_BYTES = 2 * ENTRY_BYTES;
/** Directories looked for in free space; beyond it the stage says so. */
const MAX_CANDIDATES = 200_000;

/** Free runs as the table says, ascending; offsets on the source, clipped to it. */
export function* freeRanges(fat: FatVolume): Generator<ByteRange, void, undefined> {
  for (const run of freeRuns(fat)) {
    const offset = clusterOffset(fat.geometry, run.first);
    const length = Math.min(run.count * fat.geometry.clusterSizeBytes, fat.source.sizeBytes - offset);
    if (length > 0) yield { offset: fat.source.originOffset + offset, length };
  }
}

interface ClusterRun {
  readonly first: number;
  readonly count: number;
}

function* freeRuns(fat: FatVolume): Generator<ClusterRun, void, undefined> {
  let first = 0;
  for (let cluster = 2; cluster <= fat.table.lastCluster; cluster++) {
    if (isFree(fat, cluster)) {
      if (first === 0) first = cluster;
    } else if (first !== 0) {
      yield { first, count: cluster - first };
      first = 0;
    }
  }
  if (first !== 0) yield { first, count: fat.table.lastCluster + 1 - first };
}

/**
 * Looks through the free clusters for directories, by the `.` and `..` entries they start with, and
 * lists what they held. Ends when the orphans found would together be larger than the volume: more
 * cannot have been there.
 */
export function* walkOrphanDirectories(walker: Walker): Generator<WalkEvent, void, undefined> {
  const candidates: DirectoryCandidate[] = [];
  const buffer = Buffer.allocUnsafe(PIECE_BYTES);
  const pace = makePace(clusterOffset(walker.fat.geometry, walker.fat.table.lastCluster + 1));
  for (const run of freeRuns(walker.fat)) yield* scanRun(walker, run, buffer, candidates, pace);
  if (candidates.length >= MAX_CANDIDATES) {
    const error = new LimitError('fat-orphan-directory-limit', `more than ${MAX_CANDIDATES} directories in free space; the rest was not read`);
    yield { type: 'problem', problem: volumeProblem(walker.fat, error) };
  }

  const { fat } = walker;
  const maxBytes = (fat.table.lastCluster - 1) * fat.geometry.clusterSizeBytes;
  let orphanBytes = 0;
  for (const event of walkLostDirectories(walker, candidates, 'free-clusters')) {
    if (event.type === 'item') {
      orphanBytes += mappedBytes(event);
      if (orphanBytes > maxBytes) {
        const error = new LimitError('fat-orphan-bytes-limit', 'the orphans found would be larger than the volume; the rest was not listed');
        yield { type: 'problem', problem: volumeProblem(fat, error) };
        return;
      }
    }
    yield event;
  }
}

function mappedBytes(event: Extract<WalkEvent, { type: 'item' }>): number {
  const { content } = event.item;
  if (content.form !== 'extents') return 0;
  let sum = 0;
  for (const extent of content.extents) sum += extent.length;
  return sum;
}

function* scanRun(walker: Walker, run: ClusterRun, buffer: Buffer, candidates: DirectoryCandidate[], pace: WalkPace): Generator<WalkEvent, void, undefined> {
  const { fat } = walker;
  const { clusterSizeBytes } = fat.geometry;
  const isSparse = clusterSizeBytes >= SPARSE_CLUSTER_BYTES;
  const step = isSparse ? 1 : Math.max(1, Math.floor(PIECE_BYTES / clusterSizeBytes));
  const end = run.first + run.count;
  for (let first = run.first; first < end; first += step) {
    const offset = clusterOffset(fat.geometry, first);
    const wanted = isSparse ? SPARSE_READ_BYTES : Math.min(step, end - first) * clusterSizeBytes;
    const length = Math.min(wanted, fat.source.sizeBytes - offset);
    if (length < HEAD_BYTES) return;
    const pause = pace.reach(offset);
    if (pause !== null) yield pause;
    const piece = buffer.subarray(0, length);
    for (const range of fat.source.readInto(piece, offset)) {
      const error = new MediumError('unreadable-bytes', `${range.length} bytes of free space could not be read`, {
        offset: fat.source.originOffset + range.offset,
        length: range.length,
      });
      yield { type: 'problem', problem: volumeProblem(fat, error) };
    }
    for (let at = 0, cluster = first; at + HEAD_BYTES <= length; at += clusterSizeBytes, cluster++) {
      // One byte decides for nearly every cluster.
      if (piece[at] !== 0x2e || candidates.length >= MAX_CANDIDATES || walker.state.directoryClusters.has(cluster)) continue;
      const candidate = candidateIn(walker, piece, at, cluster);
      if (candidate !== null) candidates.push(candidate);
    }
  }
}
