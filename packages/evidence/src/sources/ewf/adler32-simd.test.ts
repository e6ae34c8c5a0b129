import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { adler32 } from './adler32.ts';
import { createSummedBuffer } from './adler32-simd.ts';

test('known sums', () => {
  assert.equal(adler32(Buffer.from('Wikipedia')), 0x11e60398);
  assert.equal(adler32(Buffer.alloc(0)), 1);
});

test('the fast sum equals the plain one for any bytes, place and length', () => {
  const buffer = createSummedBuffer(70_000);
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 1, maxLength: 64 }), fc.nat(200), fc.nat(66_000), (pattern, start, length) => {
      buffer.bytes.fill(pattern);
      assert.equal(buffer.adler32(start, length), adler32(buffer.bytes, start, start + length));
    }),
    { numRuns: 200 },
  );
});

test('the longest runs of the largest bytes do not overflow', () => {
  const buffer = createSummedBuffer(1024 * 1024);
  buffer.bytes.fill(0xff);
  assert.equal(buffer.adler32(0, 1024 * 1024), adler32(buffer.bytes));
});

test('a sum past the buffer is refused', () => {
  const buffer = createSummedBuffer(65_536);
  assert.throws(() => buffer.adler32(buffer.bytes.length - 10, 11), RangeError);
});
