import { setImmediate as nextTurn } from 'node:timers/promises';
import { problemFrom, type Problem } from '@kerbside/bytes';
import { findLayout, openSource, type FileSystem, type Item, type OpenedSource } from '@kerbside/evidence';
import { describeVolume, volumeProblem } from './describe-volume.ts';
import { maskOf } from './digests.ts';
import { lineFrame, openItemLine, problemLine, type LineFrame } from './item-line.ts';
import { createListHasher, type ListHasher } from './list-hasher.ts';
import { createWorkerPool } from './worker-pool.ts';

/** Digests that a listing can carry. */
export type ListDigest = 'md5' | 'sha1' | 'sha256';

export interface ListOptions {
  readonly sourcePath: string;
  readonly digests: readonly ListDigest[];
  /** One JSON object without line break. Called in the order of the walk. */
  readonly onLine: (line: string) => void;
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

interface Counts {
  file: number;
  directory: number;
  stream: number;
  other: number;
  allocated: number;
  deleted: number;
  orphan: number;
  problems: number;
}

interface Listing {
  readonly options: ListOptions;
  readonly counts: Counts;
  readonly hasher: ListHasher | null;
}

/**
 * Lists every item of a source, orphans last, one line each; problems as lines of their own; the
 * summary last. Memory does not grow with the source.
 * @throws RefusedError as `openSource` does
 */
export async function listItems(options: ListOptions): Promise<ListSummary> {
  const opened = await openSource(options.sourcePath, options.declaredWriteBlocker === undefined ? {} : { declaredWriteBlocker: options.declaredWriteBlocker });
  const pool =
    options.digests.length === 0
      ? null
      : createWorkerPool({ locator: opened.form === 'image' ? opened.locator : null, ...(options.workers === undefined ? {} : { workers: options.workers }) });
  const counts: Counts = { file: 0, directory: 0, stream: 0, other: 0, allocated: 0, deleted: 0, orphan: 0, problems: 0 };
  const tellProblem = (problem: Problem): void => {
    counts.problems += 1;
    options.onLine(problemLine('', problem));
  };
  const hasher = pool === null ? null : createListHasher(pool, maskOf(options.digests), options.onLine, tellProblem);
  const listing: Listing = { options, counts, hasher };
  try {
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
    options.onLine(JSON.stringify({ summary }));
    return summary;
  } catch (error) {
    pool?.stop();
    throw error;
  } finally {
    await pool?.close();
    await opened.close();
  }
}

async function listAll(listing: Listing, opened: OpenedSource): Promise<Pick<ListSummary, 'volumes' | 'gaps'>> {
  for (const problem of opened.problems) addProblem(listing, '', problem);
  if (opened.form === 'folder') {
    await listWalk(listing, lineFrame('', 'folder'), opened.walk());
    await listing.hasher?.flush();
    return { volumes: [], gaps: [] };
  }
  const layout = findLayout(opened);
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
  const { options, hasher } = listing;
  let sliceEnd = performance.now() + SLICE_MS;
  let untilClock = CLOCK_EVERY;
  try {
    for (const event of events) {
      if (event.type === 'problem') addProblem(listing, frame.volumeId, event.problem);
      else {
        countItem(listing.counts, event.item);
        if (hasher === null) options.onLine(`${openItemLine(frame, event.item)}}`);
        else if (hasher.add(frame, event.item)) await hasher.room();
      }
      untilClock -= 1;
      if (untilClock > 0) continue;
      untilClock = CLOCK_EVERY;
      if (performance.now() < sliceEnd) continue;
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
  if (listing.hasher === null) listing.options.onLine(line);
  else listing.hasher.addLine(line);
}

function countItem(counts: Counts, item: Item): void {
  counts[item.kind] += 1;
  counts[item.state] += 1;
}
