import sharp, { type Sharp } from 'sharp';
import { LimitError, MalformedError, UnsupportedError } from '@kerbside/bytes';
import { MAX_RASTER_PIXELS, type Raster } from '../pdq/raster.ts';
import { decodeBmp } from '../picture/decode-bmp.ts';
import { decodeHeic } from '../picture/decode-heic.ts';
import { jpegsOfRaw } from '../picture/embedded-jpegs.ts';
import { findExifBlocks } from '../picture/find-exif.ts';
import { recognisePicture } from '../picture/picture-format.ts';
import { readTiffDirectories } from '../picture/tiff-directories.ts';

/** `inside`: keeps its shape and is never enlarged. `fill`: stretched to exactly this size. */
export interface SmallSize {
  readonly widthPx: number;
  readonly heightPx: number;
  readonly fit: 'inside' | 'fill';
}

/**
 * Decodes the first picture of a file to three bytes a pixel, turned as EXIF says, in a small size: a HEIC from its
 * thumbnail where it has one, camera raw from the maker's preview. Of a damaged picture what is left. In the sandbox.
 *
 * @throws UnsupportedError `picture-unknown`, `picture-no-preview`; MalformedError `picture-undecodable`; LimitError `picture-pixels`
 */
export async function readSmallRaster(bytes: Uint8Array, size: SmallSize): Promise<Raster> {
  const format = recognisePicture(bytes);
  if (format === null) throw new UnsupportedError('picture-unknown', 'The content is no picture of a kind that is decoded.');
  if (format === 'bmp') return shrinkRaster(decodeBmp(bytes).raster, size);
  if (format === 'heic') {
    const { picture, thumbnails } = decodeHeic(bytes, 'if-no-thumbnail');
    return shrinkRaster(picture ?? thumbnails.reduce((best, one) => (one.width > best.width ? one : best)), size);
  }
  if (!format.startsWith('raw-')) return decodeSmall(bytes, size);
  const [block] = findExifBlocks(bytes, format);
  const [preview] = jpegsOfRaw(bytes, format, block === undefined ? null : readTiffDirectories(block));
  if (preview === undefined) throw new UnsupportedError('picture-no-preview', 'The camera raw file holds no preview, and raw data is not developed.');
  return decodeSmall(preview.bytes, size);
}

async function decodeSmall(bytes: Uint8Array, size: SmallSize): Promise<Raster> {
  try {
    return await decodeWithSharp(bytes, size, 'error').catch((cause: unknown) => {
      if (cause instanceof LimitError) throw cause;
      return decodeWithSharp(bytes, size, 'none');
    });
  } catch (cause) {
    if (cause instanceof LimitError) throw cause;
    throw new MalformedError('picture-undecodable', 'The picture cannot be decoded.', {}, cause);
  }
}

async function decodeWithSharp(bytes: Uint8Array, size: SmallSize, failOn: 'error' | 'none'): Promise<Raster> {
  sharp.concurrency(1);
  sharp.cache(false);
  const picture = sharp(bytes, { limitInputPixels: false, failOn, pages: 1 });
  const { width, height } = await picture.metadata();
  if (width * height > MAX_RASTER_PIXELS) throw new LimitError('picture-pixels', `The picture has ${width} × ${height} pixels, more than are decoded.`);
  return rasterOf(picture.rotate(), size);
}

function shrinkRaster({ width, height, channels, data }: Raster, size: SmallSize): Promise<Raster> {
  return rasterOf(sharp(data, { raw: { width, height, channels } }), size);
}

async function rasterOf(picture: Sharp, size: SmallSize): Promise<Raster> {
  const { data, info } = await picture
    .resize({ width: size.widthPx, height: size.heightPx, fit: size.fit, withoutEnlargement: size.fit === 'inside' })
    .flatten({ background: '#ffffff' })
    .toColourspace('srgb')
    .raw({ depth: 'uchar' })
    .toBuffer({ resolveWithObject: true });
  const samples = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
  if (info.channels === 3) return { width: info.width, height: info.height, channels: 3, data: samples };
  const colours = new Uint8Array(info.width * info.height * 3);
  for (let at = 0; at < info.width * info.height; at++) for (let channel = 0; channel < 3; channel++) colours[at * 3 + channel] = samples[at * info.channels + (info.channels > 3 ? channel : 0)]!;
  return { width: info.width, height: info.height, channels: 3, data: colours };
}
