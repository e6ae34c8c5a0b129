import { LimitError } from '@kerbside/bytes';
import { hashRaster } from './hash-raster.ts';
import { checkJpegWork } from './jpeg-work.ts';
import { JPEG_COLOUR, readJpegPlane, type JpegHeader } from './jpeg-turbo.ts';
import type { PictureHashes } from './picture-hashes.ts';

/** What the fast path says of a JPEG. */
export interface FastJpegHashes {
  readonly hashes: PictureHashes;
  /** Pixels of the whole picture, as stored. */
  readonly width: number;
  readonly height: number;
  /** The file ends early or is damaged: a part of the picture is missing from the hashes. */
  readonly damaged: boolean;
}

/** The raster may be reduced while its shorter side keeps this: with 128 the hashes of some pictures drift up to 42 bits. */
export const MIN_REDUCED_SIDE_PX = 192;

/** Bytes of one plane: a JPEG may state 65,500 × 65,500, far beyond any camera (200 megapixels). */
export const MAX_JPEG_PIXELS = 1_000_000_000;

const REDUCTIONS = [8, 4, 2, 1] as const;

/**
 * PDQ of a JPEG from its brightness plane alone, decoded at 1/8, 1/4 or 1/2 where it is large, with
 * weights corrected for that: within about 2 bits of the exact hash, for a fraction of the work.
 *
 * @returns null when brightness is not stored apart (RGB, CMYK, YCCK): such files take the full path
 * @throws MalformedError `jpeg-undecodable`; LimitError `jpeg-work`, `picture-pixels`
 */
export function hashJpegFast(jpeg: Uint8Array, options: { readonly orientations?: boolean } = {}): FastJpegHashes | null {
  let reduction = 1;
  const { header, plane } = readJpegPlane(jpeg, (found) => {
    const chosen = chooseReduction(found);
    if (chosen === null) return null;
    checkJpegWork(jpeg, found.width * found.height);
    reduction = chosen;
    return chosen;
  });
  if (plane === null) return null;
  const { width, height } = header;
  const hashes = hashRaster(
    { width: plane.width, height: plane.height, channels: 1, data: plane.data },
    {
      orientations: options.orientations === true,
      reduction: { originalWidth: width, originalHeight: height, scaleX: 1 / reduction, scaleY: 1 / reduction },
    },
  );
  return { hashes, width, height, damaged: plane.damaged };
}

function chooseReduction({ width, height, colour }: JpegHeader): number | null {
  if (colour !== JPEG_COLOUR.ycbcr && colour !== JPEG_COLOUR.grey) return null;
  if (width * height > MAX_JPEG_PIXELS) throw new LimitError('picture-pixels', `The picture states ${width} × ${height} pixels, more than are decoded.`);
  return REDUCTIONS.find((reduction) => Math.min(width, height) / reduction >= MIN_REDUCED_SIDE_PX) ?? 1;
}
