import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { readFileTime, readTimes } from './file-times.ts';

function fileTime(ticks: bigint): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64LE(ticks);
  return bytes;
}

test('every tick up to the year 9999 is exact', () => {
  fc.assert(
    fc.property(fc.bigInt({ min: 1n, max: 2_650_467_743_999_999_999n }), (ticks) => {
      const time = readFileTime(fileTime(ticks), 0)!;
      assert.equal(BigInt(time.seconds), ticks / 10_000_000n - 11_644_473_600n);
      assert.equal(BigInt(time.nanoseconds), (ticks % 10_000_000n) * 100n);
    }),
  );
});

test('nothing and nonsense are no time', () => {
  assert.equal(readFileTime(fileTime(0n), 0), null);
  assert.equal(readFileTime(fileTime(2n ** 64n - 1n), 0), null);
  assert.equal(readFileTime(fileTime(2n ** 62n), 0), null);
});

test('the four times stand in NTFS order: created, modified, record changed, accessed', () => {
  const day = 864_000_000_000n;
  const times = readTimes(Buffer.concat([1n, 2n, 3n, 4n].map((n) => fileTime(n * day))), 0);
  const days = (time: { seconds: number } | null) => (time!.seconds + 11_644_473_600) / 86_400;
  assert.deepEqual([days(times.created), days(times.modified), days(times.changed), days(times.accessed)], [1, 2, 3, 4]);
  const same = readTimes(Buffer.concat([7n, 7n, 8n, 7n].map((n) => fileTime(n * day))), 0);
  assert.deepEqual([days(same.created), days(same.modified), days(same.changed), days(same.accessed)], [7, 7, 8, 7]);
});
