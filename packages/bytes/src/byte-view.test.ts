import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { ByteView } from './byte-view.ts';
import { MalformedError } from './errors.ts';

test('integers read as DataView reads them, at every offset, in both byte orders', () => {
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 8, maxLength: 64 }), fc.nat(56), (bytes, seed) => {
      const at = seed % (bytes.length - 7);
      const view = new ByteView(bytes);
      const oracle = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
      assert.equal(view.u8(at), oracle.getUint8(at));
      assert.equal(view.u16(at), oracle.getUint16(at, true));
      assert.equal(view.u32(at), oracle.getUint32(at, true));
      assert.equal(view.i32(at), oracle.getInt32(at, true));
      assert.equal(view.u64(at), Number(oracle.getBigUint64(at, true)));
      assert.equal(view.u16be(at), oracle.getUint16(at));
      assert.equal(view.u32be(at), oracle.getUint32(at));
      assert.equal(view.u64be(at), Number(oracle.getBigUint64(at)));
    }),
  );
});

test('a read past the end is malformed evidence with its place on the source, never a neighbour’s byte', () => {
  const all = Buffer.from([1, 2, 3, 4, 5, 6, 7, 8]);
  const view = new ByteView(all, 1000).slice(2, 4);
  assert.equal(view.u32(0), 0x06050403);
  for (const read of [() => view.u32(1), () => view.u8(4), () => view.u8(-1), () => view.u64(0), () => view.slice(3, 2), () => view.u16be(Number.NaN)]) {
    assert.throws(read, (error: unknown) => error instanceof MalformedError && error.code === 'structure-too-short' && error.place.offset! >= 1002);
  }
});

test('hasAscii compares in bounds and is false beyond them', () => {
  const view = new ByteView(Buffer.from('xNTFS'));
  assert.equal(view.hasAscii(1, 'NTFS'), true);
  assert.equal(view.hasAscii(2, 'NTFS'), false);
  assert.equal(view.hasAscii(-1, 'x'), false);
});
