import { GRID } from './axis-weights.ts';

/** Divisor of the reference, chosen by its authors so that ordinary pictures reach 100. */
const SUM_PER_POINT = 90;

/**
 * How much changes between neighbours, 0 to 100 (step 6 of PDQ). Each difference is cut to whole
 * hundredths of the full range before it is added, so that faint noise counts nothing.
 */
export function gridQuality(grid: Float64Array): number {
  let sum = 0;
  for (let y = 0; y < GRID; y++) {
    for (let x = 0; x < GRID; x++) {
      const value = grid[y * GRID + x]!;
      if (x + 1 < GRID) sum += Math.abs(Math.trunc(((value - grid[y * GRID + x + 1]!) * 100) / 255));
      if (y + 1 < GRID) sum += Math.abs(Math.trunc(((value - grid[(y + 1) * GRID + x]!) * 100) / 255));
    }
  }
  return Math.min(100, Math.floor(sum / SUM_PER_POINT));
}
