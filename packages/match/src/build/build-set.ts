import { closeSync, existsSync, openSync, readSync, renameSync, rmSync } from 'node:fs';
import { userInfo } from 'node:os';
import { basename, dirname, resolve } from 'node:path';
import { RefusedError, syncFolder } from '@kerbside/bytes';
import { parseCategoryMap, readCategoryMap, requireTwoPeople, type CategoryMap } from '../category-map.ts';
import { MAGIC, type CategoryEntry, type SetHeader, type SetSource } from '../compiled/layout.ts';
import { factsOf } from '../compiled/set-facts.ts';
import type { FormatOptions } from '../formats/set-format.ts';
import type { SetFacts, SetMeaning } from '../known-set.ts';
import { NearCollector, type PdqOptions } from '../near/near-collector.ts';
import type { NearFacts } from '../near/near-layout.ts';
import { DOUBTFUL_SHARE, type ImportTotals } from './import-totals.ts';
import { ChunkPool } from './chunk-pool.ts';
import { explainWriteFailure, removeStalePartials } from './finish-file.ts';
import { importFolders, type FolderImport, type FolderTotals } from './import-folder.ts';
import { importLists } from './import-lists.ts';
import { RowCollector } from './row-collector.ts';
import { SpillBuckets } from './spill-buckets.ts';
import { writeSetFile } from './write-set-file.ts';

/** What to build. */
export interface BuildSetOptions {
  /** The compiled file; replaced only if it is a compiled set already. */
  readonly out: string;
  /** List files, in any number and mixture of formats. */
  readonly inputs: readonly string[];
  /** What a hit means; a person's answer, never inferred from the lists. */
  readonly meaning: SetMeaning;
  /** Name shown in reports; the first list's file name when absent. */
  readonly name?: string;
  /** Path of a category map file, or a map already read. Without one every row is `unmapped`. */
  readonly categoryMap?: string | CategoryMap;
  readonly formatOptions?: FormatOptions;
  /** Folders of pictures and videos that go into the set beside the lists. */
  readonly fromFolders?: FolderImport;
  /** What is to be known of the lists' PDQ hashes. */
  readonly pdq?: PdqOptions;
  /** Who builds it; the login name when absent. */
  readonly importedBy?: string;
  /** Time of building; the clock when absent. Same lists, same time: same file, byte for byte. */
  readonly createdAt?: Date;
  /** Called between steps with the share done from 0 to 1; may throw to stop the build. */
  readonly onProgress?: (step: 'read' | 'write', share: number) => void;
}

/** What came out. */
export interface BuildResult {
  readonly path: string;
  readonly facts: SetFacts;
  readonly totals: ImportTotals;
  readonly categories: readonly CategoryEntry[];
  readonly sources: readonly SetSource[];
  /** What became of the files of folders; null without any. */
  readonly folders: FolderTotals | null;
  /** Hashes for near-matches; null when the set has none. */
  readonly near: NearFacts | null;
  /** Sentences the person has to see, e.g. that many rows were broken. */
  readonly warnings: readonly string[];
}

/** Digest kinds (4) times first bytes (256). */
const ROW_BUCKETS = 1024;

const MEANINGS: readonly SetMeaning[] = ['alert', 'ignorable', 'reference'];

/**
 * Compiles lists of known files to one set file. Memory does not grow with the lists: rows go
 * through a temporary file beside `out`, which needs about the size of the result again.
 * Nothing is left under the name `out` unless it is whole.
 *
 * @throws RefusedError for wrong use (`set-meaning-unknown`, `set-out-not-a-set`, `set-no-rows`, `category-map-*`,
 *   `list-*`), or no space (`set-no-space`) or a write failure (`set-not-writable`)
 */
export async function buildSet(options: BuildSetOptions): Promise<BuildResult> {
  checkOptions(options);
  const importedBy = options.importedBy ?? loginName();
  const map =
    typeof options.categoryMap === 'string' ? readCategoryMap(options.categoryMap) : (options.categoryMap ?? null);
  if (map !== null) requireTwoPeople(map, options.meaning, importedBy);

  const out = resolve(options.out);
  removeStalePartials(out);
  const partial = `${out}.partial-${process.pid}`;
  let spill: SpillBuckets | null = null;
  let near: NearCollector | null = null;
  try {
    const pool = new ChunkPool();
    spill = new SpillBuckets(`${partial}-rows`, ROW_BUCKETS, pool);
    near = new NearCollector(`${partial}-near`, pool, options.pdq ?? {});
    const collector = new RowCollector(spill, options.meaning, near);
    const progress = options.onProgress ?? (() => {});
    const lists = await importLists(options.inputs, collector, options.formatOptions ?? {}, (share) => progress('read', share));
    const folders = options.fromFolders === undefined ? null : await importFolders(options.fromFolders, collector);
    if (collector.rowsTaken === 0 && near.kept === 0) throw noRows(inputsOf(options), collector);
    const header = await writeSetFile({
      partial,
      spill,
      pool,
      collector,
      near,
      map,
      header: {
        name: options.name ?? basename(resolve(inputsOf(options)[0]!)),
        meaning: options.meaning,
        createdAt: (options.createdAt ?? new Date()).toISOString(),
        importedBy,
        sources: [...lists.sources, ...(folders?.sources ?? [])],
      },
      warnings: [...lists.warnings, ...warningsOf(collector), ...nearWarnings(near), ...folderWarnings(folders?.totals ?? null)],
      onProgress: (share) => progress('write', share),
    });
    renameSync(partial, out);
    syncFolder(dirname(out));
    return resultOf(out, header, folders?.totals ?? null);
  } catch (error) {
    throw explainWriteFailure(error, out, 'three');
  } finally {
    spill?.close();
    near?.close();
    rmSync(partial, { force: true });
  }
}

