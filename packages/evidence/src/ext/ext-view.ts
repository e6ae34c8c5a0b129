import type { Problem } from '@kerbside/bytes';
import type { Volume } from '../volume.ts';
import { BlockBitmaps } from './block-bitmaps.ts';
import { BlockReader, type BlockOverlay } from './block-reader.ts';
import { readGroupDescriptors, type GroupTable } from './group-descriptors.ts';
import { InodeTable } from './inode-table.ts';
import { MappingContext } from './map-content.ts';
import type { Superblock } from './superblock.ts';

/** One way of looking at a volume: as it stands on the medium, or as it is once its journal is replayed. */
export interface ExtView {
  readonly volume: Volume;
  readonly superblock: Superblock;
  readonly blocks: BlockReader;
  readonly groups: GroupTable;
  readonly inodes: InodeTable;
  readonly bitmaps: BlockBitmaps;
  readonly mapping: MappingContext;
  /** What is remembered of each inode: one byte, made by group when first needed. */
  readonly marks: InodeMarks;
}

/**
 * Opens a view.
 *
 * @param startGroup group whose copy of the descriptors is read first
 */
export function openView(volume: Volume, superblock: Superblock, overlay: BlockOverlay | null, startGroup: number): ExtView {
  const blocks = new BlockReader(volume.source, superblock.blockSizeBytes, overlay);
  const groups = readGroupDescriptors(blocks, superblock, startGroup);
  return {
    volume,
    superblock,
    blocks,
    groups,
    inodes: new InodeTable(blocks, superblock, groups),
    bitmaps: new BlockBitmaps(blocks, superblock, groups),
    mapping: new MappingContext(blocks),
    marks: new InodeMarks(superblock.inodesPerGroup),
  };
}

export const MARK_NAMED = 1;
export const MARK_WALKED = 2;

/** What a walk remembers of each inode: that a name led to it, that it was walked as a directory. One byte each, in groups. */
export class InodeMarks {
  readonly #inodesPerGroup: number;
  readonly #groups: (Uint8Array | undefined)[] = [];

  constructor(inodesPerGroup: number) {
    this.#inodesPerGroup = inodesPerGroup;
  }

  has(inode: number, mark: number): boolean {
    const group = Math.floor((inode - 1) / this.#inodesPerGroup);
    const marks = this.#groups[group];
    return marks !== undefined && (marks[inode - 1 - group * this.#inodesPerGroup]! & mark) !== 0;
  }

  /** The marks of one group, by index in it; null while none of its inodes has one. */
  ofGroup(group: number): Uint8Array | null {
    return this.#groups[group] ?? null;
  }

  add(inode: number, mark: number): void {
    const group = Math.floor((inode - 1) / this.#inodesPerGroup);
    const marks = (this.#groups[group] ??= new Uint8Array(this.#inodesPerGroup));
    const index = inode - 1 - group * this.#inodesPerGroup;
    marks[index] = marks[index]! | mark;
  }
}

/** Problems for ranges of metadata that the medium did not give since the last call. */
export function takeUnreadMetadata(view: ExtView): Problem[] {
  const { originOffset } = view.volume.source;
  return view.inodes.takeUnread().map((range) => ({
    kind: 'medium' as const,
    code: 'unreadable-bytes',
    message: `${range.length} bytes of an inode table or bitmap could not be read; files recorded there may be missing`,
    where: { volume: view.volume.id, offset: originOffset + range.offset, length: range.length },
  }));
}
