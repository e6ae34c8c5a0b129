import { GROUP_DISTANCE } from './weights.ts';

/** Words of 32 bits in a PDQ hash. */
export const HASH_WORDS = 8;

/**
 * Comparisons after which grouping stops and says so: about a minute. Natural pictures need some 500 each at a million;
 * only tens of thousands of nearly equal ones come here, and then most of them are joined already.
 */
export const MAX_COMPARISONS = 4_000_000_000;

/** Chunks of the hash: `widths` bits each, compared within `radii` bits. */
interface Chunking {
  readonly widths: readonly number[];
  readonly radii: readonly number[];
}

/*
 * Two hashes within 31 bits agree within r_k bits in some chunk k wherever Σ(r_k + 1) ≥ 32: were every chunk r_k + 1
 * bits off, they would be 32 apart. Wide chunks suit many hashes, narrow ones cost fewer look-ups.
 */
const FEW: Chunking = { widths: Array.from({ length: 16 }, () => 16), radii: Array.from({ length: 16 }, () => 1) };
const MANY: Chunking = { widths: [22, 22, 22, 22, 21, 21, 21, 21, 21, 21, 21, 21], radii: [2, 2, 2, 2, 2, 2, 2, 2, 1, 1, 1, 1] };
const FEW_MOST = 60_000;

export interface NearGroups {
  /** For each hash the number of one of its group, the same for all of the group: the smallest. */
  readonly groupOf: Uint32Array;
  /** False where the limit of comparisons was reached: some groups may then stand as several. */
  readonly complete: boolean;
}

/**
 * Joins hashes within {@link GROUP_DISTANCE} bits of one another, in chains, exactly: the answer is that of comparing
 * all with all. Memory: 8 bytes a hash and 20 MB, beside the hashes.
 *
 * @param hashes {@link HASH_WORDS} big-endian words a hash, most significant first, one after another
 * @param maxComparisons see {@link MAX_COMPARISONS}
 */
export function groupNear(hashes: Uint32Array, maxComparisons = MAX_COMPARISONS): NearGroups {
  const count = hashes.length / HASH_WORDS;
  const groupOf = Uint32Array.from({ length: count }, (_, index) => index);
  // Equal hashes first: a thousand copies would else be compared with one another in every chunk.
  const distinct = joinEqual(hashes, groupOf);
  const { widths, radii } = distinct.length <= FEW_MOST ? FEW : MANY;
  const join: Join = { hashes, groupOf, left: maxComparisons };
  let firstBit = 0;
  for (const [chunk, width] of widths.entries()) {
    joinByChunk(join, distinct, firstBit, width, radii[chunk]!);
    firstBit += width;
    if (join.left < 0) break;
  }
  for (let index = 0; index < count; index++) groupOf[index] = find(groupOf, index);
  return { groupOf, complete: join.left >= 0 };
}

interface Join {
  readonly hashes: Uint32Array;
  readonly groupOf: Uint32Array;
  left: number;
}

/** Joins equal hashes and returns one of each, in the order of their values, so that the order given changes nothing. */
function joinEqual(hashes: Uint32Array, groupOf: Uint32Array): Uint32Array {
  const order = Uint32Array.from(groupOf).sort((a, b) => compareHashes(hashes, a, b) || a - b);
  let kept = 0;
  for (const index of order) {
    if (kept > 0 && compareHashes(hashes, order[kept - 1]!, index) === 0) unite(groupOf, order[kept - 1]!, index);
    else order[kept++] = index;
  }
  return order.subarray(0, kept);
}

function compareHashes(hashes: Uint32Array, a: number, b: number): number {
  for (let word = 0; word < HASH_WORDS; word++) {
    const difference = hashes[a * HASH_WORDS + word]! - hashes[b * HASH_WORDS + word]!;
    if (difference !== 0) return difference;
  }
  return 0;
}

