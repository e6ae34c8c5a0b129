import { makeRandom } from '../random.ts';
import { BOOT_FILE_BYTES, buildBootSector, SECTOR_BYTES } from './boot-sector.ts';
import { makeClusterAllocator } from './cluster-allocator.ts';
import { FILE_FLAG, fileNameValue, NAMESPACE, namespaceOf } from './file-name.ts';
import { buildRecord, RECORD_BYTES, type RecordReference } from './file-record.ts';
import type { NtfsFile } from './ntfs-file.ts';
import { planTree } from './plan-tree.ts';
import type { Run } from './run-list.ts';
import { EXTEND_RECORD, ROOT_RECORD, systemReference, takeSystemRuns, writeSystemFiles } from './system-files.ts';
import { takeRecord, writeRecord, writeToRuns, type VolumeContext, type VolumeSink } from './volume-context.ts';
import { writeFile, type DirectoryName } from './write-file.ts';
import { writeFolder } from './write-folder.ts';

/** The first record for users' files; the ones before are the system's or kept free. */
export const FIRST_USER_RECORD = 64;

/** 2021-06-01, the time of system files and of files without their own. */
const DEFAULT_TIME_SECONDS = 1_622_505_600;

export interface NtfsVolumeOptions {
  /** Whole volume, a multiple of 512; the last sector holds the copy of the boot sector. */
  readonly sizeBytes: number;
  /** 512 to 65,536, a power of two; 4,096 when absent. */
  readonly clusterSizeBytes?: number;
  readonly label: string;
  readonly seed: number;
  readonly tree: Iterable<NtfsFile>;
  readonly sink: VolumeSink;
  /** Folders that hold no file. */
  readonly emptyFolders?: readonly string[];
  /** Folders to be deleted with all below them; every file there must be deleted as well. */
  readonly deletedFolders?: readonly string[];
  /** Separate runs of $MFT itself; 1 when absent. */
  readonly mftFragments?: number;
  /** Sectors before the volume on its disk, as the boot sector states them; 0 when absent. */
  readonly hiddenSectors?: number;
}

/** What was written, for tests that edit or check it. */
export interface NtfsVolume {
  readonly mftRuns: readonly Run[];
  readonly mftRecords: number;
  readonly usedClusters: number;
  readonly totalClusters: number;
  /** Record number of each file and folder by path; deleted ones included. */
  readonly records: ReadonlyMap<string, number>;
}

/**
 * Writes an NTFS 3.1 volume. The same options give the same bytes.
 * Throws a RangeError when the tree does not fit.
 */
export function writeNtfsVolume(options: NtfsVolumeOptions): NtfsVolume {
  const clusterSizeBytes = options.clusterSizeBytes ?? 4096;
  const plan = planTree(options.tree, options.emptyFolders ?? [], options.deletedFolders ?? [], clusterSizeBytes);
  const volumeSectors = options.sizeBytes / SECTOR_BYTES;
  const totalClusters = Math.floor((volumeSectors - 1) / (clusterSizeBytes / SECTOR_BYTES));
  const random = makeRandom(options.seed);
  const allocator = makeClusterAllocator(totalClusters, random);
  const mirrorRecords = Math.max(4, clusterSizeBytes / RECORD_BYTES);
  const recordStep = Math.max(64, clusterSizeBytes / RECORD_BYTES);
  const mftRecords = Math.ceil((FIRST_USER_RECORD + plan.mostRecords) / recordStep) * recordStep;
  const system = takeSystemRuns(allocator, {
    clusterSizeBytes,
    volumeBytes: options.sizeBytes,
    mirrorBytes: mirrorRecords * RECORD_BYTES,
    mftBytes: mftRecords * RECORD_BYTES,
    mftPieces: options.mftFragments ?? 1,
  });
  const context: VolumeContext = {
    clusterSizeBytes,
    sink: options.sink,
    random,
    allocator,
    mftRuns: system.mftRuns,
    mftRecords,
    mirrorRecords,
    mirrorLcn: system.mirror.lcn ?? 0,
    mftBitmap: Buffer.alloc(mftRecords / 8),
    nextRecord: FIRST_USER_RECORD,
  };
  const bootSector = buildBootSector({
    clusterSizeBytes,
    volumeSectors,
    hiddenSectors: options.hiddenSectors ?? 0,
    mftLcn: system.mftRuns[0]?.lcn ?? 0,
    mirrorLcn: context.mirrorLcn,
    serial: (BigInt(random.below(0x1_0000_0000)) << 32n) | BigInt(random.below(0x1_0000_0000)),
  });
  options.sink.write(Buffer.concat([bootSector, Buffer.alloc(BOOT_FILE_BYTES - SECTOR_BYTES)]), 0);
  options.sink.write(bootSector, options.sizeBytes - SECTOR_BYTES);

  const systemNames = writeSystemFiles(context, system, options.label, DEFAULT_TIME_SECONDS, totalClusters);
  const records = writeTree(context, plan, systemNames);
  writeFreeRecords(context);
  writeToRuns(context, [system.mftBitmap], [context.mftBitmap]);
  writeToRuns(context, [system.bitmap], [allocator.bitmap]);
  return { mftRuns: system.mftRuns, mftRecords, usedClusters: allocator.usedClusters(), totalClusters, records };
}

