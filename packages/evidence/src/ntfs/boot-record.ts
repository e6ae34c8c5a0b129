/*
 * NTFS boot record (first sector of the volume; copy in the volume's last sector).
 * After libyal/libfsntfs "NTFS documentation", volume header. All values little-endian.
 *
 *   0x003  8    "NTFS    "
 *   0x00B  u16  bytes per sector
 *   0x00D  u8   sectors per cluster; above 128 it is 2^(256 − value)
 *   0x028  u64  total sectors (without the sector of the copy)
 *   0x030  u64  cluster of $MFT
 *   0x038  u64  cluster of $MFTMirr
 *   0x040  i8   clusters per FILE record; negative: 2^−value bytes
 *   0x044  i8   clusters per index record, same coding
 *   0x1FE  u16  0xAA55
 */
import type { ByteView, RandomAccessSource } from '@kerbside/bytes';
import { KerbsideError, readView } from '@kerbside/bytes';

/** What the boot record says about the volume; all of it checked against sane bounds. */
export interface NtfsGeometry {
  readonly sectorSizeBytes: number;
  readonly clusterSizeBytes: number;
  /** Length that the boot record claims; may be more than there is. */
  readonly claimedBytes: number;
  readonly mftCluster: number;
  readonly mirrorCluster: number;
  readonly recordSizeBytes: number;
}

/** Windows formats with up to 2 MiB clusters. */
const MAX_CLUSTER_BYTES = 2 * 1024 * 1024;
/** Windows writes 1,024 and 4,096; the coding allows more, and fix-ups need whole 512-byte blocks. */
const MAX_RECORD_BYTES = 64 * 1024;

/** Reads a boot record; null when it is not one of NTFS or its figures cannot be. */
export function parseBootRecord(view: ByteView): NtfsGeometry | null {
  if (view.length < 512 || !view.hasAscii(3, 'NTFS    ') || view.u16(0x1fe) !== 0xaa55) return null;
  const sectorSizeBytes = view.u16(0x0b);
  if (!isPowerOfTwo(sectorSizeBytes) || sectorSizeBytes < 256 || sectorSizeBytes > 4096) return null;
  const perCluster = view.u8(0x0d);
  const sectorsPerCluster = perCluster > 128 ? 2 ** (256 - perCluster) : perCluster;
  const clusterSizeBytes = sectorsPerCluster * sectorSizeBytes;
  if (!isPowerOfTwo(clusterSizeBytes) || clusterSizeBytes > MAX_CLUSTER_BYTES) return null;
  const coded = (view.u8(0x40) << 24) >> 24;
  const recordSizeBytes = coded < 0 ? 2 ** -coded : coded * clusterSizeBytes;
  if (!isPowerOfTwo(recordSizeBytes) || recordSizeBytes < 512 || recordSizeBytes > MAX_RECORD_BYTES) return null;
  const claimedBytes = view.u64(0x28) * sectorSizeBytes;
  if (claimedBytes === 0) return null;
  return {
    sectorSizeBytes,
    clusterSizeBytes,
    claimedBytes,
    mftCluster: view.u64(0x30),
    mirrorCluster: view.u64(0x38),
    recordSizeBytes,
  };
}

/** The boot record at the start of the volume; null when it is damaged, unreadable or not of NTFS. */
export function readBootRecord(source: RandomAccessSource): NtfsGeometry | null {
  return readBootRecordAt(source, 0);
}

/**
 * The copy of the boot record. It stands in the last sector of the partition; where the file
 * system is shorter than its partition by less than a sector of another size, a little before it.
 * NT 3.51 put it in the middle of the volume.
 */
export function readBackupBootRecord(source: RandomAccessSource): NtfsGeometry | null {
  const wholeSectors = Math.floor(source.sizeBytes / 512);
  const places = [1, 2, 4, 8].map((sectors) => (Math.floor(wholeSectors / sectors) - 1) * sectors * 512);
  places.push(Math.floor(wholeSectors / 2) * 512);
  for (const place of places) {
    const geometry = place > 0 ? readBootRecordAt(source, place) : null;
    if (geometry !== null) return geometry;
  }
  return null;
}

function readBootRecordAt(source: RandomAccessSource, offset: number): NtfsGeometry | null {
  if (offset + 512 > source.sizeBytes) return null;
  try {
    return parseBootRecord(readView(source, offset, 512));
  } catch (error) {
    if (error instanceof KerbsideError) return null;
    throw error;
  }
}

function isPowerOfTwo(value: number): boolean {
  return value > 0 && Number.isInteger(Math.log2(value));
}
