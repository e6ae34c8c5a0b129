import { downsample, type Grid, type Reduction } from './downsample.ts';
import { gridQuality } from './grid-quality.ts';
import { DIALECTS, HASH_BYTES, ORIENTATIONS, type Dialect, type DialectHashes, type Orientation, type PdqHash, type PictureHashes } from './picture-hashes.ts';
import { checkRaster, type Raster } from './raster.ts';
import { hashOfFrequencies, transformGrid, transposeFrequencies } from './transform.ts';

/** How to hash a raster. */
export interface HashOptions {
  /** All eight orientations, each exactly as if the raster had been turned. */
  readonly orientations?: boolean;
  /** Said when the raster is a reduced form of a picture of known size; without it the raster is the picture. */
  readonly reduction?: Reduction;
}

/** Pictures with a shorter side than this have no hash: all zero, quality 0. */
export const MIN_SIDE_PX = 5;

/** Which grid an orientation is read from, and whether it is then mirrored along the main diagonal. */
const READINGS: Readonly<Record<Orientation, readonly [mirroredX: boolean, mirroredY: boolean, transposed: boolean]>> = {
  original: [false, false, false],
  flipY: [true, false, false],
  flipX: [false, true, false],
  rotate180: [true, true, false],
  flipPlus1: [false, false, true],
  rotate90: [true, false, true],
  rotate270: [false, true, true],
  flipMinus1: [true, true, true],
};

/**
 * PDQ of a raster in both dialects, bit for bit as the reference gives it. With `reduction` the hash is
 * that of the original, as near as the reduced raster lets it be (phase correction).
 *
 * @throws InternalError `raster-shape` when the raster's length does not fit its sides
 */
export function hashRaster(raster: Raster, options: HashOptions = {}): PictureHashes {
  checkRaster(raster);
  const reduction = options.reduction ?? { originalWidth: raster.width, originalHeight: raster.height, scaleX: 1, scaleY: 1 };
  const orientations = options.orientations === true;
  if (Math.min(reduction.originalWidth, reduction.originalHeight) < MIN_SIDE_PX) return noHashes(orientations);
  const grids = downsample(raster, reduction, DIALECTS, orientations);
  const found = new Map<Grid['values'], GridResult>();
  const hashOf = (dialect: Dialect, orientation: Orientation): PdqHash => {
    const [mirroredX, mirroredY, transposed] = READINGS[orientation];
    const grid = grids.find((one) => one.dialect === dialect && one.mirroredX === mirroredX && one.mirroredY === mirroredY)!;
    // Small pictures have one grid for both dialects.
    const result = found.get(grid.values) ?? hashGrid(grid.values, orientations);
    found.set(grid.values, result);
    return transposed ? result.transposed! : result.plain;
  };
  const both = (orientation: Orientation): DialectHashes => ({ '512nn': hashOf('512nn', orientation), full: hashOf('full', orientation) });
  return gather(both, orientations);
}

interface GridResult {
  readonly plain: PdqHash;
  readonly transposed: PdqHash | null;
}

function hashGrid(values: Float64Array, withTransposed: boolean): GridResult {
  const quality = gridQuality(values);
  const frequencies = transformGrid(values);
  return {
    plain: { hash: hashOfFrequencies(frequencies), quality },
    // Neighbours stay neighbours along the diagonal, so the quality is the same.
    transposed: withTransposed ? { hash: hashOfFrequencies(transposeFrequencies(frequencies)), quality } : null,
  };
}

function noHashes(orientations: boolean): PictureHashes {
  const none: PdqHash = { hash: new Uint8Array(HASH_BYTES), quality: 0 };
  return gather(() => ({ '512nn': none, full: none }), orientations);
}

function gather(both: (orientation: Orientation) => DialectHashes, orientations: boolean): PictureHashes {
  const dialects = both('original');
  if (!orientations) return { dialects };
  const all = Object.fromEntries(ORIENTATIONS.map((one) => [one, one === 'original' ? dialects : both(one)])) as Record<Orientation, DialectHashes>;
  return { dialects, orientations: all };
}
