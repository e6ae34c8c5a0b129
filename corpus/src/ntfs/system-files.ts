import { attributeDefinitionFile } from './attribute-definitions.ts';
import { ATTRIBUTE, nonResidentAttribute, residentAttribute, type Attribute } from './attribute.ts';
import { BOOT_FILE_BYTES } from './boot-sector.ts';
import { FILE_FLAG, fileNameValue, NAMESPACE, standardInformation } from './file-name.ts';
import { RECORD_BYTES, RECORD_FLAG, type RecordReference } from './file-record.ts';
import { packRecords } from './pack-records.ts';
import { countClusters, type Run } from './run-list.ts';
import { buildSecure } from './secure.ts';
import { upCaseFile } from './up-case.ts';
import { clustersFor, writeToRuns, type VolumeContext } from './volume-context.ts';
import type { DirectoryName } from './write-file.ts';

/** Records 0 to 15 have their own number as sequence, record 0 has 1. */
export function systemReference(record: number): RecordReference {
  return { record, sequence: Math.max(1, record) };
}

export const ROOT_RECORD = 5;
export const EXTEND_RECORD = 11;
const SYSTEM_FLAGS = FILE_FLAG.hidden | FILE_FLAG.system;

/** Runs taken before anything else, because the boot sector and each other refer to them. */
export interface SystemRuns {
  readonly boot: Run;
  readonly mirror: Run;
  readonly logFile: Run;
  readonly bitmap: Run;
  readonly mftBitmap: Run;
  readonly logFileBytes: number;
}

/** Writes records 0 to 4, 6 to 10 and 12 to 15. Returns their names in the root. */
export function writeSystemFiles(context: VolumeContext, runs: SystemRuns, label: string, timeSeconds: number, totalClusters: number): DirectoryName[] {
  const names: DirectoryName[] = [];
  const stream = (streamRuns: readonly Run[], sizeBytes: number, name = '', type: number = ATTRIBUTE.data): Attribute =>
    nonResidentAttribute(type, { runs: streamRuns, sizeBytes, clusterSizeBytes: context.clusterSizeBytes, name });
  const filled = (content: Buffer, name = ''): Attribute => {
    const streamRuns = [context.allocator.take(clustersFor(context, content.length))];
    writeToRuns(context, streamRuns, [content]);
    return stream(streamRuns, content.length, name);
  };
  const add = (record: number, name: string, attributes: Attribute[], flags = 0): void => {
    const self = systemReference(record);
    const data = attributes.find((attribute) => attribute.type === ATTRIBUTE.data && attribute.name === '');
    const [allocatedBytes, sizeBytes] = data === undefined ? [0, 0] : sizesOf(data);
    const key = fileNameValue({ parent: systemReference(ROOT_RECORD), name, namespace: NAMESPACE.both, timeSeconds, allocatedBytes, sizeBytes, fileFlags: SYSTEM_FLAGS });
    names.push({ folderPath: '', name, reference: self, key });
    packRecords(context, {
      self,
      flags: RECORD_FLAG.inUse | flags,
      linkCount: 1,
      attributes: [residentAttribute(ATTRIBUTE.standardInformation, standardInformation(timeSeconds, SYSTEM_FLAGS)), residentAttribute(ATTRIBUTE.fileName, key, { indexed: true }), ...attributes],
    });
  };
  const empty = residentAttribute(ATTRIBUTE.data, new Uint8Array(0));

  add(0, '$MFT', [stream(context.mftRuns, context.mftRecords * RECORD_BYTES), stream([runs.mftBitmap], context.mftBitmap.length, '', ATTRIBUTE.bitmap)]);
  add(1, '$MFTMirr', [stream([runs.mirror], context.mirrorRecords * RECORD_BYTES)]);
  writeToRuns(context, [runs.logFile], chunksOfOnes(runs.logFileBytes));
  add(2, '$LogFile', [stream([runs.logFile], runs.logFileBytes)]);
  add(3, '$Volume', [
    residentAttribute(ATTRIBUTE.volumeName, Buffer.from(label, 'utf16le')),
    residentAttribute(ATTRIBUTE.volumeInformation, Buffer.from([0, 0, 0, 0, 0, 0, 0, 0, 3, 1, 0, 0])),
    empty,
  ]);
  add(4, '$AttrDef', [filled(attributeDefinitionFile())]);
  add(6, '$Bitmap', [stream([runs.bitmap], context.allocator.bitmap.length)]);
  add(7, '$Boot', [stream([runs.boot], BOOT_FILE_BYTES)]);
  const bad = nonResidentAttribute(ATTRIBUTE.data, {
    runs: [{ lcn: null, clusters: totalClusters }],
    sizeBytes: totalClusters * context.clusterSizeBytes,
    initialisedBytes: 0,
    clusterSizeBytes: context.clusterSizeBytes,
    name: '$Bad',
  });
  add(8, '$BadClus', [empty, bad]);
  const secure = buildSecure();
  add(9, '$Secure', [filled(secure.descriptorStream, '$SDS'), ...secure.indexes], RECORD_FLAG.viewIndex);
  add(10, '$UpCase', [filled(upCaseFile())]);
  for (let record = 12; record < 16; record++) {
    const attributes = [residentAttribute(ATTRIBUTE.standardInformation, standardInformation(timeSeconds, SYSTEM_FLAGS)), empty];
    packRecords(context, { self: systemReference(record), flags: RECORD_FLAG.inUse, linkCount: 0, attributes });
  }
  return names;
}

