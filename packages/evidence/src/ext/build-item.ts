import type { EvidenceName } from '../evidence-name.ts';
import type { DirectoryNode, Item, ItemContent, ItemKind, Recovery } from '../item.ts';
import type { ExtView } from './ext-view.ts';
import { inodeChecksumAgrees } from './inode-checksum.ts';
import { inlineParts } from './inline-data.ts';
import {
  BLOCK_MAP_AT, INODE_FLAG, NO_TIMES, inodeFlags, inodeSize, inodeTimes, inodeType, holdsMoreThanItsType, kindOfInodeType, namesBlocks,
} from './inode-fields.ts';
import { mapContent, type MappedContent } from './map-content.ts';
import type { MappingFault } from './run-list.ts';

/** Logical block numbers have 32 bits, so no file reaches further than this many blocks. */
const MAX_FILE_BLOCKS = 0x1_0000_0000;

/** Largest file that is restored in memory for its escaped blocks; they are rare in files, and this holds any picture. */
const MAX_UNESCAPED_BYTES = 16 * 1024 * 1024;
const JOURNAL_MAGIC_BYTES = Buffer.from([0xc0, 0x3b, 0x39, 0x98]);

const NOT_CONTENT: ItemContent = Object.freeze({ form: 'none', reason: 'not-content' });
const NO_RUNS: ItemContent = Object.freeze({ form: 'none', reason: 'no-runs' });
const DAMAGED: ItemContent = Object.freeze({ form: 'none', reason: 'damaged' });
const ENCRYPTED: ItemContent = Object.freeze({ form: 'none', reason: 'encrypted' });
export const NO_RUNS_RECOVERY: Recovery = Object.freeze({ basis: 'no-runs' });
const RUNS_SURVIVE: Recovery = Object.freeze({ basis: 'runs-survive' });

export interface ItemFault {
  readonly kind: MappingFault['kind'] | 'unsupported';
  readonly code: string;
  readonly message: string;
}

/** Why an item is what it is: where its name stands, and what is known of it. */
export interface Naming {
  readonly parent: DirectoryNode | null;
  readonly name: EvidenceName;
  readonly state: Item['state'];
}

/**
 * Makes the item of the inode that `view.inodes` points at.
 *
 * @param inUse false when the inode is free, so that its blocks may belong to others now
 * @param faults receives what is wrong with it
 */
export function buildItem(view: ExtView, inode: number, naming: Naming, inUse: boolean, faults: ItemFault[]): Item {
  const { bytes, at } = view.inodes;
  const type = inodeType(bytes, at);
  if (inUse && !inodeChecksumAgrees(view.superblock, inode, bytes, at)) {
    faults.push({ kind: 'malformed', code: 'ext-inode-checksum', message: 'the inode fails its checksum: its size or the places of its content may be wrong' });
  }
  const isOverfull = inUse && holdsMoreThanItsType(type, inodeSize(bytes, at, view.superblock), view.superblock.blockSizeBytes);
  const kind = isOverfull ? 'file' : kindOfInodeType(type);
  const times = inodeTimes(bytes, at, view.superblock.inodeSizeBytes);
  const recordedSize = inodeSize(bytes, at, view.superblock);
  const base = { kind, parent: naming.parent, name: naming.name, streamName: null, state: naming.state, id: String(inode), times };
  if (kind !== 'file') {
    const recovery = naming.state === 'allocated' ? null : inUse ? RUNS_SURVIVE : NO_RUNS_RECOVERY;
    return { ...base, sizeBytes: Number.isSafeInteger(recordedSize) ? recordedSize : 0, content: NOT_CONTENT, recovery, partial: false };
  }
  if (isOverfull) {
    faults.push({ kind: 'malformed', code: 'ext-type-wrong', message: `by its type (${type}) the inode is no file, and yet it holds ${recordedSize} bytes: they were read as a file's` });
  }
  const flags = inodeFlags(bytes, at);
  if ((flags & INODE_FLAG.encrypted) !== 0 && (inUse || recordedSize > 0)) {
    faults.push({ kind: 'unsupported', code: 'ext-item-encrypted', message: 'the file is encrypted by the file system (fscrypt) and was not read' });
    return { ...base, sizeBytes: boundedSize(view, recordedSize), content: ENCRYPTED, recovery: recoveryOf(naming, RUNS_SURVIVE), partial: true };
  }
  if ((flags & INODE_FLAG.inlineData) !== 0) return inlineItem(view, inode, naming, base, recordedSize, faults);
  const size = boundedSize(view, recordedSize);
  if (size !== recordedSize) {
    faults.push({ kind: 'malformed', code: 'ext-size-implausible', message: 'the recorded size is larger than a file of this volume can be; only what is mapped was taken' });
  }
  if (inUse && size === 0 && namesBlocks(bytes, at)) {
    faults.push({ kind: 'malformed', code: 'ext-blocks-beyond-size', message: 'the file is empty by its size and yet has blocks; what is in them is not part of the item' });
  }
  if (inUse) return extentsItem(view, naming, base, size, size !== recordedSize, faults);
  return deletedItem(view, base, size, faults);
}

type ItemBase = Pick<Item, 'kind' | 'parent' | 'name' | 'streamName' | 'state' | 'id' | 'times'>;

