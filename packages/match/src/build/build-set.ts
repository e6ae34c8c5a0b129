import { closeSync, existsSync, fsyncSync, openSync, readSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { userInfo } from 'node:os';
import { basename, dirname, join, resolve } from 'node:path';
import { KerbsideError, RefusedError } from '@kerbside/bytes';
import { parseCategoryMap, readCategoryMap, requireTwoPeople, type CategoryMap } from '../category-map.ts';
import { MAGIC, type CategoryEntry, type SetHeader, type SetSource } from '../compiled/layout.ts';
import { factsOf } from '../compiled/set-facts.ts';
import type { FormatOptions } from '../formats/set-format.ts';
import type { SetFacts, SetMeaning } from '../known-set.ts';
import { DOUBTFUL_SHARE, type ImportTotals } from './import-totals.ts';
import { ChunkPool } from './chunk-pool.ts';
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
  try {
    const pool = new ChunkPool();
    spill = new SpillBuckets(`${partial}-rows`, ROW_BUCKETS, pool);
    const collector = new RowCollector(spill, options.meaning);
    const progress = options.onProgress ?? (() => {});
    const lists = await importLists(options.inputs, collector, options.formatOptions ?? {}, (share) => progress('read', share));
    if (collector.rowsTaken === 0) throw noRows(options.inputs, collector);
    const header = await writeSetFile({
      partial,
      spill,
      pool,
      collector,
      map,
      header: {
        name: options.name ?? basename(options.inputs[0]!),
        meaning: options.meaning,
        createdAt: (options.createdAt ?? new Date()).toISOString(),
        importedBy,
        sources: lists.sources,
      },
      warnings: [...lists.warnings, ...warningsOf(collector)],
      onProgress: (share) => progress('write', share),
    });
    renameSync(partial, out);
    syncFolder(dirname(out));
    return resultOf(out, header);
  } catch (error) {
    throw explainWriteFailure(error, out);
  } finally {
    spill?.close();
    rmSync(partial, { force: true });
  }
}

function resultOf(path: string, header: SetHeader): BuildResult {
  const { totals, sources, warnings } = header;
  const categories = header.categories.filter(({ rows }) => rows > 0);
  return { path, facts: factsOf(header, path), totals, categories, sources, warnings };
}

function checkOptions(options: BuildSetOptions): void {
  if (!MEANINGS.includes(options.meaning)) {
    throw new RefusedError('set-meaning-unknown', `a set means one of ${MEANINGS.join(', ')}: say which with --meaning`);
  }
  if (options.inputs.length === 0) throw new RefusedError('set-no-lists', 'no list was named: name one or more with --from');
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
  const read = collector.rowsTaken + collector.rowsRejected;
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

function noRows(inputs: readonly string[], collector: RowCollector): RefusedError {
  const reasons = Object.entries(collector.rejected.result()).map(([reason, { count }]) => `${count} ${reason}`);
  return new RefusedError(
    'set-no-rows',
    `no usable row was found in ${inputs.join(', ')}${reasons.length === 0 ? '' : ` (rejected: ${reasons.join(', ')})`}: check that it is the right file and format`,
  );
}

function explainWriteFailure(error: unknown, out: string): unknown {
  if (error instanceof KerbsideError) return error;
  const code = (error as NodeJS.ErrnoException | null)?.code;
  if (code === 'ENOSPC' || code === 'EDQUOT' || code === 'EFBIG') {
    return new RefusedError(
      'set-no-space',
      `there is no space left beside ${out}: building needs about three times the size of the finished set; nothing was left behind`,
      {},
      error,
    );
  }
  if (code === 'EACCES' || code === 'EROFS' || code === 'EPERM' || code === 'EIO' || code === 'EISDIR') {
    return new RefusedError('set-not-writable', `${out} could not be written (${(error as Error).message})`, {}, error);
  }
  return error;
}

/** Removes what builds of the same set left when they were killed. */
function removeStalePartials(out: string): void {
  const prefix = `${basename(out)}.partial-`;
  for (const name of readdirSync(dirname(out))) {
    if (!name.startsWith(prefix)) continue;
    const pid = Number.parseInt(name.slice(prefix.length), 10);
    if (pid > 0 && pid !== process.pid && isRunning(pid)) continue;
    rmSync(join(dirname(out), name), { force: true });
  }
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/** Makes the new name itself survive a power cut. */
function syncFolder(folder: string): void {
  if (process.platform === 'win32') return;
  const fd = openSync(folder, 'r');
  try {
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
}

function loginName(): string {
  try {
    return userInfo().username;
  } catch {
    return 'unknown';
  }
}
