/*
 * LZNT1, the compression of NTFS, after [MS-XCA] section 2.5. All values little-endian.
 *
 * A unit is a row of chunks; each gives up to 4,096 bytes and begins at a multiple of 4,096:
 *
 *   0  u16  header: bits 0–11 length of the chunk's data − 1, bits 12–14 signature (3),
 *           bit 15 set when compressed; a header of 0 ends the unit
 *   2  …    plain bytes, or groups of one flag byte and eight elements, lowest bit first:
 *           flag 0 = one literal byte, flag 1 = u16 back-reference
 *
 * A back-reference splits into distance − 1 (high bits) and length − 3 (low bits). The distance
 * takes 4 bits at the start of a chunk and one more each time the position passes 16, 32, … 2,048.
 */

/** Bytes that a chunk stands for. */
const CHUNK_BYTES = 4096;

/** What unpacking met. */
export interface Lznt1Outcome {
  /** Chunks that made no sense: 0, or 1, as the first one ends the unit. */
  readonly badChunks: number;
}

const SOUND: Lznt1Outcome = Object.freeze({ badChunks: 0 });
const BAD: Lznt1Outcome = Object.freeze({ badChunks: 1 });

/**
 * Unpacks one compression unit.
 *
 * @param stored the unit's stored bytes, whole clusters; may end in slack after the last chunk
 * @param target filled completely: what the chunks do not give is zero, and what they give beyond
 *   its end is dropped (the last unit of a file is longer than what belongs to the file)
 * @returns `badChunks` 1 when a chunk was malformed or cut off: from that chunk on `target` is zero
 */
export function decompressLznt1Unit(stored: Uint8Array, target: Uint8Array): Lznt1Outcome {
  let at = 0;
  let start = 0;
  while (start < target.length && at + 2 <= stored.length) {
    const header = stored[at]! | (stored[at + 1]! << 8);
    if (header === 0) break;
    const end = at + 2 + (header & 0xfff) + 1;
    const limit = Math.min(start + CHUNK_BYTES, target.length);
    const reached = end > stored.length ? -1 : readChunk(stored, at + 2, end, header, target, start, limit);
    if (reached < 0) {
      target.fill(0, start);
      return BAD;
    }
    target.fill(0, reached, limit);
    start = limit;
    at = end;
  }
  target.fill(0, start);
  return SOUND;
}

/** Writes one chunk to `target` from `start` on, never past `limit`; returns the end of what it wrote, or -1 when malformed. */
function readChunk(
  stored: Uint8Array,
  from: number,
  end: number,
  header: number,
  target: Uint8Array,
  start: number,
  limit: number,
): number {
  if ((header & 0x8000) !== 0) return unpackChunk(stored, from, end, target, start, limit);
  const length = Math.min(end - from, limit - start);
  target.set(stored.subarray(from, from + length), start);
  return start + length;
}

function unpackChunk(stored: Uint8Array, from: number, end: number, target: Uint8Array, start: number, limit: number): number {
  let at = from;
  let out = start;
  // Where the next bit goes over from length to distance, and the two parts' sizes up to there.
  let nextSplit = start + 16;
  let lengthBits = 12;
  while (at < end) {
    let flags = stored[at++]!;
    for (let element = 0; element < 8 && at < end; element++, flags >>= 1) {
      if ((flags & 1) === 0) {
        // A chunk whose target is cut short (end of the file) may go on; a whole one may not.
        if (out >= limit) return limit - start < CHUNK_BYTES ? limit : -1;
        target[out++] = stored[at++]!;
        continue;
      }
      if (at + 2 > end) return -1;
      if (out >= limit) return limit - start < CHUNK_BYTES ? limit : -1;
      while (out > nextSplit && lengthBits > 4) {
        lengthBits--;
        nextSplit = start + (nextSplit - start) * 2;
      }
      const reference = stored[at]! | (stored[at + 1]! << 8);
      at += 2;
      const back = (reference >> lengthBits) + 1;
      const copyEnd = out + (reference & ((1 << lengthBits) - 1)) + 3;
      if (back > out - start) return -1;
      if (copyEnd - start > CHUNK_BYTES) return -1;
      const stop = Math.min(copyEnd, limit);
      if (back >= stop - out) {
        target.copyWithin(out, out - back, stop - back);
        out = stop;
      } else {
        // An overlapping copy repeats what it has just written.
        for (; out < stop; out++) target[out] = target[out - back]!;
      }
    }
  }
  return out;
}
