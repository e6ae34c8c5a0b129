import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { test } from 'node:test';
import fc from 'fast-check';
import { createLaneHasher } from './create-lane-hasher.ts';
import { md5Many } from './md5-many.ts';
import { createScalarHasher } from './scalar-hasher.ts';

function hexes(digests: Uint8Array): string[] {
  return Array.from({ length: digests.byteLength / 16 }, (_, i) => Buffer.from(digests.subarray(i * 16, i * 16 + 16)).toString('hex'));
}

function md5Hex(bytes: Uint8Array): string {
  return createHash('md5').update(bytes).digest('hex');
}

/** RFC 1321, section A.5. */
const VECTORS: readonly (readonly [string, string])[] = [
  ['', 'd41d8cd98f00b204e9800998ecf8427e'],
  ['a', '0cc175b9c0f1b6a831c399e269772661'],
  ['abc', '900150983cd24fb0d6963f7d28e17f72'],
  ['message digest', 'f96b697d7cb7938d525a2f31aaf161d0'],
  ['abcdefghijklmnopqrstuvwxyz', 'c3fcd3d76192e4007dfb496cca67e13b'],
  ['ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789', 'd174ab98d277d9f5a5611c2c9f419d9f'],
  ['1234567890'.repeat(8), '57edf4a22be3c955ac49da2e2107b67a'],
];

test('lanes passed their self-test, so that what follows tests lanes', () => {
  assert.equal(createLaneHasher(64).kind, 'simd');
});

test('the vectors of RFC 1321, alone and side by side', () => {
  const expected = VECTORS.map(([, hex]) => hex);
  assert.deepEqual(hexes(md5Many(VECTORS.map(([text]) => Buffer.from(text)))), expected);
  for (const [text, hex] of VECTORS) assert.deepEqual(hexes(md5Many([Buffer.from(text), Buffer.from(text)])), [hex, hex]);
});

test('every length from 0 to 300, in one call and in groups of every size to 40', () => {
  const pieces = Array.from({ length: 301 }, (_, length) => randomBytes(length));
  const expected = pieces.map(md5Hex);
  assert.deepEqual(hexes(md5Many(pieces)), expected);
  for (let count = 0; count <= 40; count++) assert.deepEqual(hexes(md5Many(pieces.slice(count, count * 2))), expected.slice(count, count * 2), `${count} contents`);
});

test('long contents, over many pieces, and one that dwarfs the others', () => {
  const lengths = [3_000_000, 16_384, 16_385, 16_383, 32_768, 100_000, 1, 0, 65_536, 70_000, 999_999, 64, 63, 128, 250_000, 250_001, 250_002, 12, 500_000];
  const pieces = lengths.map((length) => randomBytes(length));
  assert.deepEqual(hexes(md5Many(pieces)), pieces.map(md5Hex));
  const alike = Array.from({ length: 23 }, (_, i) => randomBytes(300_000 + i * 77));
  assert.deepEqual(hexes(md5Many(alike)), alike.map(md5Hex));
});

test('law: any contents, in memory of their own or inside the input, give what node:crypto gives', () => {
  const capacity = 400_000;
  const source = randomBytes(capacity);
  const hashers = [createLaneHasher(capacity), createScalarHasher(capacity)];
  for (const hasher of hashers) hasher.input.set(source);
  const contents = fc.array(fc.record({ start: fc.nat(100_000), length: fc.oneof(fc.nat(300), fc.nat(5000), fc.nat(250_000)) }), { maxLength: 60 });
  fc.assert(
    fc.property(contents, (list) => {
      const pieces = list.map(({ start, length }) => source.subarray(start, start + length));
      const expected = pieces.map(md5Hex);
      assert.deepEqual(hexes(md5Many(pieces)), expected);
      for (const hasher of hashers) {
        const starts = list.map(({ start }) => start);
        const lengths = list.map(({ length }) => length);
        assert.deepEqual(hexes(hasher.md5Contents(starts, lengths, list.length)), expected, hasher.kind);
      }
    }),
    { numRuns: 60 },
  );
});
