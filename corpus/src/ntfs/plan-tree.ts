import { contentSizeBytes } from '../corpus-file.ts';
import type { NtfsFile } from './ntfs-file.ts';

/** A folder of the volume to be; the root has the path ''. */
export interface PlannedFolder {
  readonly path: string;
  readonly name: string;
  readonly parentPath: string;
  readonly deleted: boolean;
}

/** The tree with its folders found, and how many records it can need at most. */
export interface PlannedTree {
  readonly files: readonly NtfsFile[];
  readonly folders: ReadonlyMap<string, PlannedFolder>;
  readonly mostRecords: number;
}

/** Splits a path into the folder's path and the last name. */
export function splitPath(path: string): { parentPath: string; name: string } {
  const slash = path.lastIndexOf('/');
  return { parentPath: slash < 0 ? '' : path.slice(0, slash), name: path.slice(slash + 1) };
}

/** Finds the folders on the way to every file and bounds the number of records. */
export function planTree(tree: Iterable<NtfsFile>, emptyFolders: readonly string[], deletedFolders: readonly string[], clusterSizeBytes: number): PlannedTree {
  const files = [...tree];
  const folders = new Map<string, PlannedFolder>();
  const deletedRoots = deletedFolders.map((path) => `${path}/`);
  const addFolder = (path: string): void => {
    if (path === '' || folders.has(path)) return;
    const { parentPath, name } = splitPath(path);
    addFolder(parentPath);
    folders.set(path, { path, name, parentPath, deleted: deletedRoots.some((root) => `${path}/`.startsWith(root)) });
  };
  for (const path of [...emptyFolders, ...deletedFolders]) addFolder(path);
  let mostRecords = 0;
  for (const file of files) {
    for (const path of [file.path, ...(file.hardLinks ?? [])]) addFolder(splitPath(path).parentPath);
    if (folders.get(splitPath(file.path).parentPath)?.deleted === true && file.deleted !== true) {
      throw new RangeError(`${file.path}: a file that is not deleted in a deleted folder`);
    }
    mostRecords += mostRecordsOf(file, clusterSizeBytes);
  }
  return { files, folders, mostRecords: mostRecords + folders.size };
}

/** Runs a file's streams can have at most, and from that its records. Only unusual files get more than one. */
function mostRecordsOf(file: NtfsFile, clusterSizeBytes: number): number {
  const units = file.compressed === true ? Math.ceil(contentSizeBytes(file.content) / (16 * clusterSizeBytes)) : 0;
  const runs = (file.fragments ?? 1) * ((file.holes?.length ?? 0) + 1) + (file.holes?.length ?? 0) + 2 * units;
  const names = 1 + (file.hardLinks?.length ?? 0) + (file.shortName === undefined ? 0 : 1);
  const streams = (file.streams?.length ?? 0) + (file.wof === true ? 1 : 0);
  if (file.attributeList !== true && runs <= 32 && names === 1 && streams === 0 && file.efs !== true) return 1;
  return 4 + Math.ceil(runs / runsPerPart(file, runs)) + names + streams;
}

/** Runs each part of the unnamed stream may hold. */
export function runsPerPart(file: NtfsFile, runs: number): number {
  // 60 runs of at most 9 bytes surely fit a record; a forced list cuts even few runs in about three.
  return file.attributeList === true ? Math.max(1, Math.min(60, Math.ceil(runs / 3))) : 60;
}
