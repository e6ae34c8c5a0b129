import { HASH_BYTES } from './picture-hashes.ts';

/** 64 hex digits, the most significant first, as every PDQ tool prints them. */
export function hashToText(hash: Uint8Array): string {
  return Buffer.from(hash.buffer, hash.byteOffset, hash.byteLength).toString('hex');
}

/** @returns the 32 bytes, or null when the text is not 64 hex digits */
export function hashFromText(text: string): Uint8Array | null {
  return /^[0-9a-fA-F]{64}$/.test(text) ? Uint8Array.from(Buffer.from(text, 'hex')) : null;
}

/** Number of bits in which two hashes differ, 0 to 256. */
export function hammingDistance(a: Uint8Array, b: Uint8Array): number {
  let bits = 0;
  for (let i = 0; i < HASH_BYTES; i++) bits += bitsOfByte(a[i]! ^ b[i]!);
  return bits;
}

/** Number of bits that are set; 128 unless two of the picture's frequencies are equal. */
export function countSetBits(hash: Uint8Array): number {
  return hash.reduce((sum, byte) => sum + bitsOfByte(byte), 0);
}

function bitsOfByte(byte: number): number {
  let left = byte - ((byte >> 1) & 0x55);
  left = (left & 0x33) + ((left >> 2) & 0x33);
  return (left + (left >> 4)) & 0x0f;
}
