import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { attachNearIndex } from './attach-near-index.ts';
import { ballSize, chooseChunkCount, chunkValue, cutChunks, HASH_BITS, MAX_NEAR_RADIUS, radiiFor } from './near-plan.ts';
import { bitsOf } from './pdq-hash.ts';
import { MAX_MASKS_PER_CHUNK, MAX_MATCHES_PER_QUERY } from './search-code.ts';
import { bruteForce, flipBits, indexOf, makeHashes, makeQuery, makeRandom } from './test-hashes.ts';

/** Fewer chunks have larger tables: up to 16 MiB each, which takes its time to make for every case. */
const IS_LONG = process.env['KERBSIDE_LONG'] !== undefined;

test('chunks cover every bit once, and their radii leave nothing out, for all chunk counts and distances', () => {
  for (let m = 8; m <= 32; m++) {
    const chunks = cutChunks(m);
    assert.equal(chunks.reduce((end, { firstBit, width }) => (assert.equal(firstBit, end), end + width), 0), HASH_BITS);
    for (let radius = 0; radius <= MAX_NEAR_RADIUS; radius++) {
      const radii = radiiFor(m, radius);
      assert.ok(radii.reduce((sum, r) => sum + r + 1, 0) >= radius + 1, `${m} chunks, radius ${radius}`);
      assert.ok(radii.reduce((sum, r) => sum + r + 1, 0) === radius + 1, 'and nothing is looked at in vain');
    }
  }
  for (const size of [0, 1, 100, 10_000, 1_000_000, 10_000_000, 30_000_000]) {
    const m = chooseChunkCount(size);
    const radii = radiiFor(m, MAX_NEAR_RADIUS);
    for (const [k, { width }] of cutChunks(m).entries()) assert.ok(width <= 27 && ballSize(width - 5, radii[k]!) <= MAX_MASKS_PER_CHUNK);
  }
  assert.deepEqual([1, 100_000, 1_000_000, 10_000_000].map(chooseChunkCount), [16, 13, 11, 10]);
});

test('a chunk\'s value is its bits', () => {
  const random = makeRandom(5);
  const words = makeHashes(1, random);
  for (let m = 8; m <= 32; m++) {
    for (const chunk of cutChunks(m)) {
      let expected = 0;
      for (let i = chunk.width - 1; i >= 0; i--) {
        const bit = chunk.firstBit + i;
        expected = expected * 2 + ((words[bit >>> 5]! >>> (bit & 31)) & 1);
      }
      assert.equal(chunkValue(words, 0, chunk), expected);
    }
  }
});

test('ten thousand queries over random, clustered and doubled hashes find exactly what brute force finds', () => {
  let queries = 0;
  let found = 0;
  for (const [seed, size, clusterSize] of [[1, 400, 1], [2, 700, 25], [3, 300, 300], [4, 1, 1], [5, 64, 2]] as const) {
    const random = makeRandom(seed);
    const hashes = makeHashes(size, random, clusterSize);
    // Some hashes stand there twice: in memory each has its own number.
    if (size > 20) hashes.copyWithin(8, 80, 160);
    const index = attachNearIndex(indexOf(hashes, seed === 1 ? 16 : 11 + seed));
    for (let i = 0; i < 2000; i++) {
      const query = makeQuery(hashes, random, i % 40);
      const radius = i % 3 === 0 ? MAX_NEAR_RADIUS : random() % (MAX_NEAR_RADIUS + 1);
      const answer = index.query(query, radius);
      assert.equal(answer.beyondLimit, 0);
      assert.deepEqual(answer.matches.map(({ row, distance }) => ({ row, distance })), bruteForce(hashes, query, radius));
      queries++;
      found += answer.matches.length;
    }
  }
  assert.equal(queries, 10_000);
  assert.ok(found > 10_000, `only ${found} matches: the queries prove nothing`);
});

test('recall equals brute force for any chunk count, radius, size and spread', () => {
  fc.assert(
    fc.property(
      fc.integer(), fc.integer({ min: IS_LONG ? 10 : 12, max: 16 }), fc.integer({ min: 0, max: MAX_NEAR_RADIUS }), fc.integer({ min: 1, max: 300 }),
      fc.integer({ min: 1, max: 60 }), fc.integer({ min: 0, max: 40 }),
      (seed, chunkCount, radius, size, clusterSize, spread) => {
        const random = makeRandom(seed);
        const hashes = makeHashes(size, random, clusterSize, spread);
        const index = attachNearIndex(indexOf(hashes, chunkCount));
        for (let i = 0; i < 20; i++) {
          const query = makeQuery(hashes, random, random() % 40);
          assert.deepEqual(index.query(query, radius).matches.map(({ row, distance }) => ({ row, distance })), bruteForce(hashes, query, radius));
        }
      },
    ),
    { numRuns: IS_LONG ? 2000 : 60 },
  );
});

