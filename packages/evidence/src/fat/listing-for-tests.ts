import { MemorySource, type Problem } from '@kerbside/bytes';
import { displayPath } from '../display-name.ts';
import type { Item, WalkEvent } from '../item.ts';
import type { FileSystem } from '../file-system.ts';
import type { Volume } from '../volume.ts';
import { fatFormat } from './fat-format.ts';

/** Everything a FAT image in memory holds, as the tests of this folder look at it. */
export interface Listing {
  readonly fileSystem: FileSystem;
  /** Items of the tree pass and of the orphan stage. */
  readonly items: readonly Item[];
  readonly orphanStageItems: readonly Item[];
  readonly problems: readonly Problem[];
  readonly byPath: ReadonlyMap<string, Item>;
}

/** An image in memory as a volume that fills its source. */
export function volumeOf(image: Uint8Array): Volume {
  return { id: '', startOffset: 0, sizeBytes: image.byteLength, scheme: 'none', declaredType: '', source: new MemorySource(image) };
}

/** Reads a whole image: tree pass, then orphan stage. */
export function listImage(image: Uint8Array): Listing {
  const fileSystem = fatFormat.open(volumeOf(image));
  const items: Item[] = [];
  const problems: Problem[] = [];
  const take = (event: WalkEvent): void => {
    if (event.type === 'item') items.push(event.item);
    else if (event.type === 'problem') problems.push(event.problem);
  };
  for (const event of fileSystem.walk()) take(event);
  const treeItems = items.length;
  for (const event of fileSystem.walkOrphans()) take(event);
  const byPath = new Map(items.map((item) => [displayPath('', item), item]));
  return { fileSystem, items, orphanStageItems: items.slice(treeItems), problems, byPath };
}

/** The content of an item, from its extents. */
export function contentOf(image: Buffer, item: Item): Buffer {
  if (item.content.form !== 'extents') return Buffer.alloc(0);
  return Buffer.concat(item.content.extents.map((extent) => image.subarray(extent.sourceOffset, extent.sourceOffset + extent.length)));
}

/** The codes of the problems, in order and once each. */
export function codesOf(listing: Listing): string[] {
  return [...new Set(listing.problems.map((problem) => problem.code))];
}

/** Offset of the directory entry of an item in a FAT32 image whose data starts at `dataOffset`, or of any with `inodeBase` there. */
export function entryOffsetOf(item: Item, inodeBaseOffset: number): number {
  return inodeBaseOffset + (Number(item.id) - 3) * 32;
}
