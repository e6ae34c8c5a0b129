import { problemFrom, type ByteRange, type Problem, type RandomAccessSource } from '@kerbside/bytes';
import { readContent, type ItemContent } from '@kerbside/evidence';
import { DIGEST_BIT, hashWhole, packedLength, startDigests } from './digests.ts';
import { decodeExtents, EXTENT_DATA, extentKind, VIEW_RAW } from './extent-code.ts';
import { createFailureReasons, type FailureReasons } from './failure-reasons.ts';
import { ENTRY, type EntryFailure, type HashJob, type HashResult } from './hash-job.ts';
import { createLaneChoice, MAX_GATHERED_BYTES, type LaneChoice, type Md5Arena } from './md5-lanes.ts';

/**
 * Largest single read. Disks and cards are as quick at this as at 8 MiB, since the system reads ahead;
 * the processor is 8 % quicker, since the bytes are still in its cache when they are hashed.
 */
export const MAX_READ_BYTES = 2 * 1024 * 1024;

/** Shorter gaps between wanted files are read through: cheaper than a seek on a spinning disk. */
export const MAX_GAP_BYTES = 512 * 1024;

/** Smaller ones are hashed with one call each; chunks stay in the processor's cache on the way. */
const STREAM_BUFFER_BYTES = 1024 * 1024;

/** Memory of one reader (md5-lanes.ts), allocated once and used again for every job. */
export interface ReadBuffers {
  readonly lanes: LaneChoice;
  readonly reasons: FailureReasons;
}

/** The main thread's word to a reader and back. */
export interface Monitor {
  isStopped(): boolean;
  addHashed(bytes: number): void;
}

/** A source that may also say why bytes could not be read. */
export interface ReadableSource extends RandomAccessSource {
  takeProblems?(): readonly Problem[];
}

export function makeReadBuffers(lanes: LaneChoice = createLaneChoice(MAX_READ_BYTES)): ReadBuffers {
  return { lanes, reasons: createFailureReasons() };
}

/**
 * Reads and hashes the entries of a job. Neighbours on the disk come in with one read; every failure
 * stays with its own entry.
 *
 * @param source null for a folder source
 * @param monitor asked between entries and between chunks of a long one, and told what was hashed
 */
export function hashItems(source: ReadableSource | null, job: HashJob, buffers: ReadBuffers, monitor: Monitor): HashResult {
  const count = job.sizes.length;
  const outcomes = new Uint8Array(count);
  const places = new Uint32Array(count + 1);
  for (let entry = 0; entry < count; entry++) places[entry + 1] = places[entry]! + packedLength(job.masks[entry]!);
  const digests = new Uint8Array(places[count]!);
  const failures: EntryFailure[] = [];
  const arena = buffers.lanes.arenaFor(job.masks, job.sizes);
  const target = { job, outcomes, digests, places, failures, arena, reasons: buffers.reasons };
  let entry = 0;
  while (entry < count) {
    if (monitor.isStopped()) {
      outcomes.fill(ENTRY.stopped, entry);
      break;
    }
    const groupEnd = source === null ? entry : endOfGroup(source, job, entry);
    if (source !== null && groupEnd > entry + 1) {
      hashGroup(source, target, entry, groupEnd);
      monitor.addHashed(sumOfSizes(job, entry, groupEnd));
      entry = groupEnd;
    } else {
      hashOne(source, target, entry, monitor);
      entry += 1;
    }
  }
  // Also after a stop: what was read before it counts as hashed.
  arena.flush();
  return { id: job.id, outcomes, digests, failures };
}

interface Target {
  readonly job: HashJob;
  readonly outcomes: Uint8Array;
  readonly digests: Uint8Array;
  readonly places: Uint32Array;
  readonly failures: EntryFailure[];
  readonly arena: Md5Arena;
  readonly reasons: FailureReasons;
}

/**
 * Digests of one whole content. Where lanes are at work its MD5 comes later, with that of others.
 * @returns true when the bytes must be kept until then
 */
