import { GRID } from './axis-weights.ts';
import { HASH_BITS, HASH_BYTES } from './picture-hashes.ts';

/** Frequencies kept along each axis: 1 to 16; the constant term is left out. */
export const FREQUENCIES = 16;

const HALF = GRID / 2;

/** sqrt(2/64) · cos(π/128 · (i + 1) · (2j + 1)) for j below 32; the other half is the same or its negative. */
const COSINES = Float64Array.from({ length: FREQUENCIES * HALF }, (_, at) => {
  const i = Math.floor(at / HALF);
  const j = at % HALF;
  return Math.sqrt(2 / GRID) * Math.cos((Math.PI / (2 * GRID)) * (i + 1) * (2 * j + 1));
});

/**
 * The 16 × 16 lowest frequencies of a 64 × 64 grid by the discrete cosine transform (step 7 of PDQ).
 * @returns 256 values; the row is the frequency from top to bottom
 */
export function transformGrid(grid: Float64Array): Float64Array {
  const half = new Float64Array(FREQUENCIES * GRID);
  const sums = new Float64Array(GRID);
  const differences = new Float64Array(GRID);
  for (let j = 0; j < HALF; j++) {
    // The cosine at 63 − j is that at j with the sign (−1)^(i + 1): fold the grid once for both signs.
    const near = j * GRID;
    const far = (GRID - 1 - j) * GRID;
    for (let x = 0; x < GRID; x++) {
      sums[x] = grid[near + x]! + grid[far + x]!;
      differences[x] = grid[near + x]! - grid[far + x]!;
    }
    for (let i = 0; i < FREQUENCIES; i++) {
      const factor = COSINES[i * HALF + j]!;
      const folded = (i & 1) === 0 ? differences : sums;
      const row = i * GRID;
      for (let x = 0; x < GRID; x++) half[row + x]! += factor * folded[x]!;
    }
  }
  const result = new Float64Array(FREQUENCIES * FREQUENCIES);
  for (let i = 0; i < FREQUENCIES; i++) {
    const row = i * GRID;
    for (let k = 0; k < FREQUENCIES; k++) {
      const sign = (k & 1) === 0 ? -1 : 1;
      let sum = 0;
      for (let j = 0; j < HALF; j++) sum += COSINES[k * HALF + j]! * (half[row + j]! + sign * half[row + GRID - 1 - j]!);
      result[i * FREQUENCIES + k] = sum;
    }
  }
  return result;
}

/** The transform of the grid mirrored along its main diagonal, which is the transform so mirrored. */
export function transposeFrequencies(frequencies: Float64Array): Float64Array {
  return frequencies.map((_, at) => frequencies[(at % FREQUENCIES) * FREQUENCIES + Math.floor(at / FREQUENCIES)]!);
}

/** The 128th smallest of the 256: where their number is even, PDQ takes the lower of the middle two. */
const MEDIAN_AT = HASH_BITS / 2 - 1;

/**
 * Bit 16 · row + column, counted from the least significant, is set where the value lies above the median
 * (steps 8 and 9 of PDQ).
 * @returns 32 bytes, the most significant first
 */
export function hashOfFrequencies(frequencies: Float64Array): Uint8Array {
  const median = frequencies.toSorted()[MEDIAN_AT]!;
  const hash = new Uint8Array(HASH_BYTES);
  for (let bit = 0; bit < HASH_BITS; bit++) {
    if (frequencies[bit]! > median) hash[HASH_BYTES - 1 - (bit >> 3)]! |= 1 << (bit & 7);
  }
  return hash;
}
