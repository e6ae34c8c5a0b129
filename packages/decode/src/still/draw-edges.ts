import { blurRaster } from './blur-raster.ts';
import type { Raster } from '../pdq/raster.ts';

/** Grain is smoothed away first, so that lines follow forms. */
const SMOOTH_SIGMA_PX = 1.2;

/** Share of pixels whose slope is weaker than the one drawn black: strong edges are few. */
const BLACK_SHARE = 0.95;

/** Slopes below this are not drawn however even the picture is (Sobel units, 0 to 1443): a flat wall stays white. */
const LEAST_SLOPE = 40;

/**
 * A line drawing of brightness: Sobel slopes of the smoothed picture, darker where steeper, on white. Levels of
 * brightness, and with them skin, shade and colour, are gone; outlines stay.
 */
export function drawEdges(grey: Raster): Raster {
  const { width, height } = grey;
  const slopes = sobel(blurRaster(grey, SMOOTH_SIGMA_PX));
  const black = Math.max(2 * LEAST_SLOPE, slopes.slice().sort()[Math.floor((slopes.length - 1) * BLACK_SHARE)] ?? 0);
  const data = new Uint8Array(width * height);
  for (let at = 0; at < data.length; at++) {
    const darkness = Math.min(1, Math.max(0, (slopes[at]! - LEAST_SLOPE) / (black - LEAST_SLOPE)));
    data[at] = Math.round(255 * (1 - darkness));
  }
  return { ...grey, data };
}

function sobel({ width, height, data }: Raster): Float32Array {
  const slopes = new Float32Array(width * height);
  for (let y = 0; y < height; y++) {
    const above = Math.max(0, y - 1) * width;
    const here = y * width;
    const below = Math.min(height - 1, y + 1) * width;
    for (let x = 0; x < width; x++) {
      const left = Math.max(0, x - 1);
      const right = Math.min(width - 1, x + 1);
      const across = data[above + right]! + 2 * data[here + right]! + data[below + right]! - data[above + left]! - 2 * data[here + left]! - data[below + left]!;
      const down = data[below + left]! + 2 * data[below + x]! + data[below + right]! - data[above + left]! - 2 * data[above + x]! - data[above + right]!;
      slopes[here + x] = Math.hypot(across, down);
    }
  }
  return slopes;
}