function sizesOf(data: Attribute): [allocatedBytes: number, sizeBytes: number] {
  if (data.bytes[8] === 0) return [0, 0];
  return [Number(data.bytes.readBigUInt64LE(40)), Number(data.bytes.readBigUInt64LE(48))];
}

/** An empty $LogFile is all ones. */
function* chunksOfOnes(sizeBytes: number): Generator<Uint8Array> {
  const piece = Buffer.alloc(0x10000, 0xff);
  for (let left = sizeBytes; left > 0; left -= piece.length) yield piece.subarray(0, Math.min(left, piece.length));
}

/** Bytes of $LogFile for a volume, close to what the drivers choose. */
export function logFileBytesFor(volumeBytes: number): number {
  if (volumeBytes < 12 << 20) return 256 << 10;
  return volumeBytes < 200 << 20 ? 2 << 20 : 4 << 20;
}

/** The runs of the system files, with $MFT in the given number of pieces. */
export function takeSystemRuns(
  allocator: VolumeContext['allocator'],
  sizes: { clusterSizeBytes: number; volumeBytes: number; mirrorBytes: number; mftBytes: number; mftPieces: number },
): SystemRuns & { mftRuns: Run[] } {
  const clusters = (bytes: number): number => clustersFor(sizes, bytes);
  const boot = allocator.take(clusters(BOOT_FILE_BYTES));
  const mirror = allocator.take(clusters(sizes.mirrorBytes));
  const logFileBytes = logFileBytesFor(sizes.volumeBytes);
  const logFile = allocator.take(clusters(logFileBytes));
  const bitmap = allocator.take(clusters(allocator.bitmap.length));
  const mftBitmap = allocator.take(clusters(sizes.mftBytes / RECORD_BYTES / 8));
  return { boot, mirror, logFile, bitmap, mftBitmap, logFileBytes, mftRuns: takeMft(allocator, clusters(sizes.mftBytes), sizes.mftPieces) };
}

/** Pieces of $MFT in rising order, so that the boot sector points to the first record. */
function takeMft(allocator: VolumeContext['allocator'], clusters: number, pieces: number): Run[] {
  const runs = [...allocator.takePieces(clusters, pieces)].sort((a, b) => (a.lcn ?? 0) - (b.lcn ?? 0));
  if (countClusters(runs) !== clusters) throw new RangeError('$MFT runs do not sum up');
  return runs;
}
