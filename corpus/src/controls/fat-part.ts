import type { ByteRange } from '@kerbside/bytes';
import { writeTar } from '../archives/write-tar.ts';
import { MBR_TYPE } from '../disk/mbr.ts';
import { writeFatVolume, type FatVolumeMap } from '../fat/write-fat-volume.ts';
import { BLOCK_BYTES, commonBlocks, controlJpeg, sameLengthAs, withOneByteChanged } from './control-contents.ts';
import { blockMarker, carvedMarker, fileMarker, lookAlike, memberMarker, nearMarker, plantInFreeSpace, type ControlPart } from './control-part.ts';
import { smallerCopy } from './near-pictures.ts';

const ID = 'p1';
/** The least that FAT16 takes with clusters of 1 KiB (4,085 of them), in whole MiB. */
const SIZE_BYTES = 5 << 20;
/** Smaller than a block: blocks stand on four phases of the volume's grid. */
const CLUSTER_BYTES = 1024;
const FREE_SPACE_CLUSTER = 3000;

/**
 * FAT16 with clusters of 1 KiB, volume 1 of the control disk.
 * @param original what the near-match set knows
 */
export function fatPart(seed: number, original: Buffer): ControlPart {
  const live = controlJpeg(seed);
  const deleted = controlJpeg(seed + 1);
  const pieces = controlJpeg(seed + 2);
  const altered = controlJpeg(seed + 3);
  const cut = controlJpeg(seed + 4);
  const free = controlJpeg(seed + 5);
  const member = controlJpeg(seed + 7);
  const files = {
    live: { path: 'Pictures/Cup final at the old ground.jpg', content: live },
    deleted: { path: 'Pictures/Cup final, second half.jpg', content: deleted, deleted: true },
    pieces: { path: 'Pictures/Cup final, extra time.jpg', content: pieces, fragments: 4 },
    sameLength: { path: 'Pictures/League match in the rain.jpg', content: sameLengthAs(live, seed + 6) },
    altered: { path: 'Pictures/Cup final, retouched.jpg', content: withOneByteChanged(altered) },
    cut: { path: 'Pictures/Cup final, copy cut off.jpg', content: cut.subarray(0, Math.floor(cut.length / 2)) },
    zeros: { path: 'Pictures/Never written.jpg', content: Buffer.alloc(deleted.length) },
    common: { path: 'Pictures/Tables and spaces.bin', content: repeated(commonBlocks(), pieces.length) },
    tar: { path: 'Documents/Match day.tar', content: writeTar([{ name: 'programme/centre page.jpg', content: member }]) },
    smaller: { path: 'Pictures/Stand, sent by phone.jpg', content: smallerCopy() },
  } as const;
  return {
    id: ID,
    sizeBytes: SIZE_BYTES,
    mbrType: MBR_TYPE.fat16,
    write(volume, offset) {
      const map = writeFatVolume({ fatBits: 16, sizeBytes: SIZE_BYTES, clusterSizeBytes: CLUSTER_BYTES, label: 'CONTROL 1', seed, tree: Object.values(files), sink: { write: (bytes, at) => volume.set(bytes, at) } });
      plantInFreeSpace(volume, map.layout.dataOffset + FREE_SPACE_CLUSTER * CLUSTER_BYTES, free);
      const shown = (file: { readonly path: string }): string => `${ID}/${file.path}`;
      const rangesOf = (file: { readonly path: string; readonly content: Buffer }): ByteRange[] => clusterRanges(map, file.path, file.content.length, offset);
      return [
        fileMarker('FAT: live file', shown(files.live), live),
        fileMarker('FAT: deleted file', shown(files.deleted), deleted),
        fileMarker('FAT: file in four pieces', shown(files.pieces), pieces),
        lookAlike('FAT: other picture of the same length', 'file', shown(files.sameLength), files.sameLength.content),
        lookAlike('FAT: known picture with one byte changed, whole', 'file', shown(files.altered), files.altered.content),
        lookAlike('FAT: file of zeros with the length of a known one', 'file', shown(files.zeros), files.zeros.content, rangesOf(files.zeros)),
        lookAlike('FAT: file of common blocks only', 'survey', shown(files.common), files.common.content, rangesOf(files.common)),
        blockMarker('FAT: known picture with one byte changed, by its blocks', shown(files.altered), altered, files.altered.content),
        blockMarker('FAT: first half of a known picture', shown(files.cut), cut, files.cut.content),
        blockMarker('FAT: free space, no entry', null, free),
        carvedMarker('FAT: JPEG in free space, carved', free),
        memberMarker('FAT: member of a TAR', `${shown(files.tar)}/\\[tar]/programme/centre page.jpg`, member),
        nearMarker('FAT: copy of a known picture, made smaller', shown(files.smaller), original),
      ];
    },
  };
}

function repeated(blocks: readonly Buffer[], sizeBytes: number): Buffer {
  return Buffer.concat(Array.from({ length: Math.ceil(sizeBytes / BLOCK_BYTES) }, (_, n) => blocks[n % blocks.length]!)).subarray(0, sizeBytes);
}

/** Places from the allocation, for content that stands in more than one place. */
function clusterRanges(map: FatVolumeMap, path: string, sizeBytes: number, offset: number): ByteRange[] {
  const clusters = map.clusters.get(path) ?? [];
  if (clusters.some((cluster, n) => cluster !== clusters[0]! + n)) throw new RangeError(`${path} is in pieces`);
  return [{ offset: offset + map.layout.dataOffset + (clusters[0]! - 2) * CLUSTER_BYTES, length: sizeBytes }];
}
