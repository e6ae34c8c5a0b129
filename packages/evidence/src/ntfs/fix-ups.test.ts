import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { applyFixUps, readU48, readU64 } from './fix-ups.ts';

/** A record as it stands on the medium, for contents whose last two bytes of each 512 are known. */
function stored(contents: Buffer): Buffer {
  const record = Buffer.from(contents);
  const blocks = record.length / 512;
  record.writeUInt16LE(0x30, 4);
  record.writeUInt16LE(blocks + 1, 6);
  record.writeUInt16LE(0xabcd, 0x30);
  for (let i = 1; i <= blocks; i++) {
    contents.copy(record, 0x30 + i * 2, i * 512 - 2, i * 512);
    record.writeUInt16LE(0xabcd, i * 512 - 2);
  }
  return record;
}

test('the replaced bytes come back, in records of any size', () => {
  for (const size of [512, 1024, 4096]) {
    const contents = Buffer.from(Array.from({ length: size }, (_, i) => i % 253));
    const record = Buffer.concat([Buffer.alloc(100), stored(contents), Buffer.alloc(100)]);
    assert.ok(applyFixUps(record, 100, size));
    assert.ok(record.subarray(100 + 0x60, 100 + size).equals(contents.subarray(0x60)));
  }
});

test('a torn record is refused and left as it is', () => {
  const record = stored(Buffer.alloc(1024, 7));
  record[1022] = 0;
  const before = Buffer.from(record);
  assert.equal(applyFixUps(record, 0, 1024), false);
  assert.ok(record.equals(before));
});

test('any head at all: no byte outside the record is read or written', () => {
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 8, maxLength: 8 }), (head) => {
      const bytes = Buffer.alloc(1024 + 64, 0x5a);
      bytes.set(head, 32);
      applyFixUps(bytes, 32, 1024);
      assert.ok(bytes.subarray(0, 32).every((byte) => byte === 0x5a) && bytes.subarray(32 + 1024).every((byte) => byte === 0x5a));
    }),
  );
});

test('48 and 64-bit fields', () => {
  const bytes = Buffer.from('0102030405060708', 'hex');
  assert.equal(readU48(bytes, 0), 0x060504030201);
  assert.equal(readU64(Buffer.from('ffffffffffff1f00', 'hex'), 0), Number.MAX_SAFE_INTEGER);
});
