import { ATTRIBUTE, nonResidentAttribute, residentAttribute, residentLength, type Attribute } from './attribute.ts';
import { standardInformation } from './file-name.ts';
import { RECORD_FLAG, RECORD_ROOM_BYTES, referenceValue, type RecordReference } from './file-record.ts';
import { buildIndexTree, INDEX_BLOCK_BYTES } from './index-tree.ts';
import { packRecords } from './pack-records.ts';
import { upCase } from './up-case.ts';
import { clustersFor, writeToRuns, type VolumeContext } from './volume-context.ts';
import type { DirectoryName } from './write-file.ts';

const INDEX_NAME = '$I30';
/** A bitmap longer than this goes to clusters. */
const MOST_RESIDENT_BITMAP_BYTES = 64;
/** Room for the allocation attribute with a short run list, and the bitmap. */
const ALLOCATION_ROOM_BYTES = 104 + residentLength(INDEX_NAME.length, MOST_RESIDENT_BITMAP_BYTES);

/** Writes a folder's record and its index of the given names. */
export function writeFolder(
  context: VolumeContext,
  folder: {
    self: RecordReference;
    deleted: boolean;
    /** The folder's own $FILE_NAME value. */
    ownName: Buffer;
    names: readonly DirectoryName[];
    timeSeconds: number;
    fileFlags?: number;
  },
): void {
  const attributes: Attribute[] = [
    residentAttribute(ATTRIBUTE.standardInformation, standardInformation(folder.timeSeconds, folder.fileFlags ?? 0)),
    residentAttribute(ATTRIBUTE.fileName, folder.ownName, { indexed: true }),
  ];
  const used = attributes.reduce((sum, attribute) => sum + attribute.bytes.length, 0);
  const rootRoom = RECORD_ROOM_BYTES - used - residentLength(INDEX_NAME.length, 0);
  const clusterFitsBlock = context.clusterSizeBytes <= INDEX_BLOCK_BYTES;
  const sorted = folder.names.map((name) => ({ order: upCase(name.name), reference: referenceValue(name.reference), key: name.key }));
  sorted.sort((a, b) => (a.order < b.order ? -1 : a.order > b.order ? 1 : 0));
  const tree = buildIndexTree(sorted, {
    rootOnlyRoomBytes: rootRoom,
    rootRoomBytes: rootRoom - ALLOCATION_ROOM_BYTES,
    // Blocks smaller than a cluster are counted in units of 512 bytes.
    vcnStep: INDEX_BLOCK_BYTES / (clusterFitsBlock ? context.clusterSizeBytes : 512),
    clustersPerBlock: INDEX_BLOCK_BYTES / (clusterFitsBlock ? context.clusterSizeBytes : 512),
  });
  attributes.push(residentAttribute(ATTRIBUTE.indexRoot, tree.root, { name: INDEX_NAME }));
  if (tree.blocks.length > 0) attributes.push(...allocationAttributes(context, tree.blocks));
  packRecords(context, {
    self: folder.self,
    flags: RECORD_FLAG.directory | (folder.deleted ? 0 : RECORD_FLAG.inUse),
    linkCount: folder.deleted ? 0 : 1,
    attributes,
  });
}

function allocationAttributes(context: VolumeContext, blocks: readonly Buffer[]): Attribute[] {
  const sizeBytes = blocks.length * INDEX_BLOCK_BYTES;
  const runs = [context.allocator.take(clustersFor(context, sizeBytes))];
  writeToRuns(context, runs, blocks);
  const bitmap = Buffer.alloc(Math.ceil(blocks.length / 64) * 8);
  for (let block = 0; block < blocks.length; block++) bitmap[block >>> 3] = bitmap[block >>> 3]! | (1 << (block & 7));
  const allocation = nonResidentAttribute(ATTRIBUTE.indexAllocation, { runs, sizeBytes, clusterSizeBytes: context.clusterSizeBytes, name: INDEX_NAME });
  if (bitmap.length <= MOST_RESIDENT_BITMAP_BYTES) return [allocation, residentAttribute(ATTRIBUTE.bitmap, bitmap, { name: INDEX_NAME })];
  const bitmapRuns = [context.allocator.take(clustersFor(context, bitmap.length))];
  writeToRuns(context, bitmapRuns, [bitmap]);
  return [
    allocation,
    nonResidentAttribute(ATTRIBUTE.bitmap, { runs: bitmapRuns, sizeBytes: bitmap.length, clusterSizeBytes: context.clusterSizeBytes, name: INDEX_NAME }),
  ];
}
