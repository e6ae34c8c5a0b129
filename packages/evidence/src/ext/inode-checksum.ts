/**
 * Checksum of an inode where the volume keeps them (metadata_csum): CRC-32C over the volume's seed, the
 * inode's number, its generation and its bytes with the checksum itself as zeros
 * (docs.kernel.org/filesystems/ext4/overview.html#checksums).
 *
 * | at | size | field |
 * | --- | --- | --- |
 * | 0x64 | 4 | generation |
 * | 0x7C | 2 | checksum, low half |
 * | 0x80 | 2 | bytes in use past 128 |
 * | 0x82 | 2 | checksum, high half; only where the bytes in use reach past it |
 */
import { crc32c, crc32cOfZeros } from './crc32c.ts';
import { INCOMPAT, RO_COMPAT } from './feature-flags.ts';
import { INODE_BASE_BYTES } from './inode-fields.ts';
import type { Superblock } from './superblock.ts';

const GENERATION_AT = 0x64;
const LOW_AT = 0x7c;
const EXTRA_AT = 0x80;
const HIGH_AT = 0x82;
const HALF_BYTES = 2;

const number = Buffer.alloc(4);
/** The seed of the volume read last: it is asked for every inode. */
let seedOf: { readonly superblock: Superblock; readonly seed: number } | null = null;

/** True when the checksum of the inode at `at` agrees, or the volume keeps none. */
export function inodeChecksumAgrees(superblock: Superblock, inode: number, table: Buffer, at: number): boolean {
  if ((superblock.readOnlyCompatible & RO_COMPAT.metadataChecksum) === 0) return true;
  if (seedOf?.superblock !== superblock) seedOf = { superblock, seed: volumeSeed(superblock) };
  const { inodeSizeBytes } = superblock;
  const over = (crc: number, from: number, to: number): number => crc32c(crc, table.subarray(at + from, at + to));
  number.writeUInt32LE(inode);
  let crc = over(crc32c(seedOf.seed, number), GENERATION_AT, GENERATION_AT + 4);
  crc = over(crc32cOfZeros(over(crc, 0, LOW_AT), HALF_BYTES), LOW_AT + HALF_BYTES, Math.min(INODE_BASE_BYTES, inodeSizeBytes));
  let hasHigh = false;
  if (inodeSizeBytes > INODE_BASE_BYTES) {
    hasHigh = table.readUInt16LE(at + EXTRA_AT) >= HIGH_AT + HALF_BYTES - INODE_BASE_BYTES;
    crc = over(crc, INODE_BASE_BYTES, HIGH_AT);
    crc = hasHigh ? over(crc32cOfZeros(crc, HALF_BYTES), HIGH_AT + HALF_BYTES, inodeSizeBytes) : over(crc, HIGH_AT, inodeSizeBytes);
  }
  if (table.readUInt16LE(at + LOW_AT) !== crc % 0x1_0000) return false;
  return !hasHigh || table.readUInt16LE(at + HIGH_AT) === crc >>> 16;
}

function volumeSeed(superblock: Superblock): number {
  return (superblock.incompatible & INCOMPAT.checksumSeed) !== 0 ? superblock.checksumSeed : crc32c(0xffff_ffff, superblock.uuid);
}
