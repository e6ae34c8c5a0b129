import { makeRandom, type Random } from './random.ts';

/** Values at which length, count and offset checks go wrong. */
const EDGE_VALUES = [0, 1, 2, 3, 0x7f, 0x80, 0xe5, 0xff, 0x7fff, 0x8000, 0xffff, 0x7fffffff, 0x80000000, 0xfffffff7, 0xffffffff] as const;

/** Most changes made to one copy; few, so that most copies still reach deep code. */
const MAX_CHANGES = 12;

/** Sector size, the step in which structures are zeroed, copied and swapped. */
const SECTOR_BYTES = 512;

/**
 * A damaged copy of an image: a few seeded changes, of which most fall near bytes that are not
 * zero, because zeros are mostly free space. The input is not changed.
 *
 * @param bytes the sound image, at least 1 byte
 * @param seed which of the endless damaged copies to make; the same seed gives the same copy
 */
export function mutate(bytes: Buffer, seed: number): Buffer {
  const copy = Buffer.from(bytes);
  const random = makeRandom(seed);
  const changes = 1 + random.below(MAX_CHANGES);
  for (let change = 0; change < changes; change++) applyChange(copy, random);
  return copy;
}

function applyChange(copy: Buffer, random: Random): void {
  const at = pickOffset(copy, random);
  const sector = at - (at % SECTOR_BYTES);
  switch (random.below(8)) {
    case 0:
      copy[at] = copy[at]! ^ (1 << random.below(8));
      break;
    case 1:
      copy[at] = random.below(256);
      break;
    case 2:
    case 3:
      writeLittleEndian(copy, at, 1 << random.below(4), random.pick(EDGE_VALUES), random.chance(0.5));
      break;
    case 4:
      writeLittleEndian(copy, at, 1 << random.below(3), random.below(0x1_0000), false);
      break;
    case 5:
      copy.fill(random.pick([0, 0, 0xff, 0xe5]), sector, Math.min(copy.length, sector + SECTOR_BYTES));
      break;
    case 6: {
      // A structure of this very image in the wrong place is what range checks alone do not catch.
      const length = random.pick([1, 2, 4, 8, 16, 32, 64, SECTOR_BYTES]);
      const from = pickOffset(copy, random);
      copy.copyWithin(at, from, Math.min(copy.length, from + length));
      break;
    }
    default: {
      const other = pickOffset(copy, random);
      const otherSector = other - (other % SECTOR_BYTES);
      const held = Buffer.from(copy.subarray(sector, sector + SECTOR_BYTES));
      copy.copyWithin(sector, otherSector, Math.min(copy.length, otherSector + SECTOR_BYTES));
      held.copy(copy, otherSector);
    }
  }
}

/** An offset, with up to 16 tries at one whose 32 bytes around are not all zero. */
function pickOffset(copy: Buffer, random: Random): number {
  let at = random.below(copy.length);
  for (let attempt = 0; attempt < 16; attempt++) {
    const start = at - (at % 32);
    for (let i = start; i < start + 32 && i < copy.length; i++) if (copy[i] !== 0) return at;
    // Boot structures stand at the front: half of the further tries go there.
    at = random.below(random.chance(0.5) ? Math.min(copy.length, 0x10000) : copy.length);
  }
  return at;
}

/** Writes the low bytes of a value; `nearEnd` sign-fills widths above four bytes. */
function writeLittleEndian(copy: Buffer, at: number, widthBytes: number, value: number, nearEnd: boolean): void {
  for (let i = 0; i < widthBytes && at + i < copy.length; i++) {
    copy[at + i] = i < 4 ? (value >>> (8 * i)) & 0xff : nearEnd ? 0xff : 0;
  }
}
