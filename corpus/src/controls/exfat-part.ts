import { MBR_TYPE } from '../disk/mbr.ts';
import { writeMbox } from '../mail/write-mbox.ts';
import { writeMessage } from '../mail/write-message.ts';
import { writeExfatVolume } from '../exfat/write-exfat-volume.ts';
import { BLOCK_BYTES, controlGif, controlJpeg, controlVideo, sameLengthAs } from './control-contents.ts';
import { blockMarker, carvedMarker, fileMarker, lookAlike, memberMarker, nearMarker, plantInFreeSpace, type ControlPart } from './control-part.ts';
import { mirroredCopy } from './near-pictures.ts';

const ID = 'p2';
const SIZE_BYTES = 4 << 20;
/** As cards have them: the last cluster of a file leaves room for what stood there before. */
const CLUSTER_BYTES = 64 * 1024;
const FREE_SPACE_CLUSTER = 40;
/** Blocks of the split marker's first piece, and clusters from there to the second. */
const FIRST_PIECE_BLOCKS = 10;
const SPLIT_CLUSTERS = 5;

/**
 * exFAT with clusters of 64 KiB, volume 2 of the control disk.
 * @param original what the near-match set knows
 */
export function exfatPart(seed: number, original: Buffer): ControlPart {
  const live = controlJpeg(seed);
  const deleted = controlJpeg(seed + 1);
  const pieces = controlVideo(seed + 2, 200_000);
  const slack = controlJpeg(seed + 3).subarray(0, CLUSTER_BYTES);
  const free = controlGif(seed + 4);
  const split = controlJpeg(seed + 5);
  const attachment = controlJpeg(seed + 7);
  const letter = writeMessage({ subject: 'Saturday', date: 'Mon, 6 May 2024 10:00:00 +0000', body: { kind: 'group', parts: [{ kind: 'text', text: 'The team photograph.' }, { kind: 'file', name: 'Team photograph.jpg', content: attachment }] } });
  const files = {
    live: { path: 'DCIM/Penalty shoot-out.jpg', content: live },
    deleted: { path: 'DCIM/Corner kick.jpg', content: deleted, deleted: true },
    pieces: { path: 'DCIM/Highlights.mp4', content: pieces, fragments: 3 },
    sameLength: { path: 'DCIM/Throw-in.jpg', content: sameLengthAs(live, seed + 6) },
    list: { path: 'DCIM/Team list.txt', content: Buffer.from('Eleven players, three on the bench, one bag of lemons.\n') },
    letters: { path: 'DCIM/Letters.mbox', content: Buffer.from(writeMbox([letter], 'mboxrd')) },
    mirrored: { path: 'DCIM/Stand, other side.png', content: mirroredCopy() },
  } as const;
  return {
    id: ID,
    sizeBytes: SIZE_BYTES,
    mbrType: MBR_TYPE.ntfsOrExfat,
    write(volume, offset) {
      const facts = writeExfatVolume({ sizeBytes: SIZE_BYTES, clusterSizeBytes: CLUSTER_BYTES, label: 'CONTROL 2', seed, tree: Object.values(files), sink: { write: (bytes, at) => volume.set(bytes, at) } });
      const clusterAt = (cluster: number): number => facts.heapOffset + (cluster - 2) * CLUSTER_BYTES;
      plantInFreeSpace(volume, clusterAt(FREE_SPACE_CLUSTER), free);
      const splitPieces = [split.subarray(0, FIRST_PIECE_BLOCKS * BLOCK_BYTES), split.subarray(FIRST_PIECE_BLOCKS * BLOCK_BYTES)];
      // The later piece stands first, as it may where space was freed before.
      plantInFreeSpace(volume, clusterAt(FREE_SPACE_CLUSTER + 2 + SPLIT_CLUSTERS), splitPieces[0]!);
      plantInFreeSpace(volume, clusterAt(FREE_SPACE_CLUSTER + 2), splitPieces[1]!);
      // The old file's first block went to the new file; the rest of the cluster is as it was.
      const slackAt = clusterAt(facts.places.get(files.list.path)!.runs[0]!.first) + BLOCK_BYTES;
      plantInFreeSpace(volume, slackAt, slack.subarray(BLOCK_BYTES));
      const shown = (file: { readonly path: string }): string => `${ID}/${file.path}`;
      return [
        fileMarker('exFAT: live file', shown(files.live), live),
        fileMarker('exFAT: deleted file', shown(files.deleted), deleted),
        fileMarker('exFAT: file in three pieces', shown(files.pieces), pieces),
        lookAlike('exFAT: other picture of the same length', 'file', shown(files.sameLength), files.sameLength.content),
        blockMarker('exFAT: slack of a short file', null, slack, slack.subarray(BLOCK_BYTES), [{ offset: offset + slackAt, length: CLUSTER_BYTES - BLOCK_BYTES }]),
        blockMarker('exFAT: free space, no entry', null, free),
        blockMarker('exFAT: two pieces in free space, no entry', null, split),
        carvedMarker('exFAT: GIF in free space, carved', free),
        memberMarker('exFAT: attachment of a message', `${shown(files.letters)}/\\[mbox]/\\[message1]/\\[part2]/Team photograph.jpg`, attachment, []),
        nearMarker('exFAT: copy of a known picture, mirrored', shown(files.mirrored), original),
      ];
    },
  };
}
