import { hammingDistance } from '../pdq/hash-text.ts';
import { DIALECTS, MIN_QUALITY, ORIENTATIONS, type PictureHashes } from '../pdq/picture-hashes.ts';
import type { PictureHashEntry } from './picture-result.ts';

/**
 * Bits beyond which a thumbnail shows something else. True thumbnails lie within 31 of their picture in
 * more than 97 of 100 cases; two unrelated pictures lie around 128 and hardly ever below 90.
 */
export const THUMBNAIL_DIFFERS_BITS = 60;

/**
 * Whether the thumbnails lie far from the picture in every reading: both dialects, plain and corrected, every
 * orientation at hand (programs turn pictures and forget the thumbnail).
 *
 * @returns null when there is no picture, no thumbnail, or too little in one of them to compare
 */
export function thumbnailDiffers(entries: readonly PictureHashEntry[]): boolean | null {
  const picture = entries.find(({ of }) => of === 'picture') ?? entries.find(({ of }) => of === 'preview');
  const thumbnails = entries.filter(({ of }) => of === 'thumbnail');
  if (picture === undefined) return null;
  const distances = thumbnails.flatMap(({ hashes }) => distancesOf(picture.hashes, hashes));
  return distances.length === 0 ? null : Math.min(...distances) > THUMBNAIL_DIFFERS_BITS;
}

function distancesOf(picture: PictureHashes, thumbnail: PictureHashes): number[] {
  const turned = thumbnail.orientations;
  const readings = turned === undefined ? [thumbnail.dialects] : ORIENTATIONS.map((one) => turned[one]);
  return readings.flatMap((reading) =>
    DIALECTS.filter((dialect) => picture.dialects[dialect].quality >= MIN_QUALITY && reading[dialect].quality >= MIN_QUALITY).map((dialect) =>
      hammingDistance(picture.dialects[dialect].hash, reading[dialect].hash),
    ),
  );
}
