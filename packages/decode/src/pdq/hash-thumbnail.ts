import { hashRaster } from './hash-raster.ts';
import { JPEG_COLOUR, readJpegPlane } from './jpeg-turbo.ts';
import type { PictureHashes } from './picture-hashes.ts';
import type { Raster } from './raster.ts';

/** Both readings of a thumbnail: who made it decides which of them lies nearer to its picture, so both are looked up. */
export interface ThumbnailHashes {
  /** As if the thumbnail were the picture. */
  readonly plain: PictureHashes;
  /** Corrected for the reduction from the original. */
  readonly corrected: PictureHashes;
}

interface Sides {
  readonly width: number;
  readonly height: number;
}

/** Longer and shorter side assumed where nothing says how large the original is: 12 megapixels, as most phones take. */
const ASSUMED_ORIGINAL = [4032, 3024] as const;

/**
 * PDQ of a thumbnail, as near to that of its picture as can be.
 * @param original sides of the picture in pixels, null where they are unknown (a thumbnail cache)
 */
export function hashThumbnail(raster: Raster, original: Sides | null, options: { readonly orientations?: boolean } = {}): ThumbnailHashes {
  const orientations = options.orientations === true;
  const upright = raster.height > raster.width;
  const [longer, shorter] = ASSUMED_ORIGINAL;
  const { width, height } = original ?? (upright ? { width: shorter, height: longer } : { width: longer, height: shorter });
  return {
    plain: hashRaster(raster, { orientations }),
    corrected: hashRaster(raster, {
      orientations,
      reduction: { originalWidth: width, originalHeight: height, scaleX: raster.width / width, scaleY: raster.height / height },
    }),
  };
}

/** Sides beyond which a JPEG is no thumbnail and takes the way of pictures. */
export const MAX_THUMBNAIL_SIDE_PX = 1024;

/**
 * The same for a thumbnail stored as JPEG, from its brightness plane: about half a millisecond.
 *
 * @returns null when it is larger than a thumbnail or stores no brightness plane (RGB, CMYK, YCCK)
 * @throws MalformedError `jpeg-undecodable`
 */
export function hashJpegThumbnail(jpeg: Uint8Array, original: Sides | null, options: { readonly orientations?: boolean } = {}): (ThumbnailHashes & { readonly damaged: boolean }) | null {
  const { plane } = readJpegPlane(jpeg, ({ width, height, colour }) => {
    const takes = Math.max(width, height) <= MAX_THUMBNAIL_SIDE_PX && (colour === JPEG_COLOUR.ycbcr || colour === JPEG_COLOUR.grey);
    return takes ? 1 : null;
  });
  if (plane === null) return null;
  const { width, height, data, damaged } = plane;
  return { ...hashThumbnail({ width, height, channels: 1, data }, original, options), damaged };
}