function extentsItem(view: ExtView, naming: Naming, base: ItemBase, size: number, oversized: boolean, faults: ItemFault[]): Item {
  const runs = mapContent(view.inodes.bytes, view.inodes.at, size, view.mapping);
  for (const fault of runs.faults) faults.push(fault);
  const content = runs.escapedAt.length > 0 ? unescaped(view, runs, size, faults) : { form: 'extents' as const, extents: runs.extents };
  const partial = oversized || runs.faults.length > 0 || content.form === 'none';
  return { ...base, sizeBytes: size, content, recovery: recoveryOf(naming, RUNS_SURVIVE), partial };
}

/** Content that only the journal holds whole, with the journal's magic put back where a block opens with it. */
function unescaped(view: ExtView, runs: MappedContent, size: number, faults: ItemFault[]): ItemContent {
  const { source } = view.blocks;
  if (size > MAX_UNESCAPED_BYTES) {
    faults.push({ kind: 'limit', code: 'ext-journal-escaped-content', message: 'blocks of the file stand escaped in the journal, and it is too large to restore them in memory' });
    return DAMAGED;
  }
  const bytes = Buffer.alloc(size);
  let at = 0;
  for (const extent of runs.extents) {
    const unread = extent.kind === 'data' ? source.readInto(bytes.subarray(at, at + extent.length), extent.sourceOffset - source.originOffset) : [];
    if (unread.length > 0) {
      faults.push({ kind: 'medium', code: 'unreadable-bytes', message: 'part of the file could not be read from the journal' });
      return DAMAGED;
    }
    at += extent.length;
  }
  for (const position of runs.escapedAt) JOURNAL_MAGIC_BYTES.copy(bytes, position);
  return { form: 'inline', bytes, sourceOffset: runs.extents.find((extent) => extent.kind === 'data')?.sourceOffset ?? -1 };
}

/** A free inode: its map may be gone (ext3, ext4), whole (ext2), or lead to blocks that others use now. */
function deletedItem(view: ExtView, base: ItemBase, size: number, faults: ItemFault[]): Item {
  view.mapping.isReused = (block) => view.bitmaps.isAllocated(block);
  const runs = mapContent(view.inodes.bytes, view.inodes.at, size, view.mapping);
  view.mapping.isReused = null;
  if (runs.mappedBlocks === 0) {
    return { ...base, sizeBytes: size, content: NO_RUNS, recovery: NO_RUNS_RECOVERY, partial: false };
  }
  for (const fault of runs.faults) faults.push(fault);
  const { share: reusedShare, complete } = view.bitmaps.shareInUse(runs.extents);
  if (!complete) {
    faults.push({ kind: 'limit', code: 'ext-reuse-budget', message: 'deleted files claim more blocks than the volume could ever have held; how much of this one is in use again was not fully checked' });
  }
  const recovery: Recovery = reusedShare === 0 && complete ? RUNS_SURVIVE : { basis: 'clusters-reused', reusedShare };
  return { ...base, sizeBytes: size, content: { form: 'extents', extents: runs.extents }, recovery, partial: runs.faults.length > 0 };
}

function inlineItem(view: ExtView, inode: number, naming: Naming, base: ItemBase, recordedSize: number, faults: ItemFault[]): Item {
  const { bytes, at } = view.inodes;
  const parts = inlineParts(bytes, at, view.superblock.inodeSizeBytes);
  const room = parts.reduce((sum, [start, end]) => sum + end - start, 0);
  const size = Math.min(recordedSize, room);
  if (size < recordedSize) {
    faults.push({ kind: 'malformed', code: 'ext-inline-data-damaged', message: `the file's inline data holds ${room} of its ${recordedSize} bytes` });
  }
  const data = Buffer.concat(parts.map(([start, end]) => bytes.subarray(at + start, at + end)), room).subarray(0, size);
  const sourceOffset = view.inodes.sourceOffsetOf(inode) + BLOCK_MAP_AT;
  return {
    ...base, sizeBytes: size, content: { form: 'inline', bytes: data, sourceOffset },
    recovery: recoveryOf(naming, RUNS_SURVIVE), partial: size < recordedSize,
  };
}

/** An item of which only the name is left: its inode is gone, unreadable or belongs to another. */
export function nameOnlyItem(inode: number, naming: Naming, kind: ItemKind, damaged: boolean): Item {
  return {
    kind, parent: naming.parent, name: naming.name, streamName: null, sizeBytes: 0, state: naming.state, id: String(inode), times: NO_TIMES,
    content: kind !== 'file' && !damaged ? NOT_CONTENT : damaged ? DAMAGED : NO_RUNS,
    recovery: naming.state === 'allocated' ? null : NO_RUNS_RECOVERY, partial: damaged,
  };
}

function recoveryOf(naming: Naming, recovery: Recovery): Recovery | null {
  return naming.state === 'allocated' ? null : recovery;
}

/** The size, or no more than any file can have. */
function boundedSize(view: ExtView, recordedSize: number): number {
  const most = MAX_FILE_BLOCKS * view.superblock.blockSizeBytes;
  if (recordedSize <= most) return recordedSize;
  // what is mapped is at most the volume; the rest would be one endless hole
  return Math.min(most, view.blocks.blockCount * view.superblock.blockSizeBytes);
}
