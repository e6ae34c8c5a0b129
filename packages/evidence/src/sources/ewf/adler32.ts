const MODULUS = 65_521;
/** Largest run before the sums can pass 2^32 (RFC 1950's NMAX). */
const MAX_RUN = 5_552;

/** Adler-32 (RFC 1950) of a small structure. For chunk-sized data see ewf-chunk.ts, which lets zlib do it. */
export function adler32(bytes: Uint8Array, start = 0, end = bytes.length): number {
  let a = 1;
  let b = 0;
  for (let at = start; at < end; ) {
    const stop = Math.min(at + MAX_RUN, end);
    for (; at < stop; at++) {
      a += bytes[at]!;
      b += a;
    }
    a %= MODULUS;
    b %= MODULUS;
  }
  return ((b << 16) | a) >>> 0;
}
