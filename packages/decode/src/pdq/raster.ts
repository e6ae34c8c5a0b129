import { InternalError } from '@kerbside/bytes';

/** Decoded pixels in the order in which the file stores them, row by row from the top, no padding. */
export interface Raster {
  readonly width: number;
  readonly height: number;
  /** 1: grey; 3: red, green, blue. An alpha channel is dropped before, never blended. */
  readonly channels: 1 | 3;
  /** width × height × channels bytes of coded values: no colour profile applied. */
  readonly data: Uint8Array;
}

/** Three bytes each make 360 MB, which a worker of 1 GiB holds once; no camera phone's full picture but the largest is over it. */
export const MAX_RASTER_PIXELS = 120_000_000;

/** @throws InternalError `raster-shape` when the length does not fit the sides: a fault of the caller */
export function checkRaster({ width, height, channels, data }: Raster): void {
  const wanted = width * height * channels;
  if (!Number.isInteger(width) || !Number.isInteger(height) || width < 1 || height < 1 || data.length !== wanted) {
    throw new InternalError('raster-shape', `A raster of ${width} × ${height} × ${channels} has ${data.length} bytes, not ${wanted}.`);
  }
}

/**
 * Brightness of one row: 0.299 red + 0.587 green + 0.114 blue of the coded values, not rounded
 * (ITU-R BT.601, as PDQ's reference does it); grey as it is.
 */
export function lumaRow({ width, channels, data }: Raster, row: number, out: Float64Array): void {
  let at = row * width * channels;
  if (channels === 1) {
    for (let x = 0; x < width; x++) out[x] = data[at++]!;
    return;
  }
  for (let x = 0; x < width; x++, at += 3) out[x] = 0.299 * data[at]! + 0.587 * data[at + 1]! + 0.114 * data[at + 2]!;
}