function hashContent({ job, digests, places, arena }: Target, entry: number, bytes: Uint8Array): boolean {
  const mask = job.masks[entry]!;
  const place = places[entry]!;
  if ((mask & DIGEST_BIT.md5) === 0 || !arena.defers) {
    hashWhole(bytes, mask, digests, place);
    return false;
  }
  arena.defer(bytes, digests, place);
  hashWhole(bytes, mask & ~DIGEST_BIT.md5, digests, place + packedLength(DIGEST_BIT.md5));
  return true;
}

/** Entries from `first` on that one read can serve: unfragmented, ascending, near each other. */
function endOfGroup(source: RandomAccessSource, job: HashJob, first: number): number {
  if (!isOneRun(job, first)) return first;
  const start = job.pairs[job.extentStarts[first]! * 2]!;
  let end = start + job.sizes[first]!;
  if (end - start > MAX_READ_BYTES || end > source.sizeBytes) return first;
  let entry = first + 1;
  for (; entry < job.sizes.length && isOneRun(job, entry); entry++) {
    const offset = job.pairs[job.extentStarts[entry]! * 2]!;
    const entryEnd = offset + job.sizes[entry]!;
    if (offset < start || offset - end >= MAX_GAP_BYTES || entryEnd - start > MAX_READ_BYTES || entryEnd > source.sizeBytes) break;
    end = Math.max(end, entryEnd);
  }
  return entry;
}

/** One stored run that is exactly the content. */
function isOneRun(job: HashJob, entry: number): boolean {
  const at = job.extentStarts[entry]!;
  const code = job.pairs[at * 2 + 1];
  return job.extentStarts[entry + 1]! === at + 1 && code !== undefined && extentKind(code) === EXTENT_DATA && code === job.sizes[entry]! * 4 + EXTENT_DATA;
}

function hashGroup(source: ReadableSource, target: Target, first: number, end: number): void {
  const { job, arena, reasons } = target;
  const start = job.pairs[job.extentStarts[first]! * 2]!;
  let length = 0;
  for (let entry = first; entry < end; entry++) length = Math.max(length, job.pairs[job.extentStarts[entry]! * 2]! + job.sizes[entry]! - start);
  const bytes = arena.room(length);
  let unread: readonly ByteRange[];
  try {
    unread = source.readInto(bytes, start);
  } catch (error) {
    for (let entry = first; entry < end; entry++) fail(target, entry, [problemFrom(error)], []);
    return;
  }
  let fresh = unread.length === 0 ? [] : newProblemsOf(source);
  let keptBytes = 0;
  for (let entry = first; entry < end; entry++) {
    const offset = job.pairs[job.extentStarts[entry]! * 2]!;
    const size = job.sizes[entry]!;
    const missing = unread.length === 0 ? [] : clip(unread, offset, size);
    if (missing.length > 0) {
      fail(target, entry, reasons.of(fresh, missing), missing);
      fresh = [];
      continue;
    }
    if (hashContent(target, entry, bytes.subarray(offset - start, offset - start + size))) keptBytes = Math.max(keptBytes, offset - start + size);
  }
  arena.keep(keptBytes);
  if (fresh.length > 0) reasons.of(fresh, []);
}

