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
 * | 160 | 8 | block of the object map | 704 | 256 | name, UTF-8, ends with 0 |
 *
 * An object map has the block of its tree at 48. In a root leaf of that tree (`btree_node_phys_t`) the
 * flags stand at 32 (1 root, 2 leaf, 4 entries of fixed size), the number of entries at 36, the offset
 * of the table of entries at 40; an entry is {key offset, value offset}, u16 each; values are counted
 * backwards from 40 bytes before the end and are {flags u32, size u32, block u64}.
 */
const MAX_VOLUMES = 100;
const VOLUME_HEAD_BYTES = 1_024;
const FLAG_UNENCRYPTED = 1;
const ROOT_LEAF_OF_FIXED_SIZE = 7;
const FOOTER_BYTES = 40;
const MAX_MAP_ENTRIES = 256;

export interface ApfsContainer {
  readonly blockSizeBytes: number;
  /** How many volumes block 0 states; a newer checkpoint may state another number. */
  readonly statedVolumes: number;
}

export interface ApfsVolume {
  /** Block number of its superblock, as `fls -B` wants it. */
  readonly block: number;
  /** Object id; the same in older copies of the superblock. */
  readonly objectId: string;
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
    objectId: `${view.u32(12)}-${view.u32(8)}`,
    name: end < 0 ? name : name.slice(0, end),
    isEncrypted: (view.u32(264) & FLAG_UNENCRYPTED) === 0,
    snapshots: clampedCount(view, 216),
    statedFiles: clampedCount(view, 184),
  };
}

/**
 * Volume superblocks that the object map of block 0 names, for where The Sleuth Kit finds none: it
 * gives up at the first damage, also to parts that nothing here needs. Never throws on evidence.
 */
export function findApfsVolumes(source: RandomAccessSource, blockSizeBytes: number): ApfsVolume[] {
  const mapBlock = blockNumberAt(readBlock(source, 0, blockSizeBytes), 160);
  const treeBlock = blockNumberAt(readBlock(source, mapBlock, blockSizeBytes), 48);
  const tree = readBlock(source, treeBlock, blockSizeBytes);
  if (tree === null || (tree.u16(32) & ROOT_LEAF_OF_FIXED_SIZE) !== ROOT_LEAF_OF_FIXED_SIZE) return [];
  const found: ApfsVolume[] = [];
  const table = 56 + tree.u16(40);
  for (let index = 0; index < Math.min(tree.u32(36), MAX_MAP_ENTRIES); index += 1) {
    const entry = table + index * 4;
    if (entry + 4 > blockSizeBytes) break;
    const value = blockSizeBytes - FOOTER_BYTES - tree.u16(entry + 2);
    if (value < 0 || value + 16 > blockSizeBytes) continue;
    const volume = readApfsVolume(source, blockNumberAt(tree, value + 8), blockSizeBytes);
    if (volume !== null) found.push(volume);
  }
  return found;
}

function readBlock(source: RandomAccessSource, block: number, blockSizeBytes: number): ByteView | null {
  const offset = block * blockSizeBytes;
  return offset >= 0 && offset + blockSizeBytes <= source.sizeBytes ? readQuietly(source, offset, blockSizeBytes) : null;
}

/** -1 where there is none, or where it is beyond all disks. */
function blockNumberAt(view: ByteView | null, offset: number): number {
  if (view === null) return -1;
  const block = view.u32(offset + 4) * 2 ** 32 + view.u32(offset);
  return block < 2 ** 40 ? block : -1;
}

function isSet(view: ByteView, offset: number): boolean {
  return view.u32(offset) !== 0 || view.u32(offset + 4) !== 0;
}

/** A count too large to be true says only "very many". */
function clampedCount(view: ByteView, offset: number): number {
  return view.u32(offset + 4) === 0 ? view.u32(offset) : 0xffff_ffff;
}
