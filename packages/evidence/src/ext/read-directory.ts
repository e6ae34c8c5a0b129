import { MAX_DIRECTORY_BYTES } from '@kerbside/bytes';
import type { ItemFault } from './build-item.ts';
import type { BlockSet } from './block-set.ts';
import { readDirectoryEntries, type EntryLayout } from './directory-entries.ts';
import type { ExtView } from './ext-view.ts';
import { inlineParts } from './inline-data.ts';
import { INODE_FLAG, inodeFlags, inodeSize } from './inode-fields.ts';
import { mapContent } from './map-content.ts';

/** Most bytes of a directory read at once. */
const PIECE_BYTES = 1024 * 1024;

/** Entries of one piece of a directory, side by side rather than as objects. */
export interface EntryBatch {
  readonly bytes: Buffer;
  readonly inodes: number[];
  readonly nameAts: number[];
  readonly nameLengths: number[];
  readonly fileTypes: number[];
  readonly slack: boolean[];
}

/** A directory to read: by its inode, or by blocks found without one. */
export interface DirectoryPlace {
  readonly inode: number;
  /** Blocks of a directory whose inode is lost; null to map the inode. */
  readonly blocks: readonly number[] | null;
  /** True for a deleted directory: its blocks may be gone, and only what still is its own is read. */
  readonly deleted: boolean;
}

/** Reads a directory's entries piece by piece, `.` and `..` left out. Faults are the directory's. */
export function* readDirectory(
  view: ExtView, place: DirectoryPlace, layout: EntryLayout, read: BlockSet, faults: ItemFault[],
): Generator<EntryBatch, void, undefined> {
  if (place.blocks !== null) {
    for (const block of place.blocks) yield* readRun(view, place, block, 1, block === place.blocks[0], true, layout, read, faults);
    return;
  }
  if (!view.inodes.seek(place.inode)) return;
  const { bytes: table, at } = view.inodes;
  const flags = inodeFlags(table, at);
  if ((flags & INODE_FLAG.inlineData) !== 0) {
    yield inlineBatch(view, layout, faults);
    return;
  }
  const recordedSize = inodeSize(table, at, view.superblock);
  const size = Math.min(recordedSize, MAX_DIRECTORY_BYTES, view.blocks.blockCount * view.blocks.blockSizeBytes);
  if (size < recordedSize) {
    faults.push({ kind: 'limit', code: 'ext-directory-too-large', message: `the directory claims ${recordedSize} bytes; ${size} were read` });
  }
  if (place.deleted) view.mapping.isReused = (block) => view.bitmaps.isAllocated(block);
  const runs = mapContent(table, at, size, view.mapping);
  view.mapping.isReused = null;
  if (!place.deleted) for (const fault of runs.faults) faults.push(fault);
  const hasSlack = (flags & INODE_FLAG.hashTree) === 0;
  const { blockSizeBytes, source } = view.blocks;
  let position = 0;
  for (const extent of runs.extents) {
    if (extent.kind === 'data') {
      const first = (extent.sourceOffset - source.originOffset) / blockSizeBytes;
      const count = Math.ceil(extent.length / blockSizeBytes);
      yield* readRun(view, place, first, count, position === 0, hasSlack, layout, read, faults);
    }
    position += extent.length;
  }
}

