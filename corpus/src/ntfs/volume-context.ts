import type { Random } from '../random.ts';
import type { ClusterAllocator } from './cluster-allocator.ts';
import { RECORD_BYTES, type RecordReference } from './file-record.ts';
import { countRealClusters, type Run } from './run-list.ts';

/** Where a volume goes. Writes may come in any order and leave parts unwritten, which read as zeros. */
export interface VolumeSink {
  write(bytes: Uint8Array, offset: number): void;
}

/** What all parts of the NTFS writer share. */
export interface VolumeContext {
  readonly clusterSizeBytes: number;
  readonly sink: VolumeSink;
  readonly random: Random;
  readonly allocator: ClusterAllocator;
  /** Runs of $MFT. */
  readonly mftRuns: readonly Run[];
  readonly mftRecords: number;
  /** Records at the start of $MFT that $MFTMirr repeats, and where it lies. */
  readonly mirrorRecords: number;
  readonly mirrorLcn: number;
  /** The content of $MFT's own bitmap. */
  readonly mftBitmap: Buffer;
  /** The number given out next. */
  nextRecord: number;
}

/** Takes the next free record with a seeded sequence, as if the volume had a past. */
export function takeRecord(context: VolumeContext): RecordReference {
  if (context.nextRecord >= context.mftRecords) throw new RangeError(`$MFT full: ${context.mftRecords} records`);
  return { record: context.nextRecord++, sequence: 1 + context.random.below(7) };
}

/** Writes one record to $MFT, and to $MFTMirr when it belongs there. */
export function writeRecord(context: VolumeContext, record: number, bytes: Buffer, inUse: boolean): void {
  context.sink.write(bytes, offsetInRuns(context.mftRuns, context.clusterSizeBytes, record * RECORD_BYTES));
  if (record < context.mirrorRecords) context.sink.write(bytes, context.mirrorLcn * context.clusterSizeBytes + record * RECORD_BYTES);
  if (inUse) context.mftBitmap[record >>> 3] = context.mftBitmap[record >>> 3]! | (1 << (record & 7));
}

/** Offset on the volume of an offset in a stream without holes. */
export function offsetInRuns(runs: readonly Run[], clusterSizeBytes: number, offset: number): number {
  let rest = offset;
  for (const run of runs) {
    const length = run.clusters * clusterSizeBytes;
    if (rest < length && run.lcn !== null) return run.lcn * clusterSizeBytes + rest;
    rest -= length;
  }
  throw new RangeError(`offset ${offset} lies past the runs`);
}

/** Writes a stream's bytes onto its runs. Bytes that fall into a hole are dropped. */
export function writeToRuns(context: VolumeContext, runs: readonly Run[], chunks: Iterable<Uint8Array>): void {
  let index = 0;
  let done = 0;
  for (const chunk of chunks) {
    for (let at = 0; at < chunk.length; ) {
      const run = runs[index];
      if (run === undefined) throw new RangeError(`content longer than its ${countRealClusters(runs)} clusters`);
      const left = run.clusters * context.clusterSizeBytes - done;
      const count = Math.min(left, chunk.length - at);
      if (run.lcn !== null) context.sink.write(chunk.subarray(at, at + count), run.lcn * context.clusterSizeBytes + done);
      at += count;
      done += count;
      if (count === left) {
        index++;
        done = 0;
      }
    }
  }
}

/** Clusters needed for so many bytes. */
export function clustersFor(context: { clusterSizeBytes: number }, sizeBytes: number): number {
  return Math.ceil(sizeBytes / context.clusterSizeBytes);
}
