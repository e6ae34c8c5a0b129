import { renameSync, rmSync, statSync } from 'node:fs';
import { dirname, resolve, sep } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { RefusedError, syncFolder } from '@kerbside/bytes';
import type { FormatOptions } from '../formats/set-format.ts';
import { explainWriteFailure, removeStalePartials } from '../build/finish-file.ts';
import { ChunkPool } from '../build/chunk-pool.ts';
import { SpillBuckets } from '../build/spill-buckets.ts';
import { type BlockSetFacts } from './block-set.ts';
import { checkBuildOptions, datesOf, type BlockSetSigner } from './build-options.ts';
import { CODE_BUCKET_BITS, CodeCollector } from './code-collector.ts';
import { FileReader, type SparseRule } from './file-codes.ts';
import { readHeaderOf } from './block-set-file.ts';
import { codeKeyIdOf, signerIdOf } from './key-ids.ts';
import { BLOCK_SET_VERSION } from './layout.ts';
import { collectLists, type ListTotals } from './list-codes.ts';
import { mergeCodes, type MergedCodes } from './merge-codes.ts';
import { placeAnchors } from './place-anchors.ts';
import { walkFolder, type FolderProblem } from './walk-folder.ts';
import { writeBlockSet } from './write-block-set.ts';

/** Longer files are indexed sparsely: 8,192 blocks. */
export const DEFAULT_SPARSE_ABOVE_BYTES = 32 * 1024 * 1024;

/**
 * One block in eight of a long file: a chunk of 64 KiB, the smallest that a survey reads, then still
 * holds two indexed blocks.
 */
export const DEFAULT_SPARSE_STEP = 8;

/** How a set is made, whatever from. */
export interface BlockSetOptions {
  /** The set file; replaced only if it is a block set already. */
  readonly out: string;
  readonly signer: BlockSetSigner;
  readonly name: string;
  /** `A`, `B`, `C` …, as the owner states it for the whole set; `unstated` when absent. */
  readonly category?: string;
  /** The owner's number for this edition; 1 when absent. */
  readonly edition?: number;
  /** Time of making; the clock when absent. Same input, key and time: same file, byte for byte. */
  readonly createdAt?: Date;
  /** One year after `createdAt` when absent. */
  readonly expiresAt?: Date;
  /** Files above this many bytes are indexed one block in eight; 32 MiB when absent, Infinity for none. */
  readonly sparseAboveBytes?: number;
  /** Called between steps with the share done from 0 to 1; may throw to stop the build. */
  readonly onProgress?: (step: 'read' | 'sort' | 'write', share: number) => void;
}

/** What to make a set from. */
export interface BuildBlockSetOptions extends BlockSetOptions {
  /** Folders, taken with all folders in them, and hash lists, of which whole-file codes alone are made. */
  readonly from: readonly string[];
  /** Folders of benign files whose blocks are left out. */
  readonly allow?: readonly string[];
  readonly formatOptions?: FormatOptions;
}

/** What came out. Of the files of folders each is taken, a double, empty, or in `problems`. */
export interface BlockSetResult {
  readonly path: string;
  readonly facts: BlockSetFacts;
  readonly sizeBytes: number;
  /** Files of folders with a content that no earlier one had. */
  readonly filesTaken: number;
  readonly doubles: number;
  readonly emptyFiles: number;
  /** Files and folders that could not be read: their material is not in the set. */
  readonly problems: readonly FolderProblem[];
  readonly lists: ListTotals | null;
}

/**
 * Makes a block set from folders and hash lists. Files are read once, in pieces; memory grows by about
 * 130 bytes a file and 0.25 bytes a block, the rest goes through temporary files beside `out` (24 bytes
 * a block). Nothing is left under the name `out` unless it is whole.
 *
 * @throws RefusedError for wrong use (`block-set-*`, `list-*`), no space (`set-no-space`) or a write failure (`set-not-writable`)
 */
export async function buildBlockSet(options: BuildBlockSetOptions): Promise<BlockSetResult> {
  const { folders, lists } = splitSources(options.from);
  for (const folder of options.allow ?? []) requireFolder(folder);
  for (const folder of folders) {
    if (resolve(options.out).startsWith(resolve(folder) + sep)) {
      throw new RefusedError('block-set-out-in-source', `${options.out} lies inside ${folder}, from which the set is made: choose another folder for it`);
    }
  }
  const sparse: SparseRule = { aboveBytes: sparseBound(options), step: DEFAULT_SPARSE_STEP };
  const problems: FolderProblem[] = [];
  const told = { filesTaken: 0, doubles: 0, emptyFiles: 0 };
  let listTotals: ListTotals | null = null;
  const built = await buildFromCodes(options, async (collector, temporary) => {
    const reader = new FileReader(options.signer.codeKey);
    for (const folder of folders) {
      await eachFile(folder, problems, (path) => {
        const became = reader.collect(path, collector, sparse);
        if (became === 'taken') told.filesTaken++;
        else if (became === 'double') told.doubles++;
        else told.emptyFiles++;
      });
    }
    for (const folder of options.allow ?? []) await eachFile(folder, problems, (path) => reader.allow(path, collector));
    if (lists.length > 0) listTotals = await collectLists(lists, options.signer.codeKey, collector, `${temporary}-rows`, options.formatOptions ?? {});
    if (collector.files.length === 0) throw nothingToTake(options.from, problems);
  });
  return { ...built, ...told, problems, lists: listTotals };
}

