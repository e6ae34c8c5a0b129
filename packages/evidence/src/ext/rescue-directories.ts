/**
 * What can still be read of the tree when the root directory, or inodes on the way, are lost: blocks
 * that open a directory carry its own number and its parent's (`.` and `..`), so a search through the
 * volume finds directories whose inode is gone. Their further blocks carry no number and stay lost.
 */
import type { Problem } from '@kerbside/bytes';
import type { WalkPause } from '../item.ts';
import { makePace } from '../walk-pace.ts';
import type { ExtView } from './ext-view.ts';
import { FILE_TYPE, inodeLinks, inodeType } from './inode-fields.ts';

/** Most bytes searched: damage that costs the root is mostly near the start, and this is a minute on a slow disk. */
export const MAX_RESCUE_BYTES = 4 * 1024 * 1024 * 1024;
const PIECE_BYTES = 4 * 1024 * 1024;
/** Most directories remembered: 12 bytes and a map entry each. */
const MAX_RESCUED = 200_000;

export interface RescuedDirectories {
  /** First block of each directory found whose inode is lost, by inode. */
  readonly blocks: ReadonlyMap<number, readonly number[]>;
  /** Parent of each directory found, lost inode or not. */
  readonly parents: ReadonlyMap<number, number>;
  readonly problems: readonly Problem[];
}

/** Inode numbers that hold a directory now; used to tell which of the blocks found have lost theirs. */
export function isDirectoryInode(view: ExtView, inode: number): boolean {
  return view.inodes.seek(inode) && inodeType(view.inodes.bytes, view.inodes.at) === FILE_TYPE.directory && inodeLinks(view.inodes.bytes, view.inodes.at) > 0;
}

/** Searches the volume for blocks that open a directory. */
export function* rescueDirectories(view: ExtView): Generator<WalkPause, RescuedDirectories, undefined> {
  const { blocks, superblock } = view;
  const size = blocks.blockSizeBytes;
  const found = new Map<number, number[]>();
  const parents = new Map<number, number>();
  const problems: Problem[] = [];
  const piece = Buffer.alloc(Math.max(PIECE_BYTES, size));
  const pace = makePace(Math.min(blocks.blockCount * size, MAX_RESCUE_BYTES));
  const lastBlock = Math.min(blocks.blockCount, Math.floor(MAX_RESCUE_BYTES / size));
  for (let block = 0; block < lastBlock && parents.size < MAX_RESCUED; block += piece.length / size) {
    const target = piece.subarray(0, Math.min(piece.length, (lastBlock - block) * size));
    blocks.read(target, block);
    const pause = pace.reach(block * size);
    if (pause !== null) yield pause;
    for (let at = 0; at < target.length; at += size) {
      if (!opensDirectory(target, at)) continue;
      const inode = target.readUInt32LE(at);
      const parent = target.readUInt32LE(at + 12);
      if (inode === 0 || inode > superblock.inodeCount || parent === 0 || parent > superblock.inodeCount || parents.has(inode)) continue;
      parents.set(inode, parent);
      found.set(inode, [block + at / size]);
    }
  }
  for (const inode of parents.keys()) if (isDirectoryInode(view, inode)) found.delete(inode);
  if (lastBlock < blocks.blockCount || parents.size >= MAX_RESCUED) {
    problems.push({
      kind: 'limit', code: 'ext-rescue-limit', where: { volume: view.volume.id },
      message: `the search for lost directories ended after ${Math.round((lastBlock * size) / 1024 / 1024)} MiB and ${parents.size} directories`,
    });
  }
  return { blocks: found, parents, problems };
}

/** `.` in a record of 12 bytes, then `..`. */
function opensDirectory(bytes: Buffer, at: number): boolean {
  return (
    bytes[at + 8] === 0x2e && bytes[at + 4] === 12 && bytes[at + 5] === 0 && bytes[at + 6] === 1 && bytes[at + 9] === 0 &&
    bytes[at + 20] === 0x2e && bytes[at + 21] === 0x2e && bytes[at + 18] === 2 && bytes[at + 22] === 0
  );
}
