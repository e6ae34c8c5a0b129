import { KerbsideError } from '@kerbside/bytes';
import { decodeRaster } from '../pdq/decode-raster.ts';
import { hashJpegFast } from '../pdq/hash-jpeg-fast.ts';
import { hashJpegThumbnail, hashThumbnail, MAX_THUMBNAIL_SIDE_PX, type ThumbnailHashes } from '../pdq/hash-thumbnail.ts';
import { hashRaster } from '../pdq/hash-raster.ts';
import type { PictureHashes } from '../pdq/picture-hashes.ts';
import type { Raster } from '../pdq/raster.ts';
import { cropDarkBars } from './crop-dark-bars.ts';
import type { EmbeddedJpeg } from './embedded-jpegs.ts';
import type { PictureHashEntry } from './picture-result.ts';

/** What one embedded picture gave. */
export interface HashedEmbedded {
  readonly entries: readonly PictureHashEntry[];
  /** It is cut short, damaged or not to be decoded at all. */
  readonly damaged: boolean;
}

interface Sides {
  readonly width: number;
  readonly height: number;
}

/**
 * Hashes of an embedded picture: two readings of a thumbnail (as if it were the picture, and corrected
 * for its reduction), two more without dark bars where it has some; one of a larger preview. Thumbnails have
 * all eight orientations always: they cost little, and a turned picture keeps its thumbnail unturned.
 *
 * @param original sides of the whole picture, null where unknown
 * @returns no entries when it cannot be decoded: it is an extra, and the picture itself may still be read
 */
export async function hashEmbedded(jpeg: EmbeddedJpeg, original: Sides | null, orientations: boolean): Promise<HashedEmbedded> {
  try {
    if (Math.max(jpeg.width, jpeg.height) > MAX_THUMBNAIL_SIDE_PX) return await hashPreview(jpeg, orientations);
    const known = original !== null && original.width > 0 && original.height > 0 ? original : null;
    if (known === null || sameShape(jpeg, known)) {
      const hashes = hashJpegThumbnail(jpeg.bytes, known, { orientations: true });
      if (hashes !== null) return { entries: thumbnailEntries(jpeg, hashes, false), damaged: hashes.damaged };
    }
    const { raster, lowTrust, damaged } = await decodeRaster(jpeg.bytes);
    return { entries: hashThumbnailRaster(raster, known, lowTrust), damaged };
  } catch (error) {
    if (error instanceof KerbsideError) return { entries: [], damaged: true };
    throw error;
  }
}

/** The same of a thumbnail that is decoded already (HEIC). */
export function hashThumbnailRaster(raster: Raster, original: Sides | null, lowTrust: boolean): PictureHashEntry[] {
  const whole = thumbnailEntries(raster, hashThumbnail(raster, original, { orientations: true }), lowTrust);
  const cropped = original === null || sameShape(raster, original) ? null : cropDarkBars(raster, original);
  return cropped === null ? whole : [...whole, ...thumbnailEntries(cropped, hashThumbnail(cropped, original, { orientations: true }), lowTrust)];
}

async function hashPreview({ bytes, width, height }: EmbeddedJpeg, orientations: boolean): Promise<HashedEmbedded> {
  const fast = hashJpegFast(bytes, { orientations });
  if (fast !== null) return { entries: [{ of: 'preview', widthPx: width, heightPx: height, mode: 'fast', hashes: fast.hashes, lowTrust: false }], damaged: fast.damaged };
  const { raster, lowTrust, damaged } = await decodeRaster(bytes);
  return { entries: [{ of: 'preview', widthPx: raster.width, heightPx: raster.height, mode: 'exact', hashes: hashRaster(raster, { orientations }), lowTrust }], damaged };
}

function thumbnailEntries({ width, height }: Sides, { plain, corrected }: ThumbnailHashes, lowTrust: boolean): PictureHashEntry[] {
  const entry = (mode: 'exact' | 'thumbnail', hashes: PictureHashes): PictureHashEntry => ({ of: 'thumbnail', widthPx: width, heightPx: height, mode, hashes, lowTrust });
  return [entry('exact', plain), entry('thumbnail', corrected)];
}

/** Shapes that differ by less are the rounding of a reduction: 160 × 107 for 3:2. */
const SHAPE_TOLERANCE = 0.03;

/** Whether a thumbnail has the shape of its picture, lying or standing. */
export function sameShape(a: Sides, b: Sides): boolean {
  const shape = ({ width, height }: Sides): number => Math.max(width, height) / Math.min(width, height);
  return Math.abs(shape(a) / shape(b) - 1) <= SHAPE_TOLERANCE;
}