/** Writes the files, then the folders with their indexes. Returns the record of each path. */
function writeTree(context: VolumeContext, plan: ReturnType<typeof planTree>, systemNames: readonly DirectoryName[]): Map<string, number> {
  const records = new Map<string, number>();
  const folderReferences = new Map<string, RecordReference>([['', systemReference(ROOT_RECORD)]]);
  for (const path of plan.folders.keys()) {
    const reference = takeRecord(context);
    folderReferences.set(path, reference);
    records.set(path, reference.record);
  }
  const folderReference = (path: string): RecordReference => {
    const reference = folderReferences.get(path);
    if (reference === undefined) throw new RangeError(`no folder ${path}`);
    return reference;
  };

  const namesByFolder = new Map<string, DirectoryName[]>([['', [...systemNames]]]);
  const addName = (name: DirectoryName): void => {
    const list = namesByFolder.get(name.folderPath);
    if (list === undefined) namesByFolder.set(name.folderPath, [name]);
    else list.push(name);
  };
  for (const file of plan.files) {
    const { reference, names } = writeFile(context, file, folderReference, file.modifiedAtSeconds ?? DEFAULT_TIME_SECONDS);
    records.set(file.path, reference.record);
    for (const name of names) addName(name);
  }

  const folderKey = (parent: RecordReference, name: string, fileFlags = 0): Buffer =>
    fileNameValue({
      parent,
      name,
      namespace: fileFlags === 0 ? namespaceOf(name) : NAMESPACE.both,
      timeSeconds: DEFAULT_TIME_SECONDS,
      allocatedBytes: 0,
      sizeBytes: 0,
      fileFlags: FILE_FLAG.directory | fileFlags,
    });
  const keys = new Map<string, Buffer>();
  for (const folder of plan.folders.values()) {
    const reference = folderReference(folder.path);
    const key = folderKey(folderReference(folder.parentPath), folder.name);
    keys.set(folder.path, key);
    if (!folder.deleted) addName({ folderPath: folder.parentPath, name: folder.name, reference, key });
  }
  const systemFlags = FILE_FLAG.hidden | FILE_FLAG.system;
  const rootReference = systemReference(ROOT_RECORD);
  const extendKey = folderKey(rootReference, '$Extend', systemFlags);
  const rootKey = folderKey(rootReference, '.', systemFlags);
  addName({ folderPath: '', name: '$Extend', reference: systemReference(EXTEND_RECORD), key: extendKey });
  addName({ folderPath: '', name: '.', reference: rootReference, key: rootKey });

  const common = { deleted: false, timeSeconds: DEFAULT_TIME_SECONDS };
  for (const folder of plan.folders.values()) {
    const live = folderReference(folder.path);
    const self = folder.deleted ? { record: live.record, sequence: live.sequence + 1 } : live;
    writeFolder(context, { ...common, self, deleted: folder.deleted, ownName: keys.get(folder.path)!, names: namesByFolder.get(folder.path) ?? [] });
  }
  writeFolder(context, { ...common, self: systemReference(EXTEND_RECORD), ownName: extendKey, names: [], fileFlags: systemFlags });
  writeFolder(context, { ...common, self: rootReference, ownName: rootKey, names: namesByFolder.get('')!, fileFlags: systemFlags });
  return records;
}

/** Formats the records nobody uses, as the drivers do when $MFT grows. */
function writeFreeRecords(context: VolumeContext): void {
  const isFree = (record: number): boolean => (record >= 16 && record < FIRST_USER_RECORD) || record >= context.nextRecord;
  for (let record = 16; record < context.mftRecords; record++) {
    if (!isFree(record)) continue;
    writeRecord(context, record, buildRecord({ self: { record, sequence: Math.max(1, record & 0xf) }, flags: 0, linkCount: 0, attributes: [] }), false);
  }
}
