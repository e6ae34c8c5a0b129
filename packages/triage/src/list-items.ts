import { setImmediate as nextTurn } from 'node:timers/promises';
import { problemFrom, type Problem } from '@kerbside/bytes';
import { findLayout, openSource, type FileSystem, type Item, type OpenedSource } from '@kerbside/evidence';
import { describeVolume, volumeProblem } from './describe-volume.ts';
import { maskOf } from './digests.ts';
import { lineFrame, problemLine, writeItemLine, type LineFrame } from './item-line.ts';
import { LineBuffer } from './line-buffer.ts';
import type { ListHasher } from './list-hasher.ts';
import type { WorkerPool } from './worker-pool.ts';

/** Digests that a listing can carry. */
export type ListDigest = 'md5' | 'sha1' | 'sha256';

export interface ListOptions {
  readonly sourcePath: string;
  readonly digests: readonly ListDigest[];
  /** Receives whole lines, one JSON object each, in the order of the walk, as UTF-8. The bytes are valid only during the call. */
  readonly onLines: (lines: Uint8Array) => void;
  readonly signal?: AbortSignal;
  readonly workers?: number;
  /** Why a writable block device may be read all the same: a hardware write blocker, in words. */
  readonly declaredWriteBlocker?: string;
}

/** The last line of a listing. */
export interface ListSummary {
  readonly source: { readonly kind: string; readonly path: string; readonly sizeBytes: number };
  readonly items: { readonly files: number; readonly directories: number; readonly streams: number; readonly others: number; readonly allocated: number; readonly deleted: number; readonly orphans: number };
  readonly problems: number;
  /** Volumes that hold no readable file system, by id, are named with what they are. */
  readonly volumes: readonly { readonly id: string; readonly state: string; readonly name: string }[];
  readonly gaps: readonly { readonly id: string; readonly offset: number; readonly length: number; readonly appears: string }[];
  /** False when it was stopped. */
  readonly complete: boolean;
}

/** The walk gives way this often, so that Ctrl-C works. */
const SLICE_MS = 50;
const CLOCK_EVERY = 64;

const END_OF_ITEM = Buffer.from('}');

interface Counts {
  file: number;
  directory: number;
  stream: number;
  other: number;
  allocated: number;
  deleted: number;
  orphan: number;
  carved: number;
  problems: number;
}

interface Listing {
  readonly options: ListOptions;
  readonly counts: Counts;
  readonly out: LineBuffer;
  readonly hasher: ListHasher | null;
}

/**
 * Lists every item of a source, orphans last, one line each; problems as lines of their own; the
 * summary last. Memory does not grow with the source.
 * @throws RefusedError as `openSource` does
 */
export async function listItems(options: ListOptions): Promise<ListSummary> {
  const opened = await openSource(options.sourcePath, options.declaredWriteBlocker === undefined ? {} : { declaredWriteBlocker: options.declaredWriteBlocker });
  const out = new LineBuffer(options.onLines);
  const counts: Counts = { file: 0, directory: 0, stream: 0, other: 0, allocated: 0, deleted: 0, orphan: 0, carved: 0, problems: 0 };
  const tellProblem = (problem: Problem): void => {
    counts.problems += 1;
    out.line(problemLine('', problem));
  };
  let pool: WorkerPool | null = null;
  try {
    const hashing = options.digests.length === 0 ? null : await startHashing(options, opened, (line) => out.line(line), tellProblem);
    pool = hashing?.pool ?? null;
    const listing: Listing = { options, counts, out, hasher: hashing?.hasher ?? null };
    const rest = await listAll(listing, opened);
    const summary: ListSummary = {
      source: { kind: opened.facts.kind, path: opened.facts.path, sizeBytes: opened.facts.sizeBytes },
      items: {
        files: counts.file,
        directories: counts.directory,
        streams: counts.stream,
        others: counts.other,
        allocated: counts.allocated,
        deleted: counts.deleted,
        orphans: counts.orphan,
      },
      problems: counts.problems,
      ...rest,
      complete: options.signal?.aborted !== true,
    };
    out.line(JSON.stringify({ summary }));
    out.flush();
    return summary;
  } catch (error) {
    out.flush();
    pool?.stop();
    throw error;
  } finally {
    await pool?.close();
    await opened.close();
  }
}

