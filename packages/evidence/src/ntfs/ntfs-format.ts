import { MalformedError, type ByteRange, type Problem } from '@kerbside/bytes';
import { displayName } from '../display-name.ts';
import type { DetectionBasis, FileSystem, FileSystemFormat } from '../file-system.ts';
import type { WalkEvent } from '../item.ts';
import type { Volume } from '../volume.ts';
import { makePace } from '../walk-pace.ts';
import { AttributeTable, DATA, VOLUME_NAME } from './attributes.ts';
import { readBackupBootRecord, readBootRecord, type NtfsGeometry } from './boot-record.ts';
import { ClusterBitmap } from './cluster-bitmap.ts';
import { applyFixUps, FILE_MAGIC, readU32 } from './fix-ups.ts';
import { hasMft, locateMft, type LocatedMft } from './locate-mft.ts';
import { MetadataStream } from './mft-stream.ts';
import { readRecords } from './record-index.ts';
import { RecordWalk } from './record-walk.ts';
import { RunTable } from './run-list.ts';
import type { ClusterSpace } from './stream-extents.ts';

const VOLUME_ENTRY = 3;
const BITMAP_ENTRY = 6;

/** NTFS 3.x as Windows 2000 and later write it. Reference: libyal/libfsntfs documentation, [MS-XCA] for LZNT1. */
export const ntfsFormat: FileSystemFormat = {
  name: 'NTFS',
  detect(volume: Volume): DetectionBasis | null {
    if (readBootRecord(volume.source) !== null) return 'primary';
    const backup = readBackupBootRecord(volume.source);
    // A stale copy of an older file system says yes only while its $MFT is still there.
    return backup !== null && hasMft(volume.source, backup) ? 'backup' : null;
  },
  open: openNtfs,
};

function openNtfs(volume: Volume): FileSystem {
  const { source } = volume;
  const problems: Problem[] = [];
  const where = { volume: volume.id, offset: source.originOffset, length: 512 };
  let geometry = readBootRecord(source);
  let mft = geometry === null ? null : locateMft(source, geometry);
  if (geometry === null || mft === null || (mft.problems.length > 0 && !hasMft(source, geometry))) {
    const backup = readBackupBootRecord(source);
    const found = backup === null ? null : locateMft(source, backup);
    if (found !== null && (mft === null || found.problems.length === 0)) {
      geometry = backup;
      mft = found;
      problems.push({ kind: 'malformed', code: 'ntfs-boot-record-damaged', message: 'the boot record is damaged; its copy at the end of the volume was used', where });
    }
  }
  if (geometry === null) throw new MalformedError('ntfs-boot-record-damaged', 'neither the boot record nor its copy is sound', where);
  if (mft === null) throw new MalformedError('ntfs-mft-missing', '$MFT is not where the boot record says, nor is its copy', where);
  if (geometry.claimedBytes > source.sizeBytes) problems.push(truncated(volume, geometry));
  for (const problem of mft.problems) problems.push({ ...problem, where: { ...problem.where, volume: volume.id } });
  return new NtfsFileSystem(volume, geometry, mft, problems);
}

function truncated(volume: Volume, geometry: NtfsGeometry): Problem {
  return {
    kind: 'malformed',
    code: 'ntfs-volume-truncated',
    message: `the file system says it is ${geometry.claimedBytes} bytes long, and only ${volume.sizeBytes} are there`,
    where: { volume: volume.id, offset: volume.startOffset + volume.sizeBytes },
  };
}

class NtfsFileSystem implements FileSystem {
  readonly kind = 'NTFS';
  readonly label: string;
  readonly clusterSizeBytes: number;
  readonly clusterGridOffset: number;
  readonly #volume: Volume;
  readonly #recordSize: number;
  readonly #mft: LocatedMft;
  readonly #problems: readonly Problem[];
  readonly #space: ClusterSpace;
  #bitmap: ClusterBitmap | null | undefined;
  #bitmapProblem: Problem | null = null;

