import assert from 'node:assert/strict';
import { test } from 'node:test';
import { crc32c } from './crc32c.ts';

test('crc32c: the check value of the Castagnoli polynomial', () => {
  // RFC 3720 appendix B.4 and the usual "123456789" vector, with the final inversion that ext leaves out
  assert.equal((crc32c(0xffff_ffff, Buffer.from('123456789')) ^ 0xffff_ffff) >>> 0, 0xe306_9283);
  assert.equal((crc32c(0xffff_ffff, Buffer.alloc(32)) ^ 0xffff_ffff) >>> 0, 0x8a91_36aa);
});

test('crc32c: goes on where it stopped', () => {
  const bytes = Buffer.from('two halves of one text');
  assert.equal(crc32c(crc32c(0xffff_ffff, bytes.subarray(0, 7)), bytes.subarray(7)), crc32c(0xffff_ffff, bytes));
});
