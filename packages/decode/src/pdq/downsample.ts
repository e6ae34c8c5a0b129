import { axisWeights, GRID, type AxisWeights } from './axis-weights.ts';
import type { Dialect } from './picture-hashes.ts';
import { lumaRow, type Raster } from './raster.ts';

/** How the raster at hand relates to the picture as it was made. Lengths in pixels. */
export interface Reduction {
  readonly originalWidth: number;
  readonly originalHeight: number;
  /** Pixels of the raster for one pixel of the original, across and down. */
  readonly scaleX: number;
  readonly scaleY: number;
}

/** One 64 × 64 grid, row by row: the picture read from its left or right, and from its top or bottom. */
export interface Grid {
  readonly dialect: Dialect;
  readonly mirroredX: boolean;
  readonly mirroredY: boolean;
  readonly values: Float64Array;
}

/** Above this side the 512nn dialect reduces. */
const NEAREST_LIMIT = 512;

/** One weighted sum across a row, shared by the grids that read rows alike. */
interface Across {
  readonly weights: AxisWeights;
  readonly grids: readonly { readonly down: AxisWeights; readonly values: Float64Array }[];
}

/**
 * Luma, box filters and choice of 64 × 64 values (steps 2 to 5 of PDQ) in one pass over the raster: one
 * multiplication a pixel for each dialect and each direction across; what follows is small.
 *
 * @param mirrors also read from the right, from the bottom and from both
 */
export function downsample(raster: Raster, reduction: Reduction, dialects: readonly Dialect[], mirrors: boolean): Grid[] {
  const grids: Grid[] = [];
  const across: Across[] = [];
  const sides = mirrors ? [false, true] : [false];
  for (const dialect of dialects) {
    const nearest = dialect === '512nn' && Math.max(reduction.originalWidth, reduction.originalHeight) > NEAREST_LIMIT;
    if (dialect === '512nn' && !nearest && dialects.includes('full')) continue;
    for (const mirroredX of sides) {
      const weights = axisWeights({ original: reduction.originalWidth, reduced: raster.width, scale: reduction.scaleX, nearest, mirrored: mirroredX });
      across.push({
        weights,
        grids: sides.map((mirroredY) => {
          const values = new Float64Array(GRID * GRID);
          grids.push({ dialect, mirroredX, mirroredY, values });
          return { down: axisWeights({ original: reduction.originalHeight, reduced: raster.height, scale: reduction.scaleY, nearest, mirrored: mirroredY }), values };
        }),
      });
    }
  }
  sumRows(raster, across);
  // Up to 512 × 512 the two dialects are one.
  if (dialects.includes('512nn') && !grids.some(({ dialect }) => dialect === '512nn')) {
    grids.push(...grids.map((grid): Grid => ({ ...grid, dialect: '512nn' })));
  }
  return grids;
}

function sumRows(raster: Raster, across: readonly Across[]): void {
  const luma = new Float64Array(raster.width);
  const sums = new Float64Array(GRID);
  for (let y = 0; y < raster.height; y++) {
    let haveLuma = false;
    for (const { weights, grids } of across) {
      if (!grids.some(({ down: { byInput } }) => byInput.starts[y + 1]! > byInput.starts[y]!)) continue;
      if (!haveLuma) lumaRow(raster, y, luma);
      haveLuma = true;
      sumAcross(luma, weights, sums);
      for (const { down, values } of grids) addDown(sums, y, down, values);
    }
  }
}

function sumAcross(luma: Float64Array, { starts, inputs, weights }: AxisWeights, sums: Float64Array): void {
  let at = 0;
  for (let sample = 0; sample < GRID; sample++) {
    const end = starts[sample + 1]!;
    let sum = 0;
    for (; at < end; at++) sum += weights[at]! * luma[inputs[at]!]!;
    sums[sample] = sum;
  }
}

function addDown(sums: Float64Array, y: number, { byInput: { starts, samples, weights } }: AxisWeights, values: Float64Array): void {
  for (let i = starts[y]!; i < starts[y + 1]!; i++) {
    const row = samples[i]! * GRID;
    const weight = weights[i]!;
    for (let x = 0; x < GRID; x++) values[row + x]! += weight * sums[x]!;
  }
}
