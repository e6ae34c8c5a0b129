/**
 * MD4, needed only for ED2K hash lists: OpenSSL 3 no longer offers it.
 * Format: RFC 1320. 16-word blocks, three rounds of 16 steps, little-endian throughout; padding is
 * 0x80, zeros, then the length in bits as 64-bit little-endian.
 */

const ROUND_1_SHIFTS = [3, 7, 11, 19] as const;
const ROUND_2_SHIFTS = [3, 5, 9, 13] as const;
const ROUND_3_SHIFTS = [3, 9, 11, 15] as const;
const ROUND_2_ORDER = [0, 4, 8, 12, 1, 5, 9, 13, 2, 6, 10, 14, 3, 7, 11, 15] as const;
const ROUND_3_ORDER = [0, 8, 4, 12, 2, 10, 6, 14, 1, 9, 5, 13, 3, 11, 7, 15] as const;

/** A running MD4. `update` as often as wanted, then `digest` once. */
export interface Md4 {
  update(bytes: Uint8Array): void;
  digest(): Buffer;
}

export function createMd4(): Md4 {
  const state = new Int32Array([0x67452301, 0xefcdab89 | 0, 0x98badcfe | 0, 0x10325476]);
  const block = new Int32Array(16);
  const rest = Buffer.alloc(64);
  let restBytes = 0;
  let totalBytes = 0;

  const absorb = (bytes: Uint8Array): void => {
    let at = 0;
    if (restBytes > 0) {
      at = Math.min(64 - restBytes, bytes.byteLength);
      rest.set(bytes.subarray(0, at), restBytes);
      restBytes += at;
      if (restBytes < 64) return;
      step(state, block, rest, 0);
      restBytes = 0;
    }
    for (; at + 64 <= bytes.byteLength; at += 64) step(state, block, bytes, at);
    rest.set(bytes.subarray(at));
    restBytes = bytes.byteLength - at;
  };

  return {
    update(bytes) {
      totalBytes += bytes.byteLength;
      absorb(bytes);
    },
    digest() {
      const padding = Buffer.alloc((restBytes < 56 ? 64 : 128) - restBytes);
      padding[0] = 0x80;
      padding.writeUInt32LE((totalBytes * 8) % 2 ** 32, padding.length - 8);
      padding.writeUInt32LE(Math.floor(totalBytes / 2 ** 29), padding.length - 4);
      absorb(padding);
      const out = Buffer.alloc(16);
      for (let i = 0; i < 4; i++) out.writeInt32LE(state[i]!, i * 4);
      return out;
    },
  };
}

/** One 64-byte block. The four registers turn instead of being named in each of the 48 steps. */
function step(state: Int32Array, x: Int32Array, bytes: Uint8Array, at: number): void {
  for (let i = 0; i < 16; i++) {
    const p = at + i * 4;
    x[i] = bytes[p]! | (bytes[p + 1]! << 8) | (bytes[p + 2]! << 16) | (bytes[p + 3]! << 24);
  }
  let a = state[0]!;
  let b = state[1]!;
  let c = state[2]!;
  let d = state[3]!;
  for (let i = 0; i < 48; i++) {
    let sum: number;
    let shift: number;
    if (i < 16) {
      sum = a + ((b & c) | (~b & d)) + x[i]!;
      shift = ROUND_1_SHIFTS[i & 3]!;
    } else if (i < 32) {
      sum = a + ((b & c) | (b & d) | (c & d)) + x[ROUND_2_ORDER[i - 16]!]! + 0x5a827999;
      shift = ROUND_2_SHIFTS[i & 3]!;
    } else {
      sum = a + (b ^ c ^ d) + x[ROUND_3_ORDER[i - 32]!]! + 0x6ed9eba1;
      shift = ROUND_3_SHIFTS[i & 3]!;
    }
    const turned = (sum << shift) | ((sum | 0) >>> (32 - shift));
    a = d;
    d = c;
    c = b;
    b = turned;
  }
  state[0] = state[0]! + a;
  state[1] = state[1]! + b;
  state[2] = state[2]! + c;
  state[3] = state[3]! + d;
}