/** The threads and what they need load only when digests are asked for: a listing alone starts in half the time. */
async function startHashing(options: ListOptions, opened: OpenedSource, onLine: (line: string) => void, onProblem: (problem: Problem) => void): Promise<{ pool: WorkerPool; hasher: ListHasher }> {
  const [{ createListHasher }, { createWorkerPool }] = await Promise.all([import('./list-hasher.ts'), import('./worker-pool.ts')]);
  const pool = createWorkerPool({ locator: opened.form === 'image' ? opened.locator : null, ...(options.workers === undefined ? {} : { workers: options.workers }) });
  return { pool, hasher: createListHasher(pool, maskOf(options.digests), onLine, onProblem) };
}

async function listAll(listing: Listing, opened: OpenedSource): Promise<Pick<ListSummary, 'volumes' | 'gaps'>> {
  for (const problem of opened.problems) addProblem(listing, '', problem);
  if (opened.form === 'folder') {
    await listWalk(listing, lineFrame('', 'folder'), opened.walk());
    await listing.hasher?.flush();
    return { volumes: [], gaps: [] };
  }
  const layout = await findLayout(opened);
  for (const problem of layout.problems) addProblem(listing, '', problem);
  const volumes = layout.volumes.map(describeVolume);
  for (const volume of volumes) {
    const problem = volumeProblem(volume);
    if (problem !== null) addProblem(listing, '', problem);
  }
  const systems: { readonly frame: LineFrame; readonly fileSystem: FileSystem }[] = layout.volumes.flatMap(({ volume, content }) =>
    content.state === 'file-system' ? [{ frame: lineFrame(volume.id, content.fileSystem.kind), fileSystem: content.fileSystem }] : [],
  );
  for (const { frame, fileSystem } of systems) await listWalk(listing, frame, fileSystem.walk());
  for (const { frame, fileSystem } of systems) await listWalk(listing, frame, fileSystem.walkOrphans());
  for (const problem of opened.takeReadProblems()) addProblem(listing, '', problem);
  await listing.hasher?.flush();
  return {
    volumes: volumes.map(({ id, state, name }) => ({ id, state, name })),
    gaps: layout.gaps.map(({ id, range, appears }) => ({ id, offset: range.offset, length: range.length, appears })),
  };
}

async function listWalk(listing: Listing, frame: LineFrame, events: ReturnType<FileSystem['walk']>): Promise<void> {
  const { options, hasher, out } = listing;
  let sliceEnd = performance.now() + SLICE_MS;
  let untilClock = CLOCK_EVERY;
  try {
    for (const event of events) {
      untilClock -= 1;
      if (event.type === 'problem') addProblem(listing, frame.volumeId, event.problem);
      else if (event.type === 'pause') untilClock = 0;
      else {
        countItem(listing.counts, event.item);
        if (hasher === null) {
          writeItemLine(out, frame, event.item);
          out.bytes(END_OF_ITEM);
          out.endLine();
        } else if (hasher.add(frame, event.item)) await hasher.room();
      }
      if (untilClock > 0) continue;
      untilClock = CLOCK_EVERY;
      if (performance.now() < sliceEnd) continue;
      out.flush();
      await nextTurn();
      if (options.signal?.aborted === true) return;
      sliceEnd = performance.now() + SLICE_MS;
    }
  } catch (error) {
    const problem = problemFrom(error, { volume: frame.volumeId });
    addProblem(listing, frame.volumeId, { ...problem, message: `the walk ended early: ${problem.message}` });
  }
}

function addProblem(listing: Listing, volumeId: string, problem: Problem): void {
  listing.counts.problems += 1;
  const line = problemLine(volumeId, problem);
  if (listing.hasher === null) listing.out.line(line);
  else listing.hasher.addLine(line);
}

function countItem(counts: Counts, item: Item): void {
  counts[item.kind] += 1;
  counts[item.state] += 1;
}
