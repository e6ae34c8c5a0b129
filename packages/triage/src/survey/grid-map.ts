import type { ByteRange } from '@kerbside/bytes';

/** Where blocks may begin: multiples of this on any medium there is. */
export const SECTOR_BYTES = 512;
const PHASES = 8;

/** Every 512-byte phase of a 4 KiB block: where the grid is not known. */
export const ALL_PHASES = 0xff;

/**
 * On which grid files' blocks stand, for each part of a source: segments from `starts[i]` to the next
 * start, ascending from 0. Bit k of `masks[i]` says that blocks may begin at offsets ≡ 512·k modulo 4,096.
 */
export interface GridMap {
  readonly starts: Float64Array;
  readonly masks: Uint8Array;
}

/** A part of the source with a grid of its own. */
export interface GridPart {
  readonly range: ByteRange;
  readonly mask: number;
}

/**
 * The phases of a volume's clusters: one where a cluster holds whole blocks, more where clusters are smaller.
 * @param gridOffset offset on the source of any cluster's first byte
 */
export function phasesOfClusters(gridOffset: number, clusterSizeBytes: number): number {
  if (gridOffset % SECTOR_BYTES !== 0 || clusterSizeBytes % SECTOR_BYTES !== 0) return ALL_PHASES;
  let mask = 0;
  for (let step = 0; step < PHASES; step++) mask |= 1 << (((gridOffset + step * clusterSizeBytes) / SECTOR_BYTES) % PHASES);
  return mask;
}

/**
 * Puts parts together. Where parts overlap all their phases count; where there is none, every phase does.
 * @param parts in any order; what lies outside the source is cut off
 */
export function buildGridMap(sourceBytes: number, parts: readonly GridPart[]): GridMap {
  const edges = parts.flatMap(({ range, mask }) => {
    const end = Math.min(sourceBytes, range.offset + range.length);
    return range.offset < end ? [{ at: range.offset, mask, step: 1 }, { at: end, mask, step: -1 }] : [];
  });
  edges.sort((a, b) => a.at - b.at);
  const open = new Uint32Array(PHASES);
  let count = 0;
  const starts: number[] = [0];
  const masks: number[] = [ALL_PHASES];
  for (let i = 0; i < edges.length; ) {
    const { at } = edges[i]!;
    for (; i < edges.length && edges[i]!.at === at; i++) {
      const { mask, step } = edges[i]!;
      count += step;
      for (let phase = 0; phase < PHASES; phase++) if ((mask & (1 << phase)) !== 0) open[phase]! += step;
    }
    let mask = 0;
    for (let phase = 0; phase < PHASES; phase++) if (open[phase]! > 0) mask |= 1 << phase;
    addSegment(starts, masks, at, count === 0 ? ALL_PHASES : mask);
  }
  return { starts: Float64Array.from(starts), masks: Uint8Array.from(masks) };
}

function addSegment(starts: number[], masks: number[], at: number, mask: number): void {
  if (starts.at(-1) === at) {
    masks[masks.length - 1] = mask;
    if (masks.length < 2 || masks.at(-2) !== mask) return;
    starts.pop();
    masks.pop();
  } else if (masks.at(-1) !== mask) {
    starts.push(at);
    masks.push(mask);
  }
}

/** Number of the segment that holds a byte. */
export function segmentAt(grid: GridMap, offset: number): number {
  let low = 0;
  let high = grid.starts.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (grid.starts[middle]! <= offset) low = middle;
    else high = middle - 1;
  }
  return low;
}

/** The byte after a segment's last. */
export function segmentEnd(grid: GridMap, segment: number): number {
  return segment + 1 < grid.starts.length ? grid.starts[segment + 1]! : Infinity;
}

/** First offset from `from` on that is ≡ 512·phase modulo 4,096. */
export function alignToPhase(from: number, phase: number): number {
  const distance = (phase * SECTOR_BYTES - (from % 4096) + 4096) % 4096;
  return from + distance;
}
