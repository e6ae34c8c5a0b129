import { downsample } from './downsample.ts';
import { ORIENTATIONS, type Dialect, type Orientation } from './picture-hashes.ts';
import { checkRaster, type Raster } from './raster.ts';
import { FREQUENCIES, hashOfFrequencies, transformGrid, transposeFrequencies } from './transform.ts';

/** Whether the frequencies are mirrored along the diagonal, and which of them then change their sign. */
const RULES: Readonly<Record<Orientation, readonly [transposed: boolean, negated: (row: number, column: number) => boolean]>> = {
  original: [false, () => false],
  rotate90: [true, (row) => row % 2 === 0],
  rotate270: [true, (_, column) => column % 2 === 0],
  rotate180: [false, (row, column) => (row + column) % 2 === 1],
  flipX: [false, (row) => row % 2 === 0],
  flipY: [false, (_, column) => column % 2 === 0],
  flipPlus1: [true, () => false],
  flipMinus1: [true, (row, column) => (row + column) % 2 === 1],
};

/**
 * The eight hashes as the reference derives them from the picture as it lies, by changes of sign. They
 * lie 8 to 14 bits from the hash of a picture that was really turned; look-ups use the exact ones of
 * hashRaster. For comparing with lists and tools that hold these.
 */
export function signRuleHashes(raster: Raster, dialect: Dialect): Record<Orientation, Uint8Array> {
  checkRaster(raster);
  const { width, height } = raster;
  const [grid] = downsample(raster, { originalWidth: width, originalHeight: height, scaleX: 1, scaleY: 1 }, [dialect], false);
  const frequencies = transformGrid(grid!.values);
  const transposed = transposeFrequencies(frequencies);
  const hashOf = (orientation: Orientation): Uint8Array => {
    const [mirrored, negated] = RULES[orientation];
    const signed = (mirrored ? transposed : frequencies).map((value, at) => (negated(Math.floor(at / FREQUENCIES), at % FREQUENCIES) ? -value : value));
    return hashOfFrequencies(signed);
  };
  return Object.fromEntries(ORIENTATIONS.map((one) => [one, hashOf(one)])) as Record<Orientation, Uint8Array>;
}
