import { armFilter, armThumbFilter, arm64Filter, ia64Filter, powerPcFilter, sparcFilter } from './branch-filters.ts';
import { filterBlocks, type BlockFilter } from './block-filter.ts';
import { X86Filter } from './x86-filter.ts';

/** Filters that stand before a packer and make its work easier, by their numbers in xz, which 7z has too. */
export const FILTER_NAMES: Readonly<Record<number, string>> = { 3: 'delta', 4: 'BCJ x86', 5: 'BCJ PowerPC', 6: 'BCJ IA-64', 7: 'BCJ ARM', 8: 'BCJ ARM Thumb', 9: 'BCJ SPARC', 10: 'ARM64', 11: 'RISC-V' };

const DELTA = 3;
const BLOCK_FILTERS: Readonly<Record<number, () => BlockFilter>> = { 4: () => new X86Filter(), 5: powerPcFilter, 6: ia64Filter, 7: armFilter, 8: armThumbFilter, 9: sparcFilter, 10: arm64Filter };

export function isFilterRead(filter: number): boolean {
  return filter === DELTA || filter in BLOCK_FILTERS;
}

/**
 * Turns a filtered content back.
 * @param filter one for which `isFilterRead`
 * @param properties delta: distance less 1; others: none, or the place that the first byte counts as (u32)
 * @yields pieces of at most 1 MiB, each valid until the next; as many bytes as go in
 */
export function undoFilter(filter: number, properties: Buffer, pieces: Iterable<Uint8Array>): Iterable<Uint8Array> {
  if (filter === DELTA) return undoDelta(pieces, (properties[0] ?? 0) + 1);
  return filterBlocks(pieces, BLOCK_FILTERS[filter]!(), properties.length >= 4 ? properties.readUInt32LE(0) : 0);
}

/** Each byte is stored as its difference from the one `distance` before. */
function* undoDelta(pieces: Iterable<Uint8Array>, distance: number): Generator<Uint8Array, void, undefined> {
  const before = new Uint8Array(distance);
  let place = 0;
  for (const piece of pieces) {
    const out = Buffer.allocUnsafe(piece.length);
    for (let i = 0; i < piece.length; i++) {
      out[i] = before[place] = (piece[i]! + before[place]!) & 0xff;
      if (++place === distance) place = 0;
    }
    yield out;
  }
}