function hashOne(source: ReadableSource | null, target: Target, entry: number, monitor: Monitor): void {
  const { job, arena, reasons } = target;
  const sizeBytes = job.sizes[entry]!;
  const mask = job.masks[entry]!;
  const place = target.places[entry]!;
  const problems: Problem[] = [];
  const unreadable: ByteRange[] = [];
  let readBytes = 0;
  try {
    const item = { content: contentOf(job, entry), sizeBytes };
    const view = job.views[entry] === VIEW_RAW ? 'raw' : 'system';
    const isLong = sizeBytes > STREAM_BUFFER_BYTES;
    const isGathered = isLong && sizeBytes <= MAX_GATHERED_BYTES && arena.defers && (mask & DIGEST_BIT.md5) !== 0;
    const room = arena.room(STREAM_BUFFER_BYTES + (isGathered ? sizeBytes : 0));
    const [gathered, stream] = [room.subarray(0, -STREAM_BUFFER_BYTES), room.subarray(-STREAM_BUFFER_BYTES)];
    const running = isLong ? startDigests(isGathered ? mask & ~DIGEST_BIT.md5 : mask) : null;
    for (const chunk of readContent(source ?? NO_SOURCE, item, view, stream)) {
      if (chunk.problems.length > 0) problems.push(...chunk.problems);
      if (chunk.unreadable.length > 0) unreadable.push(...chunk.unreadable);
      if (isGathered) gathered.set(chunk.bytes, readBytes);
      readBytes += chunk.bytes.byteLength;
      if (problems.length > 0 || unreadable.length >= MAX_RANGES_PER_ITEM) break;
      if (unreadable.length > 0) continue;
      if (running !== null) running.update(chunk.bytes);
      else if (readBytes === sizeBytes && hashContent(target, entry, chunk.bytes)) arena.keep(sizeBytes);
      monitor.addHashed(chunk.bytes.byteLength);
      if (monitor.isStopped()) {
        target.outcomes[entry] = ENTRY.stopped;
        return;
      }
    }
    if (problems.length > 0 || unreadable.length > 0 || readBytes !== sizeBytes) {
      if (problems.length === 0 && unreadable.length === 0) problems.push(shortRead(readBytes, sizeBytes));
      fail(target, entry, [...problems, ...(unreadable.length > 0 && source !== null ? reasons.of(newProblemsOf(source), unreadable) : [])], unreadable);
      return;
    }
    if (isGathered) {
      arena.defer(gathered, target.digests, place);
      arena.keep(sizeBytes);
    }
    if (running !== null) running.finish(target.digests, isGathered ? place + packedLength(DIGEST_BIT.md5) : place);
    else if (sizeBytes === 0) hashWhole(EMPTY, mask, target.digests, place);
  } catch (error) {
    fail(target, entry, [problemFrom(error)], unreadable);
  }
}

/** A damaged disk can fail in every sector of a long file; past this the rest of the file is left unread, and told so. */
const MAX_RANGES_PER_ITEM = 1000;

const EMPTY = new Uint8Array(0);

/** Stands in where a folder has no source of its own: nothing may be read from it. */
const NO_SOURCE: RandomAccessSource = {
  sizeBytes: 0,
  originOffset: 0,
  readInto: () => [],
  close: () => undefined,
};

function contentOf(job: HashJob, entry: number): ItemContent {
  const hostPath = job.hostPaths?.[entry];
  if (hostPath !== undefined) return { form: 'host-file', hostPath };
  return { form: 'extents', extents: decodeExtents(job.pairs, job.extentStarts[entry]!, job.extentStarts[entry + 1]!) };
}

function fail(target: Target, entry: number, problems: readonly Problem[], unreadable: readonly ByteRange[]): void {
  target.outcomes[entry] = ENTRY.failed;
  target.failures.push({ entry, problems, unreadable });
}

function sumOfSizes(job: HashJob, first: number, end: number): number {
  let sum = 0;
  for (let entry = first; entry < end; entry++) sum += job.sizes[entry]!;
  return sum;
}

function clip(ranges: readonly ByteRange[], offset: number, length: number): ByteRange[] {
  const clipped: ByteRange[] = [];
  for (const range of ranges) {
    const start = Math.max(range.offset, offset);
    const end = Math.min(range.offset + range.length, offset + length);
    if (end > start) clipped.push({ offset: start, length: end - start });
  }
  return clipped;
}

/** Why reads of late failed, where the source can say. */
function newProblemsOf(source: ReadableSource): readonly Problem[] {
  return source.takeProblems?.() ?? [];
}

function shortRead(readBytes: number, sizeBytes: number): Problem {
  return { kind: 'malformed', code: 'item-read-short', message: `only ${readBytes} of ${sizeBytes} bytes of the item could be read`, where: {} };
}
