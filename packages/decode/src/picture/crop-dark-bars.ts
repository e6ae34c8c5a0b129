import { lumaRow, type Raster } from '../pdq/raster.ts';

/** Brightness up to which a bar counts as dark: JPEG leaves some noise on black. */
const DARK = 24;

/** Share of a line that must be dark; the edge of the picture rings into the bar. */
const DARK_SHARE = 0.95;

/**
 * A camera thumbnail is 160 × 120 whatever the picture's shape: a 3:2 picture stands in it between dark
 * bars, which its hash would hold and the picture's does not.
 *
 * @returns the part between the bars; null where there are none or they do not explain the shape
 */
export function cropDarkBars(raster: Raster, original: { readonly width: number; readonly height: number }): Raster | null {
  const { width, height, channels } = raster;
  const wide = original.width / original.height > width / height;
  const expected = wide ? (width * original.height) / original.width : (height * original.width) / original.height;
  const total = wide ? height : width;
  const bar = Math.floor((total - expected) / 2);
  if (bar < 1 || expected < 8) return null;
  const dark = darkLines(raster, wide);
  // Half of each expected bar must be dark, so that one line more or less does not matter.
  const probe = Math.max(1, Math.floor(bar / 2));
  if (!dark.slice(0, probe).every(Boolean) || !dark.slice(total - probe).every(Boolean)) return null;
  const first = dark.indexOf(false);
  const last = dark.lastIndexOf(false);
  if (first < 0) return null;
  const from = Math.min(first, bar + 1);
  const to = Math.max(last, total - bar - 2) + 1;
  const [left, top, right, bottom] = wide ? [0, from, width, to] : [from, 0, to, height];
  const data = new Uint8Array((right - left) * (bottom - top) * channels);
  for (let y = top; y < bottom; y++) {
    data.set(raster.data.subarray((y * width + left) * channels, (y * width + right) * channels), (y - top) * (right - left) * channels);
  }
  return { width: right - left, height: bottom - top, channels, data };
}

/** For each row, or column, whether it is dark. */
function darkLines(raster: Raster, rows: boolean): boolean[] {
  const { width, height } = raster;
  const counts = new Int32Array(rows ? height : width);
  const luma = new Float64Array(width);
  for (let y = 0; y < height; y++) {
    lumaRow(raster, y, luma);
    for (let x = 0; x < width; x++) if (luma[x]! <= DARK) counts[rows ? y : x]! += 1;
  }
  return Array.from(counts, (count) => count >= DARK_SHARE * (rows ? width : height));
}
