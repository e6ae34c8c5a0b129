import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs';
import { MalformedError, MediumError, problemFrom, RefusedError, type ByteRange, type Problem } from '@kerbside/bytes';
import type { ContentChunk } from './read-content.ts';

/** Reads halve down to this when the medium fails: the sector size of all but old disks. */
const SMALLEST_READ_BYTES = 4096;

/**
 * Streams a file of the folder that is the source. Opened read-only, links not followed, and
 * without waiting: a pipe or device that took the file's place is refused, not read.
 * Ranges in `unreadable` are offsets in the file. Never throws for a reason of the medium.
 *
 * @param hostPath the path as the folder walk found it, in bytes
 * @param sizeBytes size the walk saw; the file having another size now is a problem
 * @param buffer reused for every chunk
 */
export function* readHostFile(hostPath: Uint8Array, sizeBytes: number, buffer: Uint8Array): Generator<ContentChunk, void, undefined> {
  let descriptor: number;
  try {
    descriptor = openHostFile(Buffer.from(hostPath));
  } catch (error) {
    yield { bytes: new Uint8Array(0), unreadable: [], problems: [notOpened(error)] };
    return;
  }
  try {
    const facts = fstatSync(descriptor);
    if (!facts.isFile()) {
      const problem = problemFrom(new RefusedError('host-file-not-regular', 'the file is no longer a regular file and was not read'));
      yield { bytes: new Uint8Array(0), unreadable: [], problems: [problem] };
      return;
    }
    let at = 0;
    while (at < sizeBytes) {
      const unreadable: ByteRange[] = [];
      const wanted = Math.min(buffer.byteLength, sizeBytes - at);
      const filled = fillFromFile(descriptor, buffer, wanted, at, unreadable);
      at += filled;
      const problems = filled < wanted ? [changed(at, sizeBytes)] : [];
      if (at === sizeBytes && facts.size !== sizeBytes) problems.push(changed(facts.size, sizeBytes));
      yield { bytes: buffer.subarray(0, filled), unreadable, problems };
      if (filled < wanted) return;
    }
    if (sizeBytes === 0 && facts.size !== 0) yield { bytes: new Uint8Array(0), unreadable: [], problems: [changed(facts.size, 0)] };
  } finally {
    closeSync(descriptor);
  }
}

/** Opens read-only, without following a link and without waiting. Keeps the access time untouched where the system lets us; only the owner and root may ask for that. */
export function openHostFile(path: Buffer): number {
  const flags = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;
  try {
    return openSync(path, flags | (constants.O_NOATIME ?? 0));
  } catch (error) {
    if (errorCode(error) !== 'EPERM') throw error;
    return openSync(path, flags);
  }
}

/** Fills `wanted` bytes from `offset`; failing sectors become zeros and ranges. Less comes back only at the end of the file. */
export function fillFromFile(descriptor: number, buffer: Uint8Array, wanted: number, offset: number, unreadable: ByteRange[]): number {
  let filled = 0;
  let step = wanted;
  while (filled < wanted) {
    const length = Math.min(step, wanted - filled);
    try {
      const got = readSync(descriptor, buffer, filled, length, offset + filled);
      if (got === 0) return filled;
      filled += got;
      step = wanted;
    } catch {
      if (length > SMALLEST_READ_BYTES) {
        step = Math.ceil(length / 2);
      } else {
        buffer.fill(0, filled, filled + length);
        addRange(unreadable, offset + filled, length);
        filled += length;
      }
    }
  }
  return filled;
}

function addRange(ranges: ByteRange[], offset: number, length: number): void {
  const last = ranges.at(-1);
  if (last !== undefined && last.offset + last.length === offset) ranges[ranges.length - 1] = { offset: last.offset, length: last.length + length };
  else ranges.push({ offset, length });
}

function changed(nowBytes: number, sizeBytes: number): Problem {
  return problemFrom(new MalformedError('host-file-changed', `the file had ${sizeBytes} bytes when it was listed and ${nowBytes} when it was read`));
}

function notOpened(error: unknown): Problem {
  return problemFrom(new MediumError('host-file-not-opened', `the file could not be opened (${errorCode(error)})`, {}, error));
}

function errorCode(error: unknown): string {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : 'unknown';
}