test('the worst placed differences are found too: all of them as even over the chunks as can be', () => {
  for (let m = IS_LONG ? 10 : 11; m <= 16; m++) {
    const hashes = makeHashes(50, makeRandom(m));
    const index = attachNearIndex(indexOf(hashes, m));
    for (let radius = 0; radius <= MAX_NEAR_RADIUS; radius++) {
      const query = hashes.slice(0, 8);
      const chunks = cutChunks(m);
      // From the last chunk on, which has the smaller radius.
      for (let i = 0; i < radius; i++) {
        const { firstBit } = chunks[m - 1 - (i % m)]!;
        const bit = firstBit + Math.floor(i / m);
        query[bit >>> 5]! ^= 1 << (bit & 31);
      }
      assert.equal(hashes.subarray(0, 8).reduce((sum, word, i) => sum + bitsOf(word ^ query[i]!), 0), radius);
      assert.ok(index.query(query, radius).matches.some(({ row, distance }) => row === 0 && distance === radius), `${m} chunks, distance ${radius}`);
      if (radius > 0) assert.ok(!index.query(query, radius - 1).matches.some(({ row }) => row === 0));
    }
  }
});

test('more matches than one query may give are counted', () => {
  const random = makeRandom(9);
  const hashes = makeHashes(MAX_MATCHES_PER_QUERY + 500, random, MAX_MATCHES_PER_QUERY + 500, 6);
  const index = attachNearIndex(indexOf(hashes, 16));
  const query = hashes.slice(0, 8);
  const all = bruteForce(hashes, query, 20);
  const answer = index.query(query, 20);
  assert.equal(answer.matches.length, MAX_MATCHES_PER_QUERY);
  assert.equal(answer.beyondLimit, all.length - MAX_MATCHES_PER_QUERY);
  flipBits(query, 0, 1, random);
  assert.throws(() => index.query(query, 32), RangeError);
  assert.throws(() => index.query(query, -1), RangeError);
});

test('a picture is looked up by the dialect rule, and a worthless hash is counted, not looked up', () => {
  const random = makeRandom(11);
  const hashes = makeHashes(10, random);
  const words = hashes.slice(0, 8);
  const ask = (set: 'unknown' | '512nn' | 'full', dialect: '512nn' | 'full', quality: number): { found: number; notComparable: number } => {
    const index = attachNearIndex(indexOf(hashes, 16, set));
    assert.equal(index.wants(dialect), set === 'unknown' || set === dialect);
    const answer = index.queryPicture([{ dialect, orientation: 3, words, quality }], 31);
    if (answer.matches.length > 0) assert.deepEqual(answer.matches[0], { set: 0, row: 0, distance: 0, dialect: set, orientation: 3, queryDialect: dialect });
    return { found: answer.matches.length, notComparable: answer.notComparable };
  };
  for (const dialect of ['512nn', 'full'] as const) {
    assert.deepEqual(ask('unknown', dialect, 50), { found: 1, notComparable: 0 });
    assert.deepEqual(ask(dialect, dialect, 100), { found: 1, notComparable: 0 });
    assert.deepEqual(ask(dialect === 'full' ? '512nn' : 'full', dialect, 100), { found: 0, notComparable: 0 });
    assert.deepEqual(ask(dialect, dialect, 49), { found: 0, notComparable: 1 });
  }
  // Eight orientations in two dialects: each row once, with the nearest hash.
  const near = hashes.slice(0, 8);
  near[0]! ^= 3;
  const picture = [{ dialect: '512nn' as const, orientation: 1, words: near, quality: 80 }, { dialect: 'full' as const, orientation: 0, words, quality: 80 }];
  const { matches } = attachNearIndex(indexOf(hashes, 16)).queryPicture(picture, 31);
  assert.deepEqual(matches, [{ set: 0, row: 0, distance: 0, dialect: 'unknown', orientation: 0, queryDialect: 'full' }]);
});
