import { writeStoredZip } from '../archives/write-stored-zip.ts';
import { writeTar } from '../archives/write-tar.ts';
import { MBR_TYPE } from '../disk/mbr.ts';
import { writeNtfsVolume } from '../ntfs/write-ntfs-volume.ts';
import { controlJpeg, controlPng, controlText, sameLengthAs, withCommonBlocks } from './control-contents.ts';
import { blockMarker, carvedMarker, fileMarker, lookAlike, memberMarker, plantInFreeSpace, type ControlPart } from './control-part.ts';
import { nearLookAlike } from './near-pictures.ts';

const ID = 'p3';
const SECTOR_BYTES = 512;
const SIZE_BYTES = 4 << 20;
const CLUSTER_BYTES = 4096;
const FREE_SPACE_CLUSTER = 700;
const LOOK_ALIKE_CLUSTER = 800;

/** NTFS with clusters of 4 KiB, volume 3 of the control disk. */
export function ntfsPart(seed: number): ControlPart {
  const live = controlJpeg(seed);
  const deleted = controlJpeg(seed + 1);
  const pieces = controlJpeg(seed + 2);
  const small = controlText(seed + 3, 300);
  const stream = controlJpeg(seed + 4);
  const packed = controlText(seed + 5, 60_000);
  const common = withCommonBlocks(seed + 6);
  const free = controlPng(seed + 7);
  const stranger = controlJpeg(seed + 8);
  const nested = controlJpeg(seed + 10);
  const album = writeStoredZip([{ name: 'kick-off.jpg', content: nested }], CLUSTER_BYTES);
  const files = {
    live: { path: 'Users/Sam/Pictures/Derby.jpg', content: live },
    deleted: { path: 'Users/Sam/Pictures/Derby, own goal.jpg', content: deleted, deleted: true },
    pieces: { path: 'Users/Sam/Pictures/Derby, late winner.jpg', content: pieces, fragments: 4 },
    small: { path: 'Users/Sam/Documents/Result.txt', content: small },
    stream: { path: 'Users/Sam/Documents/Fixtures.txt', content: Buffer.from('Saturdays at three.\n'), streams: [{ name: 'picture', content: stream }] },
    packed: { path: 'Users/Sam/Documents/Season review.txt', content: packed, compressed: true },
    common: { path: 'Users/Sam/Documents/Season tables.bin', content: common },
    sameLength: { path: 'Users/Sam/Pictures/Training.jpg', content: sameLengthAs(live, seed + 9) },
    tar: { path: 'Users/Sam/Downloads/Season.tar', content: writeTar([{ name: 'album.zip', content: album }]) },
    looksAlike: { path: 'Users/Sam/Pictures/Stand, next season.jpg', content: nearLookAlike() },
  } as const;
  return {
    id: ID,
    sizeBytes: SIZE_BYTES,
    mbrType: MBR_TYPE.ntfsOrExfat,
    write(volume, offset) {
      writeNtfsVolume({ sizeBytes: SIZE_BYTES, clusterSizeBytes: CLUSTER_BYTES, label: 'CONTROL 3', seed, hiddenSectors: offset / SECTOR_BYTES, tree: Object.values(files), sink: { write: (bytes, at) => volume.set(bytes, at) } });
      plantInFreeSpace(volume, FREE_SPACE_CLUSTER * CLUSTER_BYTES, free);
      plantInFreeSpace(volume, LOOK_ALIKE_CLUSTER * CLUSTER_BYTES, stranger);
      const shown = (file: { readonly path: string }): string => `${ID}/${file.path}`;
      return [
        fileMarker('NTFS: live file', shown(files.live), live),
        fileMarker('NTFS: deleted file', shown(files.deleted), deleted),
        fileMarker('NTFS: file in four pieces', shown(files.pieces), pieces),
        fileMarker('NTFS: small file inside its record', shown(files.small), small, []),
        fileMarker('NTFS: alternate data stream', `${shown(files.stream)}:picture`, stream),
        fileMarker('NTFS: compressed file', shown(files.packed), packed, []),
        fileMarker('NTFS: file with common blocks in it', shown(files.common), common),
        lookAlike('NTFS: other picture of the same length', 'file', shown(files.sameLength), files.sameLength.content),
        lookAlike('NTFS: other picture in free space', 'survey', null, stranger),
        blockMarker('NTFS: free space, no entry', null, free),
        carvedMarker('NTFS: PNG in free space, carved', free),
        memberMarker('NTFS: member of a ZIP in a TAR', `${shown(files.tar)}/\\[tar]/album.zip/\\[zip]/kick-off.jpg`, nested),
        lookAlike('NTFS: other picture that looks much like a known one', 'near', shown(files.looksAlike), files.looksAlike.content),
      ];
    },
  };
}