/** Compares every two hashes whose chunks are within `radius` bits, each pair once. */
function joinByChunk(join: Join, members: Uint32Array, firstBit: number, width: number, radius: number): void {
  const { starts, sorted, values } = sortByChunk(join.hashes, members, firstBit, width);
  const masks = masksWithin(width, radius);
  for (let at = 0; at < sorted.length; ) {
    const value = values[at]!;
    const end = starts[value + 1]!;
    for (const mask of masks) {
      const other = value ^ mask;
      if (other < value) continue;
      for (let a = at; a < end; a++) {
        const from = mask === 0 ? a + 1 : starts[other]!;
        const to = starts[other + 1]!;
        join.left -= to - from;
        for (let b = from; b < to; b++) joinIfNear(join, sorted[a]!, sorted[b]!);
      }
      if (join.left < 0) return;
    }
    at = end;
  }
}

/** Counting sort by the chunk's value. */
function sortByChunk(hashes: Uint32Array, members: Uint32Array, firstBit: number, width: number): { starts: Uint32Array; sorted: Uint32Array; values: Uint32Array } {
  const starts = new Uint32Array((1 << width) + 1);
  for (const member of members) starts[chunkValue(hashes, member, firstBit, width) + 1]! += 1;
  for (let value = 1; value < starts.length; value++) starts[value]! += starts[value - 1]!;
  const next = starts.slice(0, -1);
  const sorted = new Uint32Array(members.length);
  const values = new Uint32Array(members.length);
  for (const member of members) {
    const value = chunkValue(hashes, member, firstBit, width);
    const to = next[value]!;
    next[value] = to + 1;
    sorted[to] = member;
    values[to] = value;
  }
  return { starts, sorted, values };
}

/** `width` bits (at most 22) of a hash, from bit `firstBit` counted from the most significant. */
function chunkValue(hashes: Uint32Array, member: number, firstBit: number, width: number): number {
  const word = member * HASH_WORDS + (firstBit >>> 5);
  const past = (firstBit & 31) + width - 32;
  const high = hashes[word]!;
  const mask = 2 ** width - 1;
  if (past <= 0) return (high >>> -past) & mask;
  return ((high << past) | (hashes[word + 1]! >>> (32 - past))) & mask;
}

/** All values of `width` bits with at most `radius` (0 to 2) bits set, 0 first. */
function masksWithin(width: number, radius: number): Uint32Array {
  const masks = [0];
  for (let a = 0; a < width && radius >= 1; a++) {
    masks.push(1 << a);
    for (let b = 0; b < a && radius >= 2; b++) masks.push((1 << a) | (1 << b));
  }
  return Uint32Array.from(masks);
}

function joinIfNear(join: Join, a: number, b: number): void {
  const { hashes, groupOf } = join;
  const atA = a * HASH_WORDS;
  const atB = b * HASH_WORDS;
  let distance = 0;
  for (let word = 0; word < HASH_WORDS; word++) {
    distance += bitCount(hashes[atA + word]! ^ hashes[atB + word]!);
    if (distance > GROUP_DISTANCE) return;
  }
  unite(groupOf, a, b);
}

function bitCount(value: number): number {
  let bits = value - ((value >>> 1) & 0x55555555);
  bits = (bits & 0x33333333) + ((bits >>> 2) & 0x33333333);
  return Math.imul((bits + (bits >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24;
}

/** The smaller number becomes the group's, so the answer does not depend on the order of joins. */
function unite(groupOf: Uint32Array, a: number, b: number): void {
  const first = find(groupOf, a);
  const second = find(groupOf, b);
  if (first < second) groupOf[second] = first;
  else groupOf[first] = second;
}

function find(groupOf: Uint32Array, index: number): number {
  let root = index;
  while (groupOf[root] !== root) {
    groupOf[root] = groupOf[groupOf[root]!]!;
    root = groupOf[root]!;
  }
  return root;
}
