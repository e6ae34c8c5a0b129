import { decodeHex } from '../hex.ts';

/**
 * Which way of making PDQ a hash comes from. `512nn` scales to 512 × 512 by nearest neighbour first, `full` does
 * not, `unknown` is a list that does not say. The two lie up to 18 bits apart, of a threshold of 31.
 */
export type PdqDialect = '512nn' | 'full' | 'unknown';

export const PDQ_DIALECTS: readonly PdqDialect[] = ['512nn', 'full', 'unknown'];

/** Bytes and 32-bit words of a hash. */
export const PDQ_BYTES = 32;
export const PDQ_WORDS = 8;

/** Below this quality noise decides the bits, so a hash is neither indexed nor looked up: it cannot be compared. */
export const MIN_PDQ_QUALITY = 50;

/** Bits of a hash that are set when its 256 coefficients are distinct, as they are in pictures. */
const BALANCED_BITS = 128;

/** Why a value is no hash that may be indexed. */
export type PdqFault = 'pdq-not-hex' | 'pdq-wrong-length' | 'pdq-placeholder';

/**
 * Decodes the text form: 64 hex digits of any case, most significant first, spaces around them allowed.
 *
 * @param into 32 bytes; the first holds the first two digits
 */
export function decodePdqText(text: Uint8Array, start: number, end: number, into: Uint8Array): PdqFault | null {
  let from = start;
  let to = end;
  while (from < to && text[from]! <= 0x20) from++;
  while (to > from && text[to - 1]! <= 0x20) to--;
  if (to - from !== PDQ_BYTES * 2) return 'pdq-wrong-length';
  return decodeHex(text, from, PDQ_BYTES, into, 0) ? null : 'pdq-not-hex';
}

/** All zeros is what a failed decoder writes, all Fs what fills a field: no picture has either. */
export function isPdqPlaceholder(bytes: Uint8Array): boolean {
  const first = bytes[0]!;
  if (first !== 0 && first !== 0xff) return false;
  for (let i = 1; i < PDQ_BYTES; i++) if (bytes[i] !== first) return false;
  return true;
}

/** True when half of the bits are set. A list where many are not holds something else, or hashes of another kind. */
export function isPdqBalanced(bytes: Uint8Array): boolean {
  let set = 0;
  for (let i = 0; i < PDQ_BYTES; i++) set += BITS_OF_BYTE[bytes[i]!]!;
  return set === BALANCED_BITS;
}

/** Turns the order of the sixteen 16-bit words around, in place: older Python writers printed them the other way. */
export function reversePdqWords(bytes: Uint8Array): void {
  for (let low = 0, high = PDQ_BYTES - 2; low < high; low += 2, high -= 2) {
    for (let i = 0; i < 2; i++) {
      const kept = bytes[low + i]!;
      bytes[low + i] = bytes[high + i]!;
      bytes[high + i] = kept;
    }
  }
}

/** The eight words of a hash's 32 bytes: word 0 is the first eight hex digits as a number. */
export function pdqWords(bytes: Uint8Array, at = 0): Uint32Array {
  const words = new Uint32Array(PDQ_WORDS);
  const view = new DataView(bytes.buffer, bytes.byteOffset + at, PDQ_BYTES);
  for (let i = 0; i < PDQ_WORDS; i++) words[i] = view.getUint32(i * 4, false);
  return words;
}

/** Number of bits in which two hashes differ. */
export function pdqDistance(a: Uint32Array, b: Uint32Array, bAt = 0): number {
  let distance = 0;
  for (let i = 0; i < PDQ_WORDS; i++) distance += bitsOf(a[i]! ^ b[bAt + i]!);
  return distance;
}

/** Bits set in a 32-bit number. */
export function bitsOf(value: number): number {
  let v = value - ((value >>> 1) & 0x5555_5555);
  v = (v & 0x3333_3333) + ((v >>> 2) & 0x3333_3333);
  return Math.imul((v + (v >>> 4)) & 0x0f0f_0f0f, 0x0101_0101) >>> 24;
}

const BITS_OF_BYTE = Uint8Array.from({ length: 256 }, (_, byte) => bitsOf(byte));