function* readRun(
  view: ExtView, place: DirectoryPlace, first: number, count: number, isStart: boolean, hasSlack: boolean,
  layout: EntryLayout, read: BlockSet, faults: ItemFault[],
): Generator<EntryBatch, void, undefined> {
  const { blockSizeBytes, source } = view.blocks;
  const most = Math.max(1, PIECE_BYTES / blockSizeBytes);
  for (let done = 0; done < count; ) {
    const fresh = freshBlocks(view, first + done, Math.min(most, count - done), read);
    if (fresh < 0) {
      faults.push({ kind: 'limit', code: 'ext-directory-budget', message: 'the directories of this volume claim more blocks than it has; this one was not read to its end' });
      return;
    }
    if (fresh === 0) {
      if (!place.deleted) faults.push({ kind: 'malformed', code: 'ext-directory-cross-linked', message: 'a block of the directory belongs to another directory too; its names are listed once' });
      done += 1;
      continue;
    }
    const bytes = Buffer.allocUnsafe(fresh * blockSizeBytes);
    // Straight from the medium: the map already points into the journal where the overlay holds a block.
    const unread = source.readInto(bytes, (first + done) * blockSizeBytes);
    if (unread.length > 0) {
      faults.push({ kind: 'medium', code: 'unreadable-bytes', message: 'part of the directory could not be read; names may be missing' });
    }
    const batch = emptyBatch(bytes);
    for (let i = 0; i < fresh; i++) {
      const start = i * blockSizeBytes;
      const isFirst = isStart && done + i === 0;
      if (place.deleted && !isOwnDeletedBlock(view, bytes, start, first + done + i, isFirst, place.inode)) return;
      // The root of a hash tree keeps its index where a plain directory has slack; so do its inner blocks.
      const readSlack = hasSlack || !(isFirst || bytes.readUInt16LE(start + 4) === blockSizeBytes);
      const bad = readDirectoryEntries(bytes, start, start + blockSizeBytes, layout, readSlack, (inode, nameAt, nameLength, fileType, slack) => {
        const isDot = isFirst && (nameAt === 8 || nameAt === 20) && isDotName(bytes, nameAt, nameLength);
        if (!isDot) addEntry(batch, inode, nameAt, nameLength, fileType, slack);
      });
      if (bad >= 0 && !place.deleted) {
        faults.push({ kind: 'malformed', code: 'ext-directory-damaged', message: 'an entry of the directory is damaged; names after it in the same block may be missing' });
      }
    }
    yield batch;
    done += fresh;
  }
}

/** How many blocks from `block` on no directory has read before, marking them; -1 when the budget is used up. */
function freshBlocks(view: ExtView, block: number, most: number, read: BlockSet): number {
  let fresh = 0;
  while (fresh < most) {
    if (!view.mapping.take(1)) return -1;
    if (!read.add(block + fresh)) break;
    fresh += 1;
  }
  return fresh;
}

/** A deleted directory's first block must still name it, and none of its blocks may be in use again. */
function isOwnDeletedBlock(view: ExtView, bytes: Buffer, start: number, block: number, isFirst: boolean, inode: number): boolean {
  if (view.bitmaps.isAllocated(block)) return false;
  return !isFirst || (bytes.readUInt32LE(start) === inode && isDotName(bytes, start + 8, bytes[start + 6]!));
}

function inlineBatch(view: ExtView, layout: EntryLayout, faults: ItemFault[]): EntryBatch {
  const { bytes: table, at } = view.inodes;
  const parts = inlineParts(table, at, view.superblock.inodeSizeBytes);
  // a copy: the table's buffer is used again while the entries are walked
  const bytes = Buffer.from(table.subarray(at, at + view.superblock.inodeSizeBytes));
  const batch = emptyBatch(bytes);
  for (const [index, [start, end]] of parts.entries()) {
    // the first part opens with the parent's number in place of `.` and `..`
    const bad = readDirectoryEntries(bytes, index === 0 ? start + 4 : start, end, layout, true, (inode, nameAt, nameLength, fileType, slack) => {
      addEntry(batch, inode, nameAt, nameLength, fileType, slack);
    });
    if (bad >= 0) faults.push({ kind: 'malformed', code: 'ext-directory-damaged', message: 'an entry of the directory is damaged; names after it may be missing' });
  }
  return batch;
}

function isDotName(bytes: Buffer, at: number, length: number): boolean {
  return bytes[at] === 0x2e && (length === 1 || (length === 2 && bytes[at + 1] === 0x2e));
}

function emptyBatch(bytes: Buffer): EntryBatch {
  return { bytes, inodes: [], nameAts: [], nameLengths: [], fileTypes: [], slack: [] };
}

function addEntry(batch: EntryBatch, inode: number, nameAt: number, nameLength: number, fileType: number, slack: boolean): void {
  batch.inodes.push(inode);
  batch.nameAts.push(nameAt);
  batch.nameLengths.push(nameLength);
  batch.fileTypes.push(fileType);
  batch.slack.push(slack);
}
