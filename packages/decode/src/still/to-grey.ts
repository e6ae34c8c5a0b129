import type { Raster } from '../pdq/raster.ts';

/** Brightness of each pixel, ITU-R BT.601 weights as JPEG uses them. */
export function toGrey(raster: Raster): Raster {
  if (raster.channels === 1) return raster;
  const grey = new Uint8Array(raster.width * raster.height);
  const { data } = raster;
  for (let at = 0, from = 0; at < grey.length; at++, from += 3) grey[at] = (data[from]! * 299 + data[from + 1]! * 587 + data[from + 2]! * 114 + 500) / 1000;
  return { ...raster, channels: 1, data: grey };
}
