import type { Raster } from '../pdq/raster.ts';

/** Turns a raster clockwise by 0, 90, 180 or 270 degrees. */
export function turnRaster(raster: Raster, degrees: number): Raster {
  const { width, height, channels, data } = raster;
  if (degrees === 0) return raster;
  const [newWidth, newHeight] = degrees === 180 ? [width, height] : [height, width];
  const turned = new Uint8Array(data.length);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const [toX, toY] = degrees === 90 ? [height - 1 - y, x] : degrees === 180 ? [width - 1 - x, height - 1 - y] : [y, width - 1 - x];
      for (let channel = 0; channel < channels; channel++) turned[(toY * newWidth + toX) * channels + channel] = data[(y * width + x) * channels + channel]!;
    }
  }
  return { width: newWidth, height: newHeight, channels, data: turned };
}
