/**
 * Checksum of a group descriptor, at 0x1E of it (docs.kernel.org/filesystems/ext4/overview.html#checksums): the low
 * half of a CRC-32C (metadata_csum) or a CRC-16 (older volumes) over the volume's seed or UUID, the
 * group's number, and the descriptor without the checksum itself.
 */
import { crc32c } from './crc32c.ts';
import { INCOMPAT, RO_COMPAT } from './feature-flags.ts';
import type { Superblock } from './superblock.ts';

const CHECKSUM_AT = 0x1e;
const ZEROS = Buffer.alloc(2);

/** True when the descriptor's checksum agrees, or the volume keeps none. */
export function descriptorAgrees(superblock: Superblock, group: number, descriptor: Buffer): boolean {
  const stored = descriptor.readUInt16LE(CHECKSUM_AT);
  const number = Buffer.alloc(4);
  number.writeUInt32LE(group);
  const head = descriptor.subarray(0, CHECKSUM_AT);
  const tail = descriptor.subarray(CHECKSUM_AT + 2);
  if ((superblock.readOnlyCompatible & RO_COMPAT.metadataChecksum) !== 0) {
    const seed = (superblock.incompatible & INCOMPAT.checksumSeed) !== 0 ? superblock.checksumSeed : crc32c(0xffff_ffff, superblock.uuid);
    return [number, head, ZEROS, tail].reduce(crc32c, seed) % 0x1_0000 === stored;
  }
  if ((superblock.readOnlyCompatible & RO_COMPAT.gdtChecksum) !== 0) {
    return [superblock.uuid, number, head, tail].reduce(crc16, 0xffff) === stored;
  }
  return true;
}

/** CRC-16 (reflected polynomial 0xA001) as the kernel's `crc16()`. */
function crc16(seed: number, bytes: Uint8Array): number {
  let crc = seed;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = (crc & 1) !== 0 ? (crc >>> 1) ^ 0xa001 : crc >>> 1;
  }
  return crc;
}
