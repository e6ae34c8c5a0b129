import { deriveDrawKey, drawFractions } from './seeded-draws.ts';

/** Passes whose places are kept: threads ask for the passes around the current one. 16 KiB each. */
const KEPT_PASSES = 4;

/** What a jittered order is made from. Cells are pieces of 4 KiB of the device; only whole ones count. */
export interface JitteredShape {
  readonly cells: number;
  /** Coarse strata: reads of one pass. */
  readonly strata: number;
  /** Sub-strata of each stratum: passes until every one was visited once. At most 65,535. */
  readonly subStrata: number;
}

/** Where jittered passes read. */
export interface JitteredOrder {
  /** Cell in which the read of `pass` in `stratum` begins. Ascending in `stratum`. */
  cellAt(pass: number, stratum: number): number;
}

/**
 * Stratified order without memory of the device: the strata are equal pieces of the line [0, cells), the
 * sub-strata equal pieces of a stratum. Pass j reads in each stratum its sub-stratum π(j), where π is a secret
 * permutation of its own, at a uniform place u of it; the read begins in cell ⌊u⌋. Borders fall inside cells
 * where they must, so that all pieces are exactly equal and a cell's chance is exactly its share of the piece.
 * Once every sub-stratum was visited a new, independent permutation begins.
 */
export function makeJitteredOrder(seed: Uint8Array, shape: JitteredShape): JitteredOrder {
  const { cells, strata, subStrata } = shape;
  const placeKey = deriveDrawKey(seed, 'place', 0);
  const wordsPerPass = strata + (strata % 2);
  const kept = new Map<number, Float64Array>();
  let round = -1;
  let permutations: Uint16Array = new Uint16Array(0);

  const cellsOf = (pass: number): Float64Array => {
    const known = kept.get(pass);
    if (known !== undefined) return known;
    const wanted = Math.floor(pass / subStrata);
    if (round !== wanted) {
      permutations = drawPermutations(deriveDrawKey(seed, 'sub-strata', wanted), strata, subStrata);
      round = wanted;
    }
    const made = drawFractions(placeKey, pass * wordsPerPass, strata);
    const column = pass % subStrata;
    const pieces = strata * subStrata;
    // In whole cells and a remainder, so that a place keeps its fraction however large the device is.
    const wholeCells = Math.floor(cells / pieces);
    const remainder = cells % pieces;
    for (let stratum = 0; stratum < strata; stratum += 1) {
      const piece = stratum * subStrata + permutations[stratum * subStrata + column]!;
      const beyondWhole = piece * remainder;
      const border = piece * wholeCells + Math.floor(beyondWhole / pieces);
      made[stratum] = Math.min(cells - 1, border + Math.floor((beyondWhole % pieces) / pieces + made[stratum]! * (cells / pieces)));
    }
    if (kept.size >= KEPT_PASSES) kept.delete(kept.keys().next().value!);
    kept.set(pass, made);
    return made;
  };
  return { cellAt: (pass, stratum) => cellsOf(pass)[stratum]! };
}

/** One uniform permutation of `size` numbers for each stratum, side by side (Fisher and Yates; Knuth, TAOCP 2, 3.4.2 P). */
function drawPermutations(key: Uint8Array, strata: number, size: number): Uint16Array {
  const all = new Uint16Array(strata * size);
  const words = size + (size % 2);
  // In slices, so that the draws of 2,048 strata do not all stand in memory at once.
  const slice = Math.max(1, Math.floor(65_536 / words));
  for (let from = 0; from < strata; from += slice) {
    const count = Math.min(slice, strata - from);
    const fractions = drawFractions(key, from * words, count * words);
    for (let i = 0; i < count; i += 1) {
      const base = (from + i) * size;
      for (let k = 0; k < size; k += 1) {
        const other = Math.floor(fractions[i * words + k]! * (k + 1));
        all[base + k] = all[base + other]!;
        all[base + other] = k;
      }
    }
  }
  return all;
}