/**
 * Makes a block set from codes that the caller has: the part of {@link buildBlockSet} behind the
 * reading of files. `feed` fills the collector.
 *
 * @throws RefusedError as {@link buildBlockSet}
 */
export async function buildFromCodes(
  options: BlockSetOptions,
  feed: (collector: CodeCollector, temporary: string) => void | Promise<void>,
): Promise<{ readonly path: string; readonly facts: BlockSetFacts; readonly sizeBytes: number }> {
  checkBuildOptions(options);
  const dates = datesOf(options);
  const { signer } = options;
  const progress = options.onProgress ?? (() => {});
  const out = resolve(options.out);
  removeStalePartials(out);
  const partial = `${out}.partial-${process.pid}`;
  let spill: SpillBuckets | null = null;
  let codes: MergedCodes | null = null;
  try {
    spill = new SpillBuckets(`${partial}-codes`, 2 ** CODE_BUCKET_BITS, new ChunkPool());
    const collector = new CodeCollector(spill);
    await feed(collector, partial);
    progress('read', 1);
    const blockFiles = collector.blockFiles();
    const leftOut = { ...collector.leftOut };
    codes = await mergeCodes(spill, `${partial}-sorted`, blockFiles, leftOut, (share) => progress('sort', share));
    const files = collector.files.sorted();
    const counted = placeAnchors(codes.marks, blockFiles, files, (file) => collector.isSparse(file));
    const { seen } = collector;
    const sparseAbove = sparseBound(options);
    await writeBlockSet({
      partial,
      codes,
      files,
      blockFiles,
      counted,
      privateKey: signer.privateKey,
      onProgress: (share) => progress('write', share),
      facts: {
        name: options.name,
        owner: signer.owner,
        formatVersion: BLOCK_SET_VERSION,
        edition: options.edition ?? 1,
        createdAt: dates.createdAt.toISOString(),
        expiresAt: dates.expiresAt.toISOString(),
        codeKeyId: codeKeyIdOf(signer.codeKey),
        signerId: signerIdOf(signer.publicKey),
        category: options.category ?? 'unstated',
        files: files.count,
        blocks: counted.indexed.dense + counted.indexed.sparse,
        blocksSeen: seen.dense + seen.sparse,
        blocksLeftOut: leftOut,
        indexedShare: share(counted.indexed.dense, seen.dense),
        sparseAboveBytes: Number.isFinite(sparseAbove) ? sparseAbove : Number.MAX_SAFE_INTEGER,
        sparseStep: Number.isFinite(sparseAbove) ? DEFAULT_SPARSE_STEP : 1,
        sparseIndexedShare: share(counted.indexed.sparse, seen.sparse),
      },
    });
    renameSync(partial, out);
    syncFolder(dirname(out));
    return { path: out, facts: readHeaderOf(out).facts, sizeBytes: statSync(out).size };
  } catch (error) {
    throw explainWriteFailure(error, out, 'five');
  } finally {
    codes?.close();
    spill?.close();
    rmSync(partial, { force: true });
  }
}

async function eachFile(folder: string, problems: FolderProblem[], use: (path: Buffer) => void): Promise<void> {
  let count = 0;
  for (const path of walkFolder(folder, (problem) => problems.push(problem))) {
    try {
      use(path);
    } catch (error) {
      // A full disk beside the set is no fault of the file that was read.
      if (error instanceof RefusedError || (error as NodeJS.ErrnoException).syscall === 'write') throw error;
      problems.push({ path: path.toString(), reason: (error as Error).message });
    }
    if (++count % 64 === 0) await nextTurn();
  }
}

function splitSources(from: readonly string[]): { folders: string[]; lists: string[] } {
  if (from.length === 0) throw new RefusedError('block-set-nothing', 'nothing was named to make the set from: name folders or lists with --from');
  const folders = from.filter(isFolder);
  return { folders, lists: from.filter((path) => !folders.includes(path)) };
}

function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;
}

function requireFolder(path: string): void {
  if (!isFolder(path)) throw new RefusedError('block-set-allow-not-a-folder', `${path} is not a folder: --allow takes folders of benign files`);
}

function sparseBound(options: BlockSetOptions): number {
  return options.sparseAboveBytes ?? DEFAULT_SPARSE_ABOVE_BYTES;
}

function share(part: number, whole: number): number {
  return whole === 0 ? 0 : part / whole;
}

function nothingToTake(from: readonly string[], problems: readonly FolderProblem[]): RefusedError {
  const reason = problems.length === 0 ? '' : ` (${problems.length} could not be read, the first ${problems[0]!.path}: ${problems[0]!.reason})`;
  return new RefusedError('block-set-nothing', `no file with content and no row with a digest was found in ${from.join(', ')}${reason}: check that it is the right folder or list`);
}
