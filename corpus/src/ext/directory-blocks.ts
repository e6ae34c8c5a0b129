import type { ExtFolder } from './ext-tree.ts';

const TYPE_FILE = 1;
const TYPE_FOLDER = 2;

interface Entry {
  readonly inode: number;
  readonly name: Buffer;
  readonly type: number;
  readonly deleted: boolean;
}

/**
 * Encodes a folder's entries as a linear directory. A deleted entry keeps its bytes and is taken
 * over by the record before it, or loses its inode number where it is the first of its block.
 */
export function encodeDirectory(folder: ExtFolder, blockSizeBytes: number): Buffer {
  const entries: Entry[] = [
    { inode: folder.inode, name: Buffer.from('.'), type: TYPE_FOLDER, deleted: false },
    { inode: (folder.parent ?? folder).inode, name: Buffer.from('..'), type: TYPE_FOLDER, deleted: false },
    ...[...folder.folders.values()].map(({ inode, name }) => ({ inode, name, type: TYPE_FOLDER, deleted: false })),
    ...folder.files.map(({ inode, name, file }) => ({ inode, name, type: TYPE_FILE, deleted: file.deleted === true })),
  ];
  const blocks: Buffer[] = [];
  let block = Buffer.alloc(blockSizeBytes);
  let at = 0;
  let last = -1;
  const close = (): void => {
    // the last record reaches to the end of its block
    block.writeUInt16LE(blockSizeBytes - last, last + 4);
    blocks.push(block);
  };
  for (const entry of entries) {
    if (entry.name.length > 255) throw new RangeError(`expected a name of at most 255 bytes but received ${entry.name.length}`);
    const length = 8 + ((entry.name.length + 3) & ~3);
    if (at + length > blockSizeBytes) {
      close();
      block = Buffer.alloc(blockSizeBytes);
      at = 0;
      last = -1;
    }
    block.writeUInt32LE(entry.inode, at);
    block.writeUInt16LE(length, at + 4);
    block[at + 6] = entry.name.length;
    block[at + 7] = entry.type;
    entry.name.copy(block, at + 8);
    if (!entry.deleted) {
      if (last >= 0) block.writeUInt16LE(at - last, last + 4);
      last = at;
    } else if (last < 0) {
      block.writeUInt32LE(0, at);
      last = at;
    }
    at += length;
  }
  close();
  return Buffer.concat(blocks);
}
