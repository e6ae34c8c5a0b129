import { FORM, type Catalogue } from '../catalogue.ts';
import { EXTENT_DATA, EXTENT_UNINITIALISED, extentKind, extentLength, nextExtent } from '../extent-code.ts';

/** Which item's content stands at a place of the source. */
export interface ItemIndex {
  /** Ordinal of the item, a live one before a deleted one; -1 where no item's content is. */
  at(offset: number): number;
}

/**
 * Sorts the plain extents of a catalogue by place. Takes 20 bytes an extent, so it is made when the first
 * block hit asks for it.
 */
export function buildItemIndex(catalogue: Catalogue): ItemIndex {
  let count = 0;
  eachExtent(catalogue, () => (count += 1));
  const starts = new Float64Array(count);
  const lengths = new Float64Array(count);
  const ordinals = new Uint32Array(count);
  let next = 0;
  eachExtent(catalogue, (ordinal, offset, length) => {
    starts[next] = offset;
    lengths[next] = length;
    ordinals[next++] = ordinal;
  });
  const order = Uint32Array.from(starts, (_, index) => index).sort((a, b) => starts[a]! - starts[b]! || a - b);
  // Extents may overlap (deleted items, crafted volumes): from a place one looks back as far as any extent before it reaches.
  const reach = new Float64Array(count);
  let furthest = 0;
  for (const [rank, index] of order.entries()) {
    furthest = Math.max(furthest, starts[index]! + lengths[index]!);
    reach[rank] = furthest;
  }
  const rankAt = (offset: number): number => {
    let low = 0;
    let high = count;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (starts[order[middle]!]! <= offset) low = middle + 1;
      else high = middle;
    }
    return low - 1;
  };
  return {
    at(offset) {
      let best = -1;
      for (let rank = rankAt(offset), left = MAX_LOOK_BACK; rank >= 0 && left > 0 && reach[rank]! > offset; rank--, left--) {
        const index = order[rank]!;
        if (starts[index]! + lengths[index]! <= offset) continue;
        if (catalogue.state(ordinals[index]!) === 'allocated') return ordinals[index]!;
        best = best < 0 ? ordinals[index]! : Math.min(best, ordinals[index]!);
      }
      return best;
    },
  };
}

/** Extents looked at for one place: a crafted volume could lay a million over each other. */
const MAX_LOOK_BACK = 10_000;

function eachExtent(catalogue: Catalogue, visit: (ordinal: number, offset: number, length: number) => void): void {
  const { pairs } = catalogue;
  for (let ordinal = 0; ordinal < catalogue.length; ordinal++) {
    if (catalogue.form(ordinal) !== FORM.extents) continue;
    const end = catalogue.extentEnd(ordinal);
    for (let at = catalogue.extentStart(ordinal); at < end; at = nextExtent(pairs, at)) {
      const code = pairs[at * 2 + 1]!;
      const kind = extentKind(code);
      if (kind === EXTENT_DATA || kind === EXTENT_UNINITIALISED) visit(ordinal, pairs[at * 2]!, extentLength(code));
    }
  }
}
