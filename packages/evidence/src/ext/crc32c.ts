/** CRC-32C (Castagnoli, reflected polynomial 0x82F63B78) as ext4 and its journal use it: no final inversion. */

const TABLE = makeTable();

function makeTable(): Uint32Array {
  const table = new Uint32Array(256);
  for (let n = 0; n < 256; n++) {
    let c = n;
    for (let k = 0; k < 8; k++) c = c & 1 ? (c >>> 1) ^ 0x82f63b78 : c >>> 1;
    table[n] = c >>> 0;
  }
  return table;
}

/** Continues a CRC-32C over `bytes`; ext4 starts with 0xFFFFFFFF. */
export function crc32c(seed: number, bytes: Uint8Array): number {
  let crc = seed >>> 0;
  for (let i = 0; i < bytes.length; i++) crc = (crc >>> 8) ^ TABLE[(crc ^ bytes[i]!) & 0xff]!;
  return crc >>> 0;
}

/** The same over `count` bytes of zero. */
export function crc32cOfZeros(seed: number, count: number): number {
  let crc = seed >>> 0;
  for (let i = 0; i < count; i++) crc = (crc >>> 8) ^ TABLE[crc & 0xff]!;
  return crc >>> 0;
}
