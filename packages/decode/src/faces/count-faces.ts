import type { Raster } from '../pdq/raster.ts';
import { shrinkGrey } from '../still/shrink-grey.ts';
import type { Cascade } from './cascade.ts';
import { groupWindows, type Window } from './group-windows.ts';

/** Each level of the pyramid is this much smaller than the one before. */
const SCALE_STEP = 1.15;

/** Windows that have to agree before a place counts: single ones are chance. */
export const LEAST_WINDOWS = 3;

/** Places told at most: a crowd is a crowd. */
export const MAX_FACES = 50;

/** Windows kept of one picture; a texture that looks like faces everywhere must not eat the memory. */
const MAX_WINDOWS = 20_000;

/**
 * Counts places in a grey picture that look like a face seen from the front, by Viola and Jones' scheme of windows over a
 * pyramid. It misses faces in profile, tilted, small or covered, and takes some patterns for faces.
 *
 * @param grey one byte a pixel; faces smaller than the cascade's window are not looked for
 */
export function countFaces(grey: Raster, cascade: Cascade): number {
  const windows: Window[] = [];
  for (let scale = 1; ; scale *= SCALE_STEP) {
    const width = Math.round(grey.width / scale);
    const height = Math.round(grey.height / scale);
    if (width < cascade.width || height < cascade.height || windows.length >= MAX_WINDOWS) break;
    scanLevel(shrinkGrey(grey, width, height), cascade, scale, windows);
  }
  return Math.min(MAX_FACES, groupWindows(windows, LEAST_WINDOWS).length);
}

/** Looks at every second window of a fine level, at every window of a coarse one. */
function scanLevel(level: Raster, cascade: Cascade, scale: number, windows: Window[]): void {
  const step = scale > 2 ? 1 : 2;
  const stride = level.width + 1;
  const sums = integralOf(level);
  const corners = cornersOf(cascade, stride);
  for (let y = 0; y + cascade.height <= level.height; y += step) {
    for (let x = 0; x + cascade.width <= level.width; x += step) {
      if (!passes(sums, y * stride + x, cascade, corners)) continue;
      windows.push({ x: x * scale, y: y * scale, width: cascade.width * scale, height: cascade.height * scale });
      if (windows.length >= MAX_WINDOWS) return;
    }
  }
}

/** Sums of all pixels above and left of each corner; one row and column more than the picture. */
function integralOf({ width, height, data }: Raster): Int32Array {
  const stride = width + 1;
  const sums = new Int32Array(stride * (height + 1));
  for (let y = 0; y < height; y++) {
    let row = 0;
    for (let x = 0; x < width; x++) {
      row += data[y * width + x]!;
      sums[(y + 1) * stride + x + 1] = sums[y * stride + x + 1]! + row;
    }
  }
  return sums;
}

const GRID = 4;

/** Offsets in the integral picture of the 4 × 4 corners of each feature's 3 × 3 cells. */
function cornersOf({ features }: Cascade, stride: number): Int32Array {
  const count = features.length / 4;
  const corners = new Int32Array(count * GRID * GRID);
  for (let feature = 0; feature < count; feature++) {
    const [x, y, width, height] = features.subarray(feature * 4, feature * 4 + 4) as unknown as [number, number, number, number];
    for (let corner = 0; corner < GRID * GRID; corner++) corners[feature * GRID * GRID + corner] = (y + (corner >> 2) * height) * stride + x + (corner & 3) * width;
  }
  return corners;
}

function passes(sums: Int32Array, at: number, { stages }: Cascade, corners: Int32Array): boolean {
  for (const { threshold, classifiers } of stages) {
    let sum = 0;
    for (const { feature, subset, inside, outside } of classifiers) {
      const code = patternAt(sums, at, corners, feature * GRID * GRID);
      sum += (subset[code >> 5]! & (1 << (code & 31))) !== 0 ? inside : outside;
    }
    if (sum < threshold) return false;
  }
  return true;
}

/** The eight cells around the middle one, clockwise from the top left, the first the highest bit: set where not darker than the middle. */
function patternAt(sums: Int32Array, at: number, corners: Int32Array, first: number): number {
  const corner = (number: number): number => sums[at + corners[first + number]!]!;
  const [a, b, c, d] = [corner(0), corner(1), corner(2), corner(3)];
  const [e, f, g, h] = [corner(4), corner(5), corner(6), corner(7)];
  const [i, j, k, l] = [corner(8), corner(9), corner(10), corner(11)];
  const [m, n, o, p] = [corner(12), corner(13), corner(14), corner(15)];
  const middle = k - j - g + f;
  return (
    (f - e - b + a >= middle ? 128 : 0) |
    (g - f - c + b >= middle ? 64 : 0) |
    (h - g - d + c >= middle ? 32 : 0) |
    (l - k - h + g >= middle ? 16 : 0) |
    (p - o - l + k >= middle ? 8 : 0) |
    (o - n - k + j >= middle ? 4 : 0) |
    (n - m - j + i >= middle ? 2 : 0) |
    (j - i - f + e >= middle ? 1 : 0)
  );
}
