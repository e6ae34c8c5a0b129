/** Whole numbers up to 2^53-1 as 64-bit little-endian integers. */
export function encodeIntegers(values: Float64Array): Uint8Array {
  const words = new Uint32Array(values.length * 2);
  for (let i = 0; i < values.length; i++) {
    words[i * 2] = values[i]! >>> 0;
    words[i * 2 + 1] = Math.floor(values[i]! / 0x1_0000_0000);
  }
  return new Uint8Array(words.buffer);
}

/** The reverse of {@link encodeIntegers}; `bytes` starts on a multiple of 4 in its buffer. */
export function decodeIntegers(bytes: Uint8Array): Float64Array {
  const words = new Uint32Array(bytes.buffer, bytes.byteOffset, bytes.length / 4);
  return Float64Array.from({ length: words.length / 2 }, (_, i) => words[i * 2 + 1]! * 0x1_0000_0000 + words[i * 2]!);
}
