import type { ByteRange, RandomAccessSource } from '@kerbside/bytes';
import type { Appearance } from '../source-contract.ts';

const BLOCK_BYTES = 4_096;
/** Blocks sampled from a range: 1 MiB at most, so a survey of many gaps stays quick on a slow disk. */
const MAX_BLOCKS = 256;
/** Below this a test of randomness says nothing. */
const MIN_RANDOM_BYTES = 64 * 1024;
/**
 * χ² of byte values over 255 degrees of freedom. Random bytes give 255 ± 23; compressed pictures
 * and archives give thousands over 64 KiB or more. 360 is 4.6 deviations above the mean.
 */
const MAX_RANDOM_CHI_SQUARED = 360;
/** A block of true random bytes has about 4,096/256 = 16 of each value; one that is mostly one value is not. */
const MIN_BLOCK_VALUES = 240;

/** Up to this length a part that seems empty is read whole: a fraction of a second on a disk. */
const MAX_WHOLE_BYTES = 64 * 1024 * 1024;
const WHOLE_READ_BYTES = 1024 * 1024;

const ZEROS = Buffer.alloc(WHOLE_READ_BYTES);

/**
 * How a range looks from a bounded sample: its beginning, and blocks spread evenly over the rest.
 * Only a range that was read whole is ever called `empty`.
 *
 * @param known parts that are understood (partition tables) and do not count as data
 */
export function appearanceOf(source: RandomAccessSource, range: ByteRange, known: readonly ByteRange[] = []): Appearance {
  const counts = new Float64Array(256);
  const block = Buffer.alloc(BLOCK_BYTES);
  let sampled = 0;
  let unreadable = 0;
  let isEmpty = true;
  let isUniform = true;
  for (const offset of blockOffsets(range)) {
    const part = block.subarray(0, Math.min(BLOCK_BYTES, range.offset + range.length - offset));
    if (source.readInto(part, offset).length > 0) {
      unreadable += 1;
      continue;
    }
    blank(part, offset, known);
    sampled += part.length;
    if (part.equals(ZEROS.subarray(0, part.length))) {
      counts[0]! += part.length;
      isUniform = false;
      continue;
    }
    isEmpty = false;
    const values = countValues(part, counts);
    if (part.length === BLOCK_BYTES && values < MIN_BLOCK_VALUES) isUniform = false;
  }
  if (sampled === 0 || (isEmpty && unreadable > 0)) return range.length === 0 ? 'empty' : 'unreadable';
  if (isEmpty) return sampled >= range.length ? 'empty' : readWhole(source, range, known);
  return isUniform && sampled >= MIN_RANDOM_BYTES && chiSquared(counts, sampled) < MAX_RANDOM_CHI_SQUARED ? 'high-entropy' : 'data';
}

/** Reads a range whose sample held only zeros. */
function readWhole(source: RandomAccessSource, range: ByteRange, known: readonly ByteRange[]): Appearance {
  if (range.length > MAX_WHOLE_BYTES) return 'sampled-empty';
  const piece = Buffer.alloc(WHOLE_READ_BYTES);
  const end = range.offset + range.length;
  for (let offset = range.offset; offset < end; offset += WHOLE_READ_BYTES) {
    const part = piece.subarray(0, Math.min(WHOLE_READ_BYTES, end - offset));
    if (source.readInto(part, offset).length > 0) return 'unreadable';
    blank(part, offset, known);
    if (!part.equals(ZEROS.subarray(0, part.length))) return 'data';
  }
  return 'empty';
}

function* blockOffsets(range: ByteRange): Generator<number> {
  const blocks = Math.ceil(range.length / BLOCK_BYTES);
  const step = Math.max(1, blocks / MAX_BLOCKS);
  for (let block = 0; block < blocks; block += step) yield range.offset + Math.floor(block) * BLOCK_BYTES;
}

/** Zeros the bytes of `part` that are understood already. */
function blank(part: Buffer, offset: number, known: readonly ByteRange[]): void {
  for (const range of known) {
    const from = Math.max(range.offset, offset);
    const to = Math.min(range.offset + range.length, offset + part.length);
    if (to > from) part.fill(0, from - offset, to - offset);
  }
}

function countValues(part: Buffer, counts: Float64Array): number {
  const own = new Uint32Array(256);
  for (let i = 0; i < part.length; i++) own[part[i]!]! += 1;
  let values = 0;
  for (let value = 0; value < 256; value++) {
    if (own[value]! > 0) values += 1;
    counts[value]! += own[value]!;
  }
  return values;
}

function chiSquared(counts: Float64Array, total: number): number {
  const expected = total / 256;
  let sum = 0;
  for (const count of counts) sum += (count - expected) ** 2 / expected;
  return sum;
}
