import type { ByteRange } from '@kerbside/bytes';
import type { ClusterRun } from './cluster-chain.ts';
import { ENTRY_BYTES, isFileEntry, MAX_SET_ENTRIES, readEntrySet, type EntrySet } from './entry-set.ts';
import { clusterOffset, type ExfatVolume } from './exfat-volume.ts';

/** Bytes read at once; most directories are one cluster. */
const BLOCK_BYTES = 256 * 1024;

/** Entries of a set that may have to wait for the next block. */
const CARRY_BYTES = (MAX_SET_ENTRIES - 1) * ENTRY_BYTES;

/** Space for {@link readDirectory}: one for each walk, used again for each directory. */
export function makeDirectoryBuffer(): Buffer {
  return Buffer.allocUnsafeSlow(CARRY_BYTES + BLOCK_BYTES);
}

/** What a directory's clusters hold. Offsets are in bytes of the volume. */
export type DirectoryEvent =
  | { readonly kind: 'set'; readonly set: EntrySet; readonly pastEnd: boolean }
  /** A file entry in use whose set cannot be read. */
  | { readonly kind: 'lost'; readonly offset: number }
  | { readonly kind: 'unreadable'; readonly range: ByteRange };

/**
 * Yields every entry set in a list of cluster runs, in order. Goes on past the end marker (type 0):
 * what stands behind it is told apart, not lost. Sets may cross clusters and runs.
 *
 * @param runs clusters of the heap, in directory order
 * @param buffer from {@link makeDirectoryBuffer}; not to be used by another directory meanwhile
 */
export function* readDirectory(fs: ExfatVolume, runs: readonly ClusterRun[], buffer: Buffer): Generator<DirectoryEvent, void, undefined> {
  const { source } = fs.volume;
  const blocks = directoryBlocks(fs, runs);
  const carryOffsets = new Float64Array(MAX_SET_ENTRIES);
  let carried = 0;
  let pastEnd = false;
  for (let block = blocks.next(); !block.done; ) {
    const { offset, length } = block.value;
    block = blocks.next();
    const atEnd = block.done === true;
    const start = CARRY_BYTES - carried * ENTRY_BYTES;
    for (const range of source.readInto(buffer.subarray(CARRY_BYTES, CARRY_BYTES + length), offset)) {
      yield { kind: 'unreadable', range };
    }
    const end = CARRY_BYTES + length;
    const offsetOf = (at: number): number =>
      at < CARRY_BYTES ? carryOffsets[(at - start) / ENTRY_BYTES]! : offset + at - CARRY_BYTES;
    let at = start;
    carried = 0;
    while (at < end) {
      const type = buffer[at]!;
      if (!isFileEntry(type)) {
        if (type === 0) pastEnd = true;
        at += ENTRY_BYTES;
        continue;
      }
      const outcome = readEntrySet(buffer, at, end, atEnd, offsetOf(at));
      if (outcome.kind === 'more') {
        carried = (end - at) / ENTRY_BYTES;
        for (let i = 0; i < carried; i++) carryOffsets[i] = offsetOf(at + i * ENTRY_BYTES);
        buffer.copyWithin(CARRY_BYTES - carried * ENTRY_BYTES, at, end);
        break;
      }
      if (outcome.kind === 'set') {
        yield { kind: 'set', set: outcome.set, pastEnd };
        at += outcome.entries * ENTRY_BYTES;
      } else {
        if (outcome.kind === 'lost') yield { kind: 'lost', offset: offsetOf(at) };
        at += ENTRY_BYTES;
      }
    }
  }
}

/** The runs as byte ranges of at most one block, clipped to what the source holds, whole entries. */
function* directoryBlocks(fs: ExfatVolume, runs: readonly ClusterRun[]): Generator<ByteRange, void, undefined> {
  const sizeBytes = fs.volume.source.sizeBytes;
  for (const run of runs) {
    const start = clusterOffset(fs.geometry, run.first);
    const end = Math.min(start + run.count * fs.geometry.clusterSizeBytes, sizeBytes);
    for (let offset = start; offset + ENTRY_BYTES <= end; offset += BLOCK_BYTES) {
      const length = Math.min(BLOCK_BYTES, end - offset);
      yield { offset, length: length - (length % ENTRY_BYTES) };
    }
  }
}
