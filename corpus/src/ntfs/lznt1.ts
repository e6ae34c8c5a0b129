/**
 * LZNT1 (MS-XCA, section 2.5). A unit is a row of chunks, each of up to 4,096 bytes of content:
 *
 * | part | bytes | value |
 * | --- | --- | --- |
 * | head | 2 | bit 15: compressed; bits 12–14: 3; bits 0–11: chunk length with this head, minus 3 |
 * | group | 1 + … | flag byte, lowest bit first: 0 a literal byte, 1 a back-reference u16; eight of them |
 *
 * A back-reference holds distance − 1 in its high bits and length − 3 in its low bits. How many
 * bits the distance gets grows with the position in the chunk, from 4 to 12.
 */
const CHUNK_BYTES = 4096;
const MIN_MATCH = 3;

/** Compresses one unit. The result may be longer than the input when the input does not compress. */
export function compressLznt1(unit: Uint8Array): Buffer {
  const parts: Buffer[] = [];
  for (let start = 0; start < unit.length; start += CHUNK_BYTES) {
    const chunk = unit.subarray(start, Math.min(unit.length, start + CHUNK_BYTES));
    const packed = compressChunk(chunk);
    const head = Buffer.alloc(2);
    if (packed === null) {
      head.writeUInt16LE(0x3000 | (chunk.length - 1));
      parts.push(head, Buffer.from(chunk));
    } else {
      head.writeUInt16LE(0xb000 | (packed.length - 1));
      parts.push(head, packed);
    }
  }
  return Buffer.concat(parts);
}

/** One chunk, or null when it does not get shorter. Greedy, with one remembered place per three bytes. */
function compressChunk(chunk: Uint8Array): Buffer | null {
  const out = Buffer.alloc(CHUNK_BYTES + CHUNK_BYTES / 8 + 16);
  const places = new Int16Array(4096).fill(-1);
  let length = 0;
  let at = 0;
  while (at < chunk.length) {
    const flagAt = length++;
    let flags = 0;
    for (let bit = 0; bit < 8 && at < chunk.length; bit++) {
      const lengthBits = lengthBitsAt(at);
      const match = at + MIN_MATCH <= chunk.length ? findMatch(chunk, at, places, (1 << lengthBits) + MIN_MATCH - 1) : null;
      if (match === null) {
        out[length++] = chunk[at++]!;
      } else {
        flags |= 1 << bit;
        length = out.writeUInt16LE(((match.distance - 1) << lengthBits) | (match.length - MIN_MATCH), length);
        at += match.length;
      }
    }
    out[flagAt] = flags;
    if (length >= chunk.length) return null;
  }
  return out.subarray(0, length);
}

/** Bits of a back-reference that hold the length, at a position in the chunk. */
function lengthBitsAt(position: number): number {
  let bits = 12;
  for (let past = position - 1; past >= 16; past >>= 1) bits--;
  return bits;
}

function findMatch(chunk: Uint8Array, at: number, places: Int16Array, mostBytes: number): { distance: number; length: number } | null {
  const key = ((chunk[at]! << 4) ^ (chunk[at + 1]! << 2) ^ (chunk[at + 2]! * 37)) & 4095;
  const before = places[key]!;
  places[key] = at;
  if (before < 0) return null;
  let length = 0;
  while (length < mostBytes && at + length < chunk.length && chunk[before + length] === chunk[at + length]) length++;
  return length < MIN_MATCH ? null : { distance: at - before, length };
}
