import { SURVEY_BLOCK_BYTES } from './chunk-grid.ts';

/** Probabilities are stated to seven places, rounded down, less what rounding in the draws may cost (decision page 8). */
const STEPS = 1e7;
const ROUNDING_STEPS = 2;

/**
 * What may be said after `reads` jittered reads in complete passes: the chance that known material which fills
 * `share` of the device was met is at least 1 − (1 − share)^reads, for every layout
 * (docs/decisions/0008-survey-order-and-meter.md).
 *
 * @param share indexed blocks of the material by the blocks of the device, 0 to 1
 */
export function statedProbability(share: number, reads: number): number {
  if (share <= 0 || reads <= 0) return 0;
  if (share >= 1) return 1;
  return Math.max(0, Math.floor(-Math.expm1(reads * Math.log1p(-share)) * STEPS) - ROUNDING_STEPS) / STEPS;
}

/** Reads after which `statedProbability` is at least `probability`, or Infinity for a share of 0. */
export function readsForProbability(share: number, probability: number): number {
  if (share <= 0) return Infinity;
  if (share >= 1) return 1;
  let reads = Math.max(1, Math.ceil(Math.log1p(-probability) / Math.log1p(-share)));
  // Rounding down may cost a few reads where the probability has seven places itself.
  while (statedProbability(share, reads) < probability) reads += Math.max(1, Math.floor(reads / 1e6));
  return reads;
}

/** Whole 4 KiB cells of a device: every block on it begins in one of them. */
export function countCells(sizeBytes: number): number {
  return Math.floor(sizeBytes / SURVEY_BLOCK_BYTES);
}

/**
 * Share of the device's cells in which an indexed block of `bytes` of known material begins. Only whole blocks count, so
 * that material too small to hold an indexed one promises nothing.
 */
export function shareOfDevice(bytes: number, indexedShare: number, sizeBytes: number): number {
  const cells = countCells(sizeBytes);
  return cells === 0 ? 0 : Math.floor((bytes * indexedShare) / SURVEY_BLOCK_BYTES) / cells;
}
