import { writeStoredZip } from '../archives/write-stored-zip.ts';
import { MBR_TYPE } from '../disk/mbr.ts';
import { writeExtVolume } from '../ext/write-ext-volume.ts';
import { BLOCK_BYTES, controlJpeg, controlText, controlVideo, sameLengthAs } from './control-contents.ts';
import { blockMarker, carvedMarker, fileMarker, lookAlike, memberMarker, nearMarker, type ControlPart } from './control-part.ts';
import { resavedCopy } from './near-pictures.ts';

const ID = 'p4';
const SIZE_BYTES = 4 << 20;

/**
 * ext4 with blocks of 4 KiB, volume 4 of the control disk.
 * @param original what the near-match set knows
 */
export function extPart(seed: number, original: Buffer): ControlPart {
  const live = controlVideo(seed, 180_000);
  const pieces = controlJpeg(seed + 1);
  const deleted = controlJpeg(seed + 2);
  const member = controlJpeg(seed + 3);
  const zip = writeStoredZip([{ name: 'read me first.txt', content: controlText(seed + 4, 900) }, { name: 'pictures/supporters.jpg', content: member }], BLOCK_BYTES);
  const files = {
    live: { path: 'home/sam/Videos/warm-up.mp4', content: live },
    pieces: { path: 'home/sam/Pictures/stand.jpg', content: pieces, fragments: 4 },
    deleted: { path: 'home/sam/Pictures/turnstile.jpg', content: deleted, deleted: true },
    sameLength: { path: 'home/sam/Videos/cool-down.mp4', content: sameLengthAs(live, seed + 5) },
    zip: { path: 'home/sam/Downloads/supporters.zip', content: zip },
    album: { path: 'home/sam/Downloads/album.zip', content: writeStoredZip([{ name: 'stand, saved again.jpg', content: resavedCopy() }], BLOCK_BYTES) },
  } as const;
  return {
    id: ID,
    sizeBytes: SIZE_BYTES,
    mbrType: MBR_TYPE.linux,
    write(volume) {
      writeExtVolume({ variant: 'ext4', sizeBytes: SIZE_BYTES, blockSizeBytes: BLOCK_BYTES, label: 'CONTROL 4', seed, tree: Object.values(files), sink: { write: (bytes, at) => volume.set(bytes, at) } });
      const shown = (file: { readonly path: string }): string => `${ID}/${file.path}`;
      return [
        fileMarker('ext4: live file', shown(files.live), live),
        fileMarker('ext4: file in four pieces', shown(files.pieces), pieces),
        lookAlike('ext4: other video of the same length', 'file', shown(files.sameLength), files.sameLength.content),
        blockMarker('ext4: deleted file, its blocks in free space', null, deleted),
        blockMarker('ext4: stored member of a ZIP', shown(files.zip), member),
        memberMarker('ext4: member of a ZIP, opened', `${shown(files.zip)}/\\[zip]/pictures/supporters.jpg`, member),
        nearMarker('ext4: copy of a known picture, saved again, in a ZIP', `${shown(files.album)}/\\[zip]/stand, saved again.jpg`, original),
        carvedMarker('ext4: JPEG of a deleted file, carved', deleted),
      ];
    },
  };
}
