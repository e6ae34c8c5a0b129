/**
 * A zlib stream that packs nothing (RFC 1950, RFC 1951 section 3.2.4), the same bytes with every zlib:
 * 78 01, then stored blocks (last flag u8, length u16, its complement u16, data), then Adler-32 big-endian.
 */
const MOST_BLOCK_BYTES = 0xffff;
const ADLER_MODULUS = 65_521;

/** Wraps bytes in stored blocks. */
export function storedZlib(bytes: Uint8Array): Buffer {
  const pieces: Uint8Array[] = [Buffer.from([0x78, 0x01])];
  for (let at = 0; at < bytes.length || at === 0; at += MOST_BLOCK_BYTES) {
    const block = bytes.subarray(at, at + MOST_BLOCK_BYTES);
    const head = Buffer.alloc(5);
    head[0] = at + MOST_BLOCK_BYTES >= bytes.length ? 1 : 0;
    head.writeUInt16LE(block.length, 1);
    head.writeUInt16LE(block.length ^ 0xffff, 3);
    pieces.push(head, block);
  }
  const sum = Buffer.alloc(4);
  sum.writeUInt32BE(adler32(bytes));
  return Buffer.concat([...pieces, sum]);
}

function adler32(bytes: Uint8Array): number {
  let low = 1;
  let high = 0;
  for (const byte of bytes) {
    low = (low + byte) % ADLER_MODULUS;
    high = (high + low) % ADLER_MODULUS;
  }
  return high * 0x1_0000 + low;
}
