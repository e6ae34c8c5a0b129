import assert from 'node:assert/strict';
import test from 'node:test';
import { deflateRawSync } from 'node:zlib';
import { KerbsideError, MemorySource } from '@kerbside/bytes';
import { makeRandom, mutate } from '@kerbside/corpus';
import { inflate64Feed } from './inflate64-feed.ts';
import { feedFromPieces, feedFromSource } from './packed-feed.ts';

const TEXT = Buffer.from(`${'The keeper saves a penalty in extra time. '.repeat(40)}Final score two to one.\n`);
/** The text as 7-Zip 26 packs it by deflate64: its one long match has the length code that deflate means otherwise. */
const PACKED = Buffer.from('e5cac90d80300c04c03f556c0529830a68c0422b110171645b1cdd431379f93b9a652376b2d3e072d121e86c72c48bdac0274c10f56441fa997ea69fe967fa997e8e9e73fd19beaa11712b42a18d65fa00', 'hex');

function unpack(packed: Uint8Array): Buffer {
  return Buffer.concat(Array.from(inflate64Feed(feedFromSource(new MemorySource(packed), 0, packed.length)), (piece) => Buffer.from(piece)));
}

/** Bits, lowest first; codes of a table highest first. */
class BitWriter {
  readonly #bits: number[] = [];
  put(value: number, count: number): this {
    for (let i = 0; i < count; i++) this.#bits.push((value >> i) & 1);
    return this;
  }
  code(value: number, count: number): this {
    for (let i = count - 1; i >= 0; i--) this.#bits.push((value >> i) & 1);
    return this;
  }
  bytes(): Buffer {
    const bytes = Buffer.alloc(Math.ceil(this.#bits.length / 8));
    this.#bits.forEach((bit, i) => (bytes[i >> 3]! |= bit << (i & 7)));
    return bytes;
  }
}

/** A last block with the fixed codes, begun. */
const fixedBlock = (): BitWriter => new BitWriter().put(1, 1).put(1, 2);

test('what 7-Zip packs by deflate64 comes out', () => {
  assert.ok(unpack(PACKED).equals(TEXT));
});

test('deflate without its longest length is deflate64 too: seeded contents through zlib', () => {
  for (let seed = 0; seed < 60; seed++) {
    const random = makeRandom(seed);
    // A number after each run of at most 100, so that no 258 bytes come twice: the code of that length has two meanings.
    const content = Buffer.concat(Array.from({ length: 1 + random.below(3000) }, (_, i) => Buffer.concat([Buffer.alloc(1 + random.below(100), random.below(4 + (seed % 5) * 60)), Buffer.from(String(i))])));
    assert.ok(unpack(deflateRawSync(content, { level: seed % 10, ...(seed % 3 === 0 ? { strategy: 4 } : {}) })).equals(content), `seed ${seed}`);
  }
});

test('lengths of up to 65,538 and distances of up to 65,536, across the edges of pieces', () => {
  const block = fixedBlock();
  // 65,536 different enough bytes, then a match of the greatest length over the whole window, again and again.
  const window = Buffer.alloc(65_536);
  makeRandom(3).fill(window);
  for (const byte of window) block.code(byte < 144 ? 0x30 + byte : 0x190 + byte - 144, byte < 144 ? 8 : 9);
  // 285: 11000101; 16 bits of length less 3; distance 31: 49,153 + 16,383.
  for (let i = 0; i < 40; i++) block.code(0b11000101, 8).put(65_535, 16).code(31, 5).put(16_383, 14);
  const expected = Buffer.alloc(65_536 + 40 * 65_538);
  for (let at = 0; at < expected.length; at++) expected[at] = window[at % 65_536]!;
  assert.ok(unpack(block.code(0, 7).bytes()).equals(expected));
});

test('damage is told: cut anywhere, impossible tables, a distance before the beginning, a stored length that is none', () => {
  for (let length = 0; length < PACKED.length - 1; length++) assert.throws(() => unpack(PACKED.subarray(0, length)), { code: 'deflate-damaged' }, `${length}`);
  const broken: Readonly<Record<string, Buffer>> = {
    'block of kind 3': Buffer.from([7]),
    'distance before the beginning': fixedBlock().code(1, 7).code(0, 5).code(0, 7).bytes(),
    'length code 286': fixedBlock().code(0x30, 8).code(0b11000110, 8).code(0, 5).code(0, 7).bytes(),
    'stored length': Buffer.from([1, 5, 0, 5, 0, 1, 2, 3, 4, 5]),
    'table with too many codes': new BitWriter().put(1, 1).put(2, 2).put(0, 5).put(0, 5).put(15, 4).put(0o1111111, 21).put(0o1111111, 21).put(0o11111, 15).bytes(),
    'no end of block': new BitWriter().put(1, 1).put(2, 2).put(0, 5).put(0, 5).put(14, 4).put(0, 48).put(1, 3).put(1, 3).put(0, 100).bytes(),
    'nothing': Buffer.alloc(0),
  };
  for (const [name, bytes] of Object.entries(broken)) assert.throws(() => unpack(bytes), { code: 'deflate-damaged' }, name);
  for (let seed = 0; seed < 3000; seed++) {
    try {
      unpack(mutate(PACKED, seed));
    } catch (error) {
      if (!(error instanceof KerbsideError)) throw error;
    }
  }
});

test('an endless feed of empty blocks ends where the feed does', () => {
  const empty = Buffer.alloc(500_000, Buffer.from('000000ffff', 'hex'));
  assert.throws(() => [...inflate64Feed(feedFromPieces([empty]))], { code: 'deflate-damaged' });
});