function resultOf(path: string, header: SetHeader, folders: FolderTotals | null): BuildResult {
  const { totals, sources, warnings } = header;
  const categories = header.categories.filter(({ rows }) => rows > 0);
  return { path, facts: factsOf(header, path), totals, categories, sources, folders, near: header.near ?? null, warnings };
}

function checkOptions(options: BuildSetOptions): void {
  if (!MEANINGS.includes(options.meaning)) {
    throw new RefusedError('set-meaning-unknown', `a set means one of ${MEANINGS.join(', ')}: say which with --meaning`);
  }
  if (inputsOf(options).length === 0) throw new RefusedError('set-no-lists', 'no list was named: name one or more with --from, or a folder with --from-folder');
  const out = resolve(options.out);
  if (options.inputs.some((input) => resolve(input) === out)) {
    throw new RefusedError('set-out-is-a-list', `${options.out} is one of the lists: the set needs a name of its own`);
  }
  if (!existsSync(dirname(out))) {
    throw new RefusedError('set-not-writable', `the folder of ${options.out} does not exist: make it first`);
  }
  if (existsSync(out) && !isCompiledSet(out)) {
    throw new RefusedError('set-out-not-a-set', `${options.out} exists and is not a compiled set: choose another name`);
  }
  if (options.categoryMap !== undefined && typeof options.categoryMap !== 'string') {
    const { entries, ...rest } = options.categoryMap;
    parseCategoryMap({ ...rest, entries: Object.fromEntries(entries) });
  }
}

function isCompiledSet(path: string): boolean {
  try {
    const fd = openSync(path, 'r');
    const start = Buffer.alloc(MAGIC.length);
    readSync(fd, start, 0, start.length, 0);
    closeSync(fd);
    return start.equals(MAGIC);
  } catch {
    return false;
  }
}

function warningsOf(collector: RowCollector): string[] {
  const warnings: string[] = [];
  const read = collector.rowsTaken + collector.rowsRejected + collector.rowsNearOnly;
  if (collector.rowsRejected > read * DOUBTFUL_SHARE) {
    const share = ((collector.rowsRejected / read) * 100).toPrecision(2);
    warnings.push(
      `${collector.rowsRejected} of ${read} rows (${share} %) could not be taken: the list may be damaged, cut off or read as the wrong format; check the rejected rows before relying on this set`,
    );
  }
  if (collector.codes.length > 257) {
    warnings.push(`${collector.codes.length - 1} different category codes were found: the category column is probably not one`);
  }
  return warnings;
}

/** Lists and folders that the set is made of. */
function inputsOf({ inputs, fromFolders }: BuildSetOptions): readonly string[] {
  return [...inputs, ...(fromFolders?.folders ?? [])];
}

function folderWarnings(totals: FolderTotals | null): string[] {
  const warnings: string[] = [];
  if ((totals?.notHashed.length ?? 0) > 0) warnings.push(`${totals!.notHashed.length} files could not be decoded: the set knows them by their digests alone, and no altered copy of them`);
  if ((totals?.unreadable.length ?? 0) > 0) warnings.push(`${totals!.unreadable.length} files or folders could not be read and are not in the set`);
  return warnings;
}

function nearWarnings(near: NearCollector): string[] {
  const warnings: string[] = [];
  if (near.unbalanced > near.kept * DOUBTFUL_SHARE) {
    warnings.push(
      `${near.unbalanced} of ${near.kept} PDQ hashes do not have half of their bits set, as hashes of pictures do: the list may hold another kind of hash or print them in another way`,
    );
  }
  if (near.refusedCount > near.read * DOUBTFUL_SHARE) warnings.push(`${near.refusedCount} of ${near.read} PDQ hashes could not be taken: check the list`);
  return warnings;
}

function noRows(inputs: readonly string[], collector: RowCollector): RefusedError {
  const reasons = Object.entries(collector.rejected.result()).map(([reason, { count }]) => `${count} ${reason}`);
  return new RefusedError(
    'set-no-rows',
    `no usable row was found in ${inputs.join(', ')}${reasons.length === 0 ? '' : ` (rejected: ${reasons.join(', ')})`}: check that it is the right file and format`,
  );
}

function loginName(): string {
  try {
    return userInfo().username;
  } catch {
    return 'unknown';
  }
}
