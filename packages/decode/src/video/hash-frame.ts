import { hashRaster } from '../pdq/hash-raster.ts';
import type { DialectHashes } from '../pdq/picture-hashes.ts';
import type { RasterShape } from './tool-words.ts';

/**
 * Longest side of the grey raster that frames are scaled to. Against published lists of whole frames: mean 1.9 bits,
 * at most 12 (perceptual-hash reference, section 7.1).
 */
const RASTER_SIDE_PX = 256;

/** The raster for frames of a stored size: never larger than the frame, so that small frames are hashed as they are. */
export function frameRaster(widthPx: number, heightPx: number): RasterShape {
  const side = (px: number): number => (px === 0 ? RASTER_SIDE_PX : Math.min(px, RASTER_SIDE_PX));
  return { widthPx: side(widthPx), heightPx: side(heightPx), pixels: 'gray' };
}

/**
 * PDQ in both dialects of a frame that was reduced to {@link frameRaster}, as near to that of the whole frame as the
 * raster lets it be.
 *
 * @param widthPx stored width of the frame in pixels; 0 when unknown, and then the raster itself is hashed
 */
export function hashFrame(raster: Uint8Array, widthPx: number, heightPx: number): DialectHashes {
  const shape = frameRaster(widthPx, heightPx);
  const data = { width: shape.widthPx, height: shape.heightPx, channels: 1, data: raster } as const;
  if (widthPx === 0 || heightPx === 0) return hashRaster(data).dialects;
  const reduction = { originalWidth: widthPx, originalHeight: heightPx, scaleX: shape.widthPx / widthPx, scaleY: shape.heightPx / heightPx };
  return hashRaster(data, { reduction }).dialects;
}
