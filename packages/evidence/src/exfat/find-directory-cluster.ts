import { ENTRY_BYTES, isFileEntry, MAX_SET_ENTRIES, readEntrySet } from './entry-set.ts';
import { clusterOffset, type ExfatVolume } from './exfat-volume.ts';

/** Entries of a set that began in the cluster before may stand first; then a whole set must follow. */
const MAX_LEADING_ENTRIES = MAX_SET_ENTRIES - 1;

/** Bytes from the start of a cluster that are enough to judge it. */
export const HEAD_BYTES = (MAX_LEADING_ENTRIES + MAX_SET_ENTRIES) * ENTRY_BYTES;

/**
 * True when the bytes from `at` on begin as a directory cluster does: a set whose checksum holds,
 * after at most the tail of another. Quick to say no: one byte for most clusters.
 */
export function beginsWithEntrySet(bytes: Buffer, at: number, end: number): boolean {
  let head = at;
  for (let skipped = 0; skipped <= MAX_LEADING_ENTRIES && head + ENTRY_BYTES <= end; skipped++) {
    const type = bytes[head]!;
    if (isFileEntry(type)) {
      const outcome = readEntrySet(bytes, head, end, true, 0);
      return outcome.kind === 'set' && outcome.set.checksumHolds;
    }
    if ((type & 0x40) === 0) return false;
    head += ENTRY_BYTES;
  }
  return false;
}

/** The same for one cluster of a volume, read for the purpose. */
export function isDirectoryCluster(fs: ExfatVolume, cluster: number): boolean {
  const offset = clusterOffset(fs.geometry, cluster);
  const length = Math.min(HEAD_BYTES, fs.geometry.clusterSizeBytes, fs.volume.source.sizeBytes - offset);
  if (length < ENTRY_BYTES) return false;
  const head = Buffer.allocUnsafe(length);
  fs.volume.source.readInto(head, offset);
  return beginsWithEntrySet(head, 0, length);
}

/** True when the last entry of a directory cluster is used: only then does the directory go on in another. */
export function isFullCluster(fs: ExfatVolume, cluster: number): boolean {
  const lastEntry = clusterOffset(fs.geometry, cluster + 1) - ENTRY_BYTES;
  if (lastEntry + ENTRY_BYTES > fs.volume.source.sizeBytes) return false;
  const entry = Buffer.alloc(ENTRY_BYTES);
  fs.volume.source.readInto(entry, lastEntry);
  return entry[0] !== 0;
}
