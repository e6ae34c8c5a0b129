import { contentChunks, contentSizeBytes } from '../corpus-file.ts';
import type { ClusterLayout, Run } from './cluster-layout.ts';
import { buildEntrySet } from './entry-set.ts';
import type { ExfatFile } from './exfat-file.ts';
import type { FolderPlan } from './plan-tree.ts';

/** 2021-06-01, the time of folders and of files without their own. */
const DEFAULT_TIME_SECONDS = 1_622_505_600;

/** Where a file or folder came to stand: its clusters, and its entry set in bytes of the volume. */
export interface EntryPlace {
  readonly runs: readonly Run[];
  readonly entryOffset: number;
  readonly entryBytes: number;
}

/** What writing folders needs of the volume. */
export interface FolderContext {
  readonly layout: ClusterLayout;
  readonly clusterSizeBytes: number;
  readonly offsetOf: (cluster: number) => number;
  readonly writeRuns: (runs: readonly Run[], chunks: Iterable<Uint8Array>) => void;
  readonly folderRuns: Map<FolderPlan, readonly Run[]>;
  /** Above 1, folders have FAT chains. */
  readonly folderPieces: number;
  readonly places: Map<string, EntryPlace>;
}

/** Takes clusters for every folder below one, so that folders stand before the files. */
export function takeFolders(context: FolderContext, folder: FolderPlan): void {
  for (const below of folder.folders) {
    const clusters = Math.max(1, Math.ceil(below.entryBytes / context.clusterSizeBytes));
    const runs = context.layout.take(clusters, context.folderPieces);
    if (context.folderPieces > 1) context.layout.chain(runs);
    context.folderRuns.set(below, runs);
    takeFolders(context, below);
  }
}

/**
 * Writes a folder's entries and all that is below it; what is deleted gives its clusters back.
 *
 * @param path with a slash at its end; empty for the root
 * @param own entries that stand first: the root's
 */
export function writeFolder(context: FolderContext, folder: FolderPlan, path: string, own: readonly Buffer[]): void {
  const runs = context.folderRuns.get(folder)!;
  const entries = [...own];
  let at = own.reduce((sum, entry) => sum + entry.length, 0);
  const add = (name: string, set: Buffer, contentRuns: readonly Run[]): void => {
    context.places.set(path + name, { runs: contentRuns, entryOffset: placeIn(context, runs, at), entryBytes: set.length });
    entries.push(set);
    at += set.length;
  };
  for (const below of folder.folders) {
    add(below.name, folderSet(context, below), context.folderRuns.get(below)!);
    writeFolder(context, below, `${path}${below.name}/`, []);
    if (below.deleted) context.layout.release(context.folderRuns.get(below)!);
  }
  for (const { name, file } of folder.files) {
    const written = writeFile(context, name, file, file.deleted === true || folder.deleted);
    add(name, written.set, written.runs);
  }
  context.writeRuns(runs, entries);
}

function folderSet(context: FolderContext, folder: FolderPlan): Buffer {
  const runs = context.folderRuns.get(folder)!;
  const sizeBytes = runs.reduce((sum, run) => sum + run.count, 0) * context.clusterSizeBytes;
  return buildEntrySet({
    name: folder.name,
    isDirectory: true,
    deleted: folder.deleted,
    firstCluster: runs[0]!.first,
    noFatChain: context.folderPieces === 1,
    sizeBytes,
    validBytes: sizeBytes,
    timeSeconds: DEFAULT_TIME_SECONDS,
  });
}

function writeFile(context: FolderContext, name: string, file: ExfatFile, deleted: boolean) {
  const { layout } = context;
  const sizeBytes = contentSizeBytes(file.content);
  const runs = layout.take(Math.ceil(sizeBytes / context.clusterSizeBytes), file.fragments ?? 1);
  const chained = runs.length > 1 || file.chained === true;
  if (chained) layout.chain(runs);
  context.writeRuns(runs, contentChunks(file.content));
  if (deleted) layout.release(runs);
  const set = buildEntrySet({
    name,
    isDirectory: false,
    deleted,
    firstCluster: runs[0]?.first ?? 0,
    noFatChain: runs.length > 0 && !chained,
    sizeBytes,
    validBytes: file.validBytes ?? sizeBytes,
    timeSeconds: file.modifiedAtSeconds ?? DEFAULT_TIME_SECONDS,
  });
  return { set, runs };
}

/** Where byte `at` of a folder lies on the volume. */
function placeIn({ clusterSizeBytes, offsetOf }: FolderContext, runs: readonly Run[], at: number): number {
  let left = at;
  for (const run of runs) {
    if (left < run.count * clusterSizeBytes) return offsetOf(run.first) + left;
    left -= run.count * clusterSizeBytes;
  }
  throw new RangeError('a folder is longer than its clusters');
}
