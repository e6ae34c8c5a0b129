import { createHash } from 'node:crypto';
import { crc32 } from 'node:zlib';

/** Sum over the content of one xz block. */
export interface XzCheck {
  readonly sizeBytes: number;
  add(piece: Uint8Array): void;
  matches(stated: Uint8Array): boolean;
}

/** Lengths of the check field by its number (xz file format 1.1.0, 2.1.1.2). */
const CHECK_BYTES = [0, 4, 4, 4, 8, 8, 8, 16, 16, 16, 32, 32, 32, 64, 64, 64];

/** CRC-64/ECMA, lowest bit first, as two halves. */
const CRC64_HIGH = new Int32Array(256);
const CRC64_LOW = new Int32Array(256);
for (let byte = 0; byte < 256; byte++) {
  let [high, low] = [0, byte];
  for (let bit = 0; bit < 8; bit++) {
    const isSet = (low & 1) !== 0;
    low = (low >>> 1) | (high << 31);
    high >>>= 1;
    if (isSet) {
      high ^= 0xc96c_5795;
      low ^= 0xd787_0f42;
    }
  }
  CRC64_HIGH[byte] = high;
  CRC64_LOW[byte] = low;
}

/** A check of an unknown kind is passed over: its bytes are there, and say nothing here. */
export function makeXzCheck(kind: number): XzCheck {
  const sizeBytes = CHECK_BYTES[kind]!;
  if (kind === 1) {
    let sum = 0;
    return { sizeBytes, add: (piece) => void (sum = crc32(piece, sum)), matches: (stated) => Buffer.from(stated).readUInt32LE(0) === sum };
  }
  if (kind === 4) return makeCrc64();
  if (kind === 10) {
    const hash = createHash('sha256');
    return { sizeBytes, add: (piece) => void hash.update(piece), matches: (stated) => hash.digest().equals(stated) };
  }
  return { sizeBytes, add: () => {}, matches: () => true };
}

function makeCrc64(): XzCheck {
  let [high, low] = [-1, -1];
  return {
    sizeBytes: 8,
    add(piece) {
      for (let i = 0; i < piece.length; i++) {
        const byte = (low ^ piece[i]!) & 0xff;
        low = ((low >>> 8) | (high << 24)) ^ CRC64_LOW[byte]!;
        high = (high >>> 8) ^ CRC64_HIGH[byte]!;
      }
    },
    matches(stated) {
      const bytes = Buffer.from(stated);
      return bytes.readInt32LE(0) === ~low && bytes.readInt32LE(4) === ~high;
    },
  };
}
