import assert from 'node:assert/strict';
import { it } from 'node:test';
import fc from 'fast-check';
import { makeRandom, type Random } from '@kerbside/corpus';
import { groupNear, HASH_WORDS } from './group-near.ts';
import { GROUP_DISTANCE } from './weights.ts';

/** Comparing all with all: what the groups have to be. */
function bruteForce(hashes: Uint32Array): Uint32Array {
  const count = hashes.length / HASH_WORDS;
  const groups = Uint32Array.from({ length: count }, (_, index) => index);
  for (let a = 0; a < count; a++) {
    for (let b = a + 1; b < count; b++) {
      if (distance(hashes, a, b) > GROUP_DISTANCE || groups[a] === groups[b]) continue;
      const [kept, gone] = [Math.min(groups[a]!, groups[b]!), Math.max(groups[a]!, groups[b]!)];
      for (let index = 0; index < count; index++) if (groups[index] === gone) groups[index] = kept;
    }
  }
  return groups;
}

function distance(hashes: Uint32Array, a: number, b: number): number {
  let bits = 0;
  for (let word = 0; word < HASH_WORDS; word++) bits += ((hashes[a * HASH_WORDS + word]! ^ hashes[b * HASH_WORDS + word]!) >>> 0).toString(2).replaceAll('0', '').length;
  return bits;
}

/** Hashes around a few centres, at distances around the threshold, with copies among them. */
function clustered(random: Random, count: number, centres: number): Uint32Array {
  const hashes = new Uint32Array(count * HASH_WORDS);
  random.fill(new Uint8Array(hashes.buffer));
  for (let index = centres; index < count; index++) {
    const from = random.below(random.chance(0.5) ? centres : index) * HASH_WORDS;
    hashes.copyWithin(index * HASH_WORDS, from, from + HASH_WORDS);
    const flips = random.pick([0, 1, 15, 30, 31, 32, 33, 40]);
    const bits = new Set<number>();
    while (bits.size < flips) bits.add(random.below(256));
    for (const bit of bits) hashes[index * HASH_WORDS + (bit >>> 5)]! ^= 1 << (bit & 31);
  }
  return hashes;
}

it('joins what comparing all with all joins, at every distance around the threshold', () => {
  fc.assert(fc.property(fc.integer(), fc.integer({ min: 1, max: 120 }), fc.integer({ min: 1, max: 30 }), (seed, count, centres) => {
    const hashes = clustered(makeRandom(seed), count, Math.min(count, centres));
    const { groupOf, complete } = groupNear(hashes);
    assert.equal(complete, true);
    assert.deepEqual(groupOf, bruteForce(hashes));
  }), { numRuns: 25 });
});

it('finds pairs at exactly 31 bits wherever the bits stand, and none at 32', () => {
  const random = makeRandom(5);
  for (let round = 0; round < 30; round++) {
    const hashes = clustered(random, 2, 2);
    hashes.copyWithin(HASH_WORDS, 0, HASH_WORDS);
    const bits = new Set<number>();
    const first = round < 8 ? round * 32 : 0;
    while (bits.size < 31) bits.add(round < 8 ? first + random.below(32) : random.below(256));
    for (const bit of bits) hashes[HASH_WORDS + (bit >>> 5)]! ^= 1 << (bit & 31);
    assert.deepEqual([...groupNear(hashes).groupOf], [0, 0]);
    let more = 0;
    while (bits.has(more)) more += 1;
    hashes[HASH_WORDS + (more >>> 5)]! ^= 1 << (more & 31);
    assert.deepEqual([...groupNear(hashes).groupOf], [0, 1]);
  }
});

it('uses wide chunks for many hashes, and joins planted pairs all the same', () => {
  const random = makeRandom(77);
  const count = 62_000;
  const pairs = 200;
  const hashes = new Uint32Array(count * HASH_WORDS);
  random.fill(new Uint8Array(hashes.buffer));
  for (let pair = 0; pair < pairs; pair++) {
    const to = (count - 1 - pair) * HASH_WORDS;
    hashes.copyWithin(to, pair * HASH_WORDS, (pair + 1) * HASH_WORDS);
    const bits = new Set<number>();
    while (bits.size < 31) bits.add(random.below(256));
    for (const bit of bits) hashes[to + (bit >>> 5)]! ^= 1 << (bit & 31);
  }
  const { groupOf } = groupNear(hashes);
  for (let pair = 0; pair < pairs; pair++) assert.equal(groupOf[count - 1 - pair], pair);
  assert.equal(new Set(groupOf).size, count - pairs);
});

it('stops at its limit and says so; thousands of equal hashes are no work', () => {
  const random = makeRandom(3);
  assert.equal(groupNear(clustered(random, 500, 1), 10).complete, false);
  const equal = new Uint32Array(20_000 * HASH_WORDS).fill(0x1234_5678);
  const { groupOf, complete } = groupNear(equal, 0);
  assert.equal(complete, true);
  assert.ok(groupOf.every((group) => group === 0));
  assert.deepEqual(groupNear(new Uint32Array(0)).groupOf.length, 0);
});
