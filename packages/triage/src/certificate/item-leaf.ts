import { hash } from 'node:crypto';
import { packedLength } from '../digests.ts';
import { ENTRY, type EntryFailure, type HashJob, type HashResult } from '../hash-job.ts';

/*
 * The leaf of one item in one view, as the file lane read it.
 *
 * | bytes | what |
 * | --- | --- |
 * | 1 | 0x00, the leaf prefix of RFC 6962 |
 * | 1 | 0x49: an item, not a read of the survey (whose offset, a multiple of 512, begins with 0x00) |
 * | 1 | view: 0 as the owner's system shows it, 1 the raw stored bytes |
 * | 1 | digests, as bits: 1 MD5, 2 SHA-1, 4 SHA-256, 8 ED2K |
 * | 1 | outcome: 0 read whole and hashed, 1 not |
 * | 8 | size in bytes, f64le |
 * | 4 | number of pairs, u32le |
 * | 16 each | where the content is: pairs of f64le (extent-code.ts) |
 * | 4 | length of the host path, u32le: 0 but for a folder source |
 * | … | the host path's bytes |
 * | … | outcome 0: the digests, packed in the order MD5, SHA-1, SHA-256, ED2K (two of them) |
 * | … | outcome 1: number of unreadable ranges, u32le; each as offset and length, f64le; number of problems, u32le; the code of each and a line feed |
 *
 * f64le is an IEEE 754 double, little-endian: whole numbers up to 2^53 are exact in it, and pairs are kept so.
 */

const LEAF_PREFIX = 0x00;
const ITEM_MARK = 0x49;
const HEADER_BYTES = 17;

let scratch = Buffer.alloc(4096);

/**
 * Leaf hashes of a finished batch, 32 bytes an entry, side by side and in the order of its entries.
 * @param result of the same job; none of its entries may be stopped
 */
export function leavesOfBatch(job: HashJob, result: HashResult): Buffer {
  const leaves = Buffer.alloc(job.sizes.length * 32);
  const failures = new Map(result.failures.map((failure) => [failure.entry, failure]));
  let at = 0;
  for (let entry = 0; entry < job.sizes.length; entry++) {
    const length = packedLength(job.masks[entry]!);
    const digests = result.digests.subarray(at, at + length);
    leaves.set(leafOfItem(job, entry, result.outcomes[entry] === ENTRY.hashed ? digests : null, failures.get(entry) ?? null), entry * 32);
    at += length;
  }
  return leaves;
}

/**
 * @param entry of the job
 * @param digests packed; null when the item was not read whole
 * @param failure why it was not, null when it was
 * @returns the leaf hash, 32 bytes
 */
export function leafOfItem(job: HashJob, entry: number, digests: Uint8Array | null, failure: EntryFailure | null): Buffer {
  const pairs = job.pairs.subarray(job.extentStarts[entry]! * 2, job.extentStarts[entry + 1]! * 2);
  const hostPath = job.hostPaths?.[entry] ?? NO_BYTES;
  const tail = digests ?? failureBytes(failure);
  const size = HEADER_BYTES + pairs.byteLength + 4 + hostPath.byteLength + tail.byteLength;
  if (size > scratch.byteLength) scratch = Buffer.alloc(size * 2);
  scratch[0] = LEAF_PREFIX;
  scratch[1] = ITEM_MARK;
  scratch[2] = job.views[entry]!;
  scratch[3] = job.masks[entry]!;
  scratch[4] = digests === null ? 1 : 0;
  scratch.writeDoubleLE(job.sizes[entry]!, 5);
  scratch.writeUInt32LE(pairs.length / 2, 13);
  let at = HEADER_BYTES;
  // By value and not by memory, so that the leaf does not depend on the machine's byte order.
  for (const value of pairs) at = scratch.writeDoubleLE(value, at);
  at = scratch.writeUInt32LE(hostPath.byteLength, at);
  scratch.set(hostPath, at);
  scratch.set(tail, at + hostPath.byteLength);
  return hash('sha256', scratch.subarray(0, size), 'buffer');
}

const NO_BYTES = new Uint8Array(0);

/** Failures are rare: nothing is saved here. Messages are left out, as a system may word them otherwise. */
function failureBytes(failure: EntryFailure | null): Buffer {
  const unreadable = failure?.unreadable ?? [];
  const problems = failure?.problems ?? [];
  const numbers = Buffer.alloc(8 + unreadable.length * 16);
  let at = numbers.writeUInt32LE(unreadable.length);
  for (const range of unreadable) at = numbers.writeDoubleLE(range.length, numbers.writeDoubleLE(range.offset, at));
  numbers.writeUInt32LE(problems.length, at);
  return Buffer.concat([numbers, Buffer.from(problems.map(({ code }) => `${code}\n`).join(''))]);
}
