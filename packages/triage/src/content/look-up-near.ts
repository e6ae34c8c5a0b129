import { pdqWords, type NearIndex, type PictureHash, type PictureMatch } from '@kerbside/match';
import { DIALECTS, ORIENTATIONS, type PictureHashes } from '@kerbside/decode';
import type { NearFound } from './content-job.ts';

/** What of a file was hashed. */
export type HashedPart = 'picture' | 'thumbnail' | 'preview';

/**
 * Looks a picture's hashes up in all sets: the nearest row of each set, and how many more there are.
 * @param radius bits
 */
export function lookUpPicture(index: NearIndex, hashes: PictureHashes, of: HashedPart, radius: number): Omit<NearFound, 'member'>[] {
  const { matches, beyondLimit } = index.queryPicture(hashesOf(hashes), radius);
  const found: Omit<NearFound, 'member'>[] = [];
  for (const [set, group] of Map.groupBy(matches, (match) => match.set)) {
    const [nearest] = group as [PictureMatch, ...PictureMatch[]];
    const orientation = ORIENTATIONS[nearest.orientation] ?? 'original';
    const own = (hashes.orientations?.[orientation] ?? hashes.dialects)[nearest.queryDialect];
    found.push({
      set,
      row: nearest.row,
      distance: nearest.distance,
      dialect: nearest.queryDialect,
      orientation,
      of,
      seconds: null,
      quality: own.quality,
      hash: Buffer.from(own.hash).toString('hex'),
      video: null,
      others: group.length - 1 + beyondLimit,
    });
  }
  return found;
}

function hashesOf(hashes: PictureHashes): PictureHash[] {
  return ORIENTATIONS.flatMap((orientation, number) => {
    const own = orientation === 'original' ? hashes.dialects : hashes.orientations?.[orientation];
    return own === undefined ? [] : DIALECTS.map((dialect): PictureHash => ({ dialect, orientation: number, words: pdqWords(own[dialect].hash), quality: own[dialect].quality }));
  });
}
