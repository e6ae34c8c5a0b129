import type { CoveragePart, CoverageState } from '../report-types.ts';

/** Cells of the picture: enough to see a hit, few enough for a page of some 100 kB. */
export const MAX_CELLS = 2000;

/** No cell stands for less. */
const LEAST_CELL_BYTES = 4096;

/** Worst first. What nobody looked at is worse than what was read or needed no reading. */
const WORST_FIRST: readonly CoverageState[] = ['hit', 'unreadable', 'encrypted', 'not-read', 'in-part', 'gated', 'read'];

/** Bytes by state; what no part covers is `not-read`, so the values add up to the source. */
export function coverageTotals(parts: readonly CoveragePart[], sourceBytes: number): Readonly<Record<CoverageState, number>> {
  const totals: Record<CoverageState, number> = { read: 0, hit: 0, unreadable: 0, encrypted: 0, gated: 0, 'in-part': 0, 'not-read': 0 };
  let covered = 0;
  for (const { length, state } of parts) {
    totals[state] += length;
    covered += length;
  }
  totals['not-read'] += Math.max(0, sourceBytes - covered);
  return totals;
}

/**
 * The source as cells of equal size, from its first byte to its last.
 * @param parts ascending, not overlapping
 */
export function coverageCells(parts: readonly CoveragePart[], sourceBytes: number): { readonly cellBytes: number; readonly cells: readonly CoverageState[] } {
  const cellBytes = Math.max(LEAST_CELL_BYTES, Math.ceil(sourceBytes / MAX_CELLS));
  const count = Math.ceil(sourceBytes / cellBytes);
  const held = new Uint8Array(count);
  let end = 0;
  const mark = (from: number, to: number, state: CoverageState): void => {
    if (to <= from) return;
    const bit = 1 << WORST_FIRST.indexOf(state);
    const last = Math.min(count - 1, Math.floor((to - 1) / cellBytes));
    for (let cell = Math.floor(from / cellBytes); cell <= last; cell++) held[cell]! |= bit;
  };
  for (const { offset, length, state } of parts) {
    mark(end, offset, 'not-read');
    mark(offset, offset + length, state);
    end = Math.max(end, offset + length);
  }
  mark(end, sourceBytes, 'not-read');
  return { cellBytes, cells: Array.from(held, stateOf) };
}

/** Where some of a cell was read and some not, and nothing is worse, it was read in part. */
function stateOf(held: number): CoverageState {
  const holds = (state: CoverageState): boolean => (held & (1 << WORST_FIRST.indexOf(state))) !== 0;
  const worst = WORST_FIRST.find(holds) ?? 'not-read';
  return worst === 'not-read' && (holds('read') || holds('in-part')) ? 'in-part' : worst;
}
