import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { decompressLznt1Unit } from './lznt1.ts';

/** A plain greedy packer for the tests: searches back byte by byte, stores chunks that do not shrink. */
function pack(plain: Uint8Array): Uint8Array {
  const out: number[] = [];
  for (let start = 0; start < plain.length; start += 4096) {
    const chunk = plain.subarray(start, start + 4096);
    const body = packChunk(chunk);
    const packed = body.length < chunk.length;
    const data = packed ? body : [...chunk];
    const header = (data.length - 1) | 0x3000 | (packed ? 0x8000 : 0);
    out.push(header & 0xff, header >> 8, ...data);
  }
  out.push(0, 0);
  return Uint8Array.from(out);
}

function packChunk(chunk: Uint8Array): number[] {
  const out: number[] = [];
  let at = 0;
  while (at < chunk.length) {
    const flagAt = out.push(0) - 1;
    for (let bit = 0; bit < 8 && at < chunk.length; bit++) {
      let shift = 0;
      for (let p = at - 1; p >= 16; p >>= 1) shift++;
      const longest = (0xfff >> shift) + 3;
      const farthest = 16 << shift;
      let bestLength = 0;
      let bestBack = 0;
      for (let back = 1; back <= Math.min(at, farthest); back++) {
        let n = 0;
        while (n < longest && at + n < chunk.length && chunk[at + n] === chunk[at + n - back]) n++;
        if (n > bestLength) {
          bestLength = n;
          bestBack = back;
        }
      }
      if (bestLength >= 3) {
        const reference = ((bestBack - 1) << (12 - shift)) | (bestLength - 3);
        out.push(reference & 0xff, reference >> 8);
        out[flagAt]! |= 1 << bit;
        at += bestLength;
      } else {
        out.push(chunk[at]!);
        at++;
      }
    }
  }
  return out;
}

const plainBytes = fc.oneof(
  fc.uint8Array({ maxLength: 9000 }),
  fc.array(fc.constantFrom(0, 1, 65), { maxLength: 9000 }).map((list) => Uint8Array.from(list)),
  fc
    .tuple(fc.uint8Array({ minLength: 1, maxLength: 60 }), fc.integer({ min: 1, max: 150 }))
    .map(([piece, times]) => Uint8Array.from({ length: piece.length * times }, (_, i) => piece[i % piece.length]!)),
);

test('the example of [MS-XCA] 3.3 unpacks to its text', () => {
  const stored = Buffer.from(
    '38b08846232000204720410010a24701a045204400084501507900c045200524138805b4024a44ef0358028c091601484500be009e000401189000',
    'hex',
  );
  const text = 'F# F# G A A G F# E D D E F# F# E E F# F# G A A G F# E D D E F# E D D E E F# D E F# G F# D E F# G F# E D E A F# F# G A A G F# E D D E F# E D D\0';
  const target = Buffer.alloc(text.length, 0xee);
  assert.deepEqual(decompressLznt1Unit(stored, target), { badChunks: 0 });
  assert.equal(target.toString('latin1'), text);
});

test('what is packed comes back, zero-filled to the length asked for', () => {
  fc.assert(
    fc.property(plainBytes, fc.integer({ min: 0, max: 6000 }), (plain, more) => {
      const target = new Uint8Array(plain.length + more).fill(0xee);
      assert.deepEqual(decompressLznt1Unit(pack(plain), target), { badChunks: 0 });
      assert.ok(Buffer.from(plain).equals(target.subarray(0, plain.length)));
      assert.ok(target.subarray(plain.length).every((byte) => byte === 0));
    }),
    { numRuns: 60 },
  );
});

test('a shorter target gets the beginning', () => {
  fc.assert(
    fc.property(plainBytes, fc.double({ min: 0, max: 1, noNaN: true }), (plain, share) => {
      const target = new Uint8Array(Math.floor(plain.length * share)).fill(0xee);
      assert.deepEqual(decompressLznt1Unit(pack(plain), target), { badChunks: 0 });
      assert.ok(Buffer.from(plain.subarray(0, target.length)).equals(target));
    }),
    { numRuns: 60 },
  );
});

test('any bytes at all: no throw, every byte of the target is written, and the same again', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 3000 }), fc.integer({ min: 0, max: 20_000 }), (stored, length) => {
      const first = new Uint8Array(length).fill(0xee);
      const second = new Uint8Array(length).fill(0x11);
      assert.deepEqual(decompressLznt1Unit(stored, first), decompressLznt1Unit(stored, second));
      assert.ok(Buffer.from(first).equals(second));
    }),
    { numRuns: 400 },
  );
});

test('a bad chunk ends the unit: earlier chunks stay, the rest is zero', () => {
  const plain = new Uint8Array(4096 * 3).fill(7);
  const packed = pack(plain);
  const second = 2 + ((packed[0]! | (packed[1]! << 8)) & 0xfff) + 1;
  packed[second + 2] = 1; // its first element becomes a reference to before the chunk
  const target = new Uint8Array(plain.length).fill(0xee);
  assert.deepEqual(decompressLznt1Unit(packed, target), { badChunks: 1 });
  assert.ok(target.subarray(0, 4096).every((byte) => byte === 7));
  assert.ok(target.subarray(4096).every((byte) => byte === 0));
});

test('a chunk that is cut off, or gives more than 4,096 bytes, is bad', () => {
  const target = new Uint8Array(8192);
  assert.deepEqual(decompressLznt1Unit(Uint8Array.of(0xff, 0xbf, 0, 65), target), { badChunks: 1 });
  // One literal, then a reference of 4,098 bytes.
  const long = Uint8Array.of(0x03, 0xb0, 0x02, 65, 0xff, 0x0f);
  assert.deepEqual(decompressLznt1Unit(long, target), { badChunks: 1 });
  assert.deepEqual(decompressLznt1Unit(Uint8Array.of(0x02, 0xb0, 0x02, 65, 0xfc), target), { badChunks: 1 });
});