  constructor(volume: Volume, geometry: NtfsGeometry, mft: LocatedMft, problems: readonly Problem[]) {
    this.#volume = volume;
    this.#mft = mft;
    this.#problems = problems;
    this.#recordSize = geometry.recordSizeBytes;
    this.clusterSizeBytes = geometry.clusterSizeBytes;
    this.clusterGridOffset = volume.source.originOffset;
    this.#space = {
      clusterSizeBytes: geometry.clusterSizeBytes,
      clusterCount: Math.floor(volume.source.sizeBytes / geometry.clusterSizeBytes),
      originOffset: volume.source.originOffset,
    };
    this.label = this.#readLabel();
  }

  *walk(): Generator<WalkEvent, void, undefined> {
    for (const problem of this.#problems) yield { type: 'problem', problem };
    const walk = new RecordWalk({
      volume: this.#volume,
      mft: this.#mft,
      recordSize: this.#recordSize,
      space: this.#space,
      bitmap: () => this.#clusterBitmap(),
    });
    const pace = makePace(walk.totalBytes);
    const events: WalkEvent[] = [];
    while (!walk.done) {
      walk.readBatch(events);
      const pause = pace.reach(walk.readBytes);
      if (pause !== null) yield pause;
      for (let i = 0; i < events.length; i++) yield events[i]!;
      events.length = 0;
    }
    // Asked for even when no deleted file needed it, so that an unreadable one is told here.
    this.#clusterBitmap();
    if (this.#bitmapProblem !== null) yield { type: 'problem', problem: this.#bitmapProblem };
  }

  // oxlint-disable-next-line require-yield -- walk() already yields all that $MFT knows, orphans included
  *walkOrphans(): Generator<WalkEvent, void, undefined> {}

  *freeRanges(): Generator<ByteRange, void, undefined> {
    const bitmap = this.#clusterBitmap();
    if (bitmap === null) return;
    const { clusterSizeBytes, originOffset } = this.#space;
    for (const run of bitmap.freeRuns()) yield { offset: originOffset + run.offset * clusterSizeBytes, length: run.length * clusterSizeBytes };
  }

  #readLabel(): string {
    const table = this.#readMetadataFile(VOLUME_ENTRY);
    const i = table?.findUnnamed(VOLUME_NAME) ?? -1;
    if (table === null || i < 0 || !table.isResident(i)) return '';
    const at = table.valueAt(i);
    const length = table.valueLength(i);
    return at < 0 || length === 0 ? '' : displayName({ bytes: Buffer.from(table.bytes[i]!.subarray(at, at + length)), encoding: 'utf-16le' });
  }

  #clusterBitmap(): ClusterBitmap | null {
    if (this.#bitmap !== undefined) return this.#bitmap;
    this.#bitmap = null;
    const table = this.#readMetadataFile(BITMAP_ENTRY);
    const i = table?.findUnnamed(DATA) ?? -1;
    const runs = new RunTable();
    if (table !== null && i >= 0 && !table.isResident(i) && table.hasRunList(i) && table.appendRuns(i, runs)) {
      const stream = new MetadataStream(this.#volume.source, runs, this.clusterSizeBytes, table.sizeBytes(i));
      if (stream.outsideBytes === 0) this.#bitmap = new ClusterBitmap(stream, this.#space.clusterCount);
    }
    if (this.#bitmap === null) {
      const message = '$Bitmap could not be read: which clusters are free, and whether deleted files were overwritten, is not known';
      this.#bitmapProblem = { kind: 'malformed', code: 'ntfs-bitmap-unreadable', message, where: { volume: this.#volume.id } };
    }
    return this.#bitmap;
  }

  /** One of the first records of $MFT; null when it is not sound. */
  #readMetadataFile(entry: number): AttributeTable | null {
    if (entry >= this.#mft.recordCount) return null;
    const size = this.#recordSize;
    const bytes = Buffer.alloc((entry + 1) * size);
    if (readRecords(this.#mft, bytes, 0, size).length > 0) return null;
    const at = entry * size;
    if (readU32(bytes, at) !== FILE_MAGIC || !applyFixUps(bytes, at, size)) return null;
    const table = new AttributeTable();
    table.addRecord(bytes, at, size, 0);
    return table;
  }
}
