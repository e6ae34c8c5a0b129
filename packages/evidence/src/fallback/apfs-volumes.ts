import type { ByteView, RandomAccessSource } from '@kerbside/bytes';
import { readQuietly } from '../volumes/read-quietly.ts';

/**
 * The few fields of an APFS container read here by ourselves, little-endian, from Apple File System
 * Reference (2020-06-22), `nx_superblock_t` and `apfs_superblock_t`:
 *
 * | at | bytes | container superblock (block 0) | at | bytes | volume superblock |
 * |---|---|---|---|---|---|
 * | 32 | 4 | `NXSB` | 32 | 4 | `APSB` |
 * | 36 | 4 | block size | 184 | 8 | number of regular files |
 * | 180 | 4 | most volumes it can hold | 216 | 8 | number of snapshots |
 * | 184 | 8 × 100 | object ids of the volumes, 0 for none | 264 | 8 | flags; 1 = not encrypted |
 * | | | | 704 | 256 | name, UTF-8, ends with 0 |
 */
const MAX_VOLUMES = 100;
const VOLUME_HEAD_BYTES = 1_024;
const FLAG_UNENCRYPTED = 1;

export interface ApfsContainer {
  readonly blockSizeBytes: number;
  /** How many volumes block 0 states; a newer checkpoint may state another number. */
  readonly statedVolumes: number;
}

export interface ApfsVolume {
  /** Block number of its superblock, as `fls -B` wants it. */
  readonly block: number;
  readonly name: string;
  readonly isEncrypted: boolean;
  readonly snapshots: number;
  readonly statedFiles: number;
}

/** Null when block 0 does not hold a container superblock. Never throws on evidence. */
export function readApfsContainer(source: RandomAccessSource): ApfsContainer | null {
  const view = readQuietly(source, 0, 4_096);
  if (view === null || !view.hasAscii(32, 'NXSB')) return null;
  let statedVolumes = 0;
  for (let index = 0; index < MAX_VOLUMES; index += 1) {
    if (isSet(view, 184 + index * 8)) statedVolumes += 1;
  }
  return { blockSizeBytes: view.u32(36), statedVolumes };
}

/** Null when no volume superblock stands in this block. Never throws on evidence. */
export function readApfsVolume(source: RandomAccessSource, block: number, blockSizeBytes: number): ApfsVolume | null {
  const offset = block * blockSizeBytes;
  if (!Number.isSafeInteger(offset) || offset < 0 || offset + VOLUME_HEAD_BYTES > source.sizeBytes) return null;
  const view = readQuietly(source, offset, VOLUME_HEAD_BYTES);
  if (view === null || !view.hasAscii(32, 'APSB')) return null;
  const name = view.bytes.toString('utf8', 704, 960);
  const end = name.indexOf('\0');
  return {
    block,
    name: end < 0 ? name : name.slice(0, end),
    isEncrypted: (view.u32(264) & FLAG_UNENCRYPTED) === 0,
    snapshots: clampedCount(view, 216),
    statedFiles: clampedCount(view, 184),
  };
}

function isSet(view: ByteView, offset: number): boolean {
  return view.u32(offset) !== 0 || view.u32(offset + 4) !== 0;
}

/** A count too large to be true says only "very many". */
function clampedCount(view: ByteView, offset: number): number {
  return view.u32(offset + 4) === 0 ? view.u32(offset) : 0xffff_ffff;
}
