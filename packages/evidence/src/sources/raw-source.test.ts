import assert from 'node:assert/strict';
import { test } from 'node:test';
import { makeRandom } from '@kerbside/corpus';
import fc from 'fast-check';
import { MAX_FAILED_READS_PER_CALL } from './read-carefully.ts';
import { RangeSet } from './range-set.ts';
import { RawSource, type RawPart } from './raw-source.ts';

const SECTOR = 512;

function systemError(code: string): Error {
  return Object.assign(new Error(code), { code });
}

/** A medium whose bad sectors fail as Linux does: bytes before the bad one are given, a read that begins in it throws. */
function failingMedium(bytes: Buffer, badSectors: ReadonlySet<number>, counter = { reads: 0 }): RawPart {
  return {
    sizeBytes: bytes.length,
    readAt(target, targetOffset, length, position) {
      counter.reads += 1;
      const end = Math.min(position + length, bytes.length);
      for (let sector = Math.floor(position / SECTOR); sector * SECTOR < end; sector++) {
        if (!badSectors.has(sector)) continue;
        // Read-ahead makes the whole request fail as often as not.
        if (sector * SECTOR <= position || sector % 2 === 0) throw systemError('EIO');
        return bytes.copy(target, targetOffset, position, sector * SECTOR);
      }
      return bytes.copy(target, targetOffset, position, end);
    },
  };
}

test('exactly the bad sectors are unread, whatever their pattern and the read', () => {
  const bytes = Buffer.alloc(64 * SECTOR);
  makeRandom(3).fill(bytes);
  fc.assert(
    fc.property(fc.uniqueArray(fc.nat(63), { maxLength: 12 }), fc.nat(bytes.length - 1), fc.nat(bytes.length), (bad, offset, wanted) => {
      const length = Math.min(wanted, bytes.length - offset);
      const badSectors = new Set(bad);
      const source = new RawSource([failingMedium(bytes.subarray(0, 20 * SECTOR), badSectors), failingMedium(bytes.subarray(20 * SECTOR), new Set(bad.map((sector) => sector - 20)))], SECTOR, () => {});
      const target = Buffer.alloc(length, 0x55);
      const unread = source.readInto(target, offset);
      const unreadBytes = new Set(unread.flatMap((range) => Array.from({ length: range.length }, (_, i) => range.offset + i)));
      for (let i = 0; i < length; i++) {
        const isBad = badSectors.has(Math.floor((offset + i) / SECTOR));
        assert.equal(unreadBytes.has(offset + i), isBad);
        assert.equal(target[i], isBad ? 0 : bytes[offset + i]);
      }
      assert.equal(unreadBytes.size, unread.reduce((sum, range) => sum + range.length, 0));
    }),
    { numRuns: 200 },
  );
});

test('200 patterns of bad sectors: the source knows every unread range and asks for it once', () => {
  const bytes = Buffer.alloc(512 * SECTOR, 1);
  const random = makeRandom(17);
  for (let pattern = 0; pattern < 200; pattern++) {
    const bad = new Set(Array.from({ length: 1 + random.below(20) }, () => random.below(512)));
    const counter = { reads: 0 };
    const source = new RawSource([failingMedium(bytes, bad, counter)], SECTOR, () => {});
    for (let at = 0; at < bytes.length; at += 40_000) source.readInto(Buffer.alloc(Math.min(40_000, bytes.length - at)), at);
    const known = source.unreadable.ranges.flatMap((range) => Array.from({ length: range.length / SECTOR }, (_, i) => range.offset / SECTOR + i));
    assert.deepEqual(known, [...bad].toSorted((a, b) => a - b));
    assert.ok(source.takeProblems().every((problem) => problem.code === 'medium-read-failed' && problem.kind === 'medium'));
    counter.reads = 0;
    source.readInto(Buffer.alloc(bytes.length), 0);
    assert.ok(counter.reads <= known.length + 1, 'known bad sectors are not asked for again');
    assert.deepEqual(source.takeProblems(), []);
  }
});

test('a medium that fails everywhere ends after a bounded number of reads, and says so', () => {
  const bytes = Buffer.alloc(8 * 1024 * 1024);
  const counter = { reads: 0 };
  const all = new Set(Array.from({ length: bytes.length / SECTOR }, (_, i) => i));
  const source = new RawSource([failingMedium(bytes, all, counter)], SECTOR, () => {});
  const unread = source.readInto(Buffer.alloc(bytes.length), 0);
  assert.equal(unread.reduce((sum, range) => sum + range.length, 0), bytes.length);
  assert.ok(counter.reads <= MAX_FAILED_READS_PER_CALL + 1);
  const codes = source.takeProblems().map((problem) => problem.code);
  assert.equal(codes.at(-1), 'medium-failures-limit');
});

test('a device that goes away is not asked again piece by piece', () => {
  const counter = { reads: 0 };
  const source = new RawSource(
    [{ sizeBytes: 1_000_000, readAt: () => { counter.reads += 1; throw systemError('ENODEV'); } }],
    SECTOR,
    () => {},
  );
  assert.deepEqual(source.readInto(Buffer.alloc(10_000), 5_000), [{ offset: 5_000, length: 10_000 }]);
  assert.equal(counter.reads, 1);
  assert.deepEqual(source.takeProblems().map((problem) => problem.code), ['medium-gone']);
});

test('a source that became shorter is a problem, not zeros', () => {
  const bytes = Buffer.alloc(1_500, 7);
  const source = new RawSource([{ sizeBytes: 2_048, readAt: (target, at, length, position) => bytes.copy(target, at, position, position + length) }], SECTOR, () => {});
  assert.deepEqual(source.readInto(Buffer.alloc(2_048), 0), [{ offset: 1_500, length: 548 }]);
  assert.deepEqual(source.takeProblems().map((problem) => problem.code), ['source-shorter']);
});

test('a read outside the source is refused', () => {
  const source = new RawSource([{ sizeBytes: 10, readAt: () => 0 }], SECTOR, () => {});
  assert.throws(() => source.readInto(Buffer.alloc(5), 6), { code: 'read-outside-source' });
  assert.throws(() => source.readInto(Buffer.alloc(1), -1), { code: 'read-outside-source' });
  assert.throws(() => source.readInto(Buffer.alloc(1), Number.NaN), { code: 'read-outside-source' });
});

test('a range set equals a plain set of bytes', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.nat(200), fc.nat(30)), { maxLength: 40 }), fc.nat(200), fc.nat(60), (ranges, from, length) => {
      const set = new RangeSet();
      const plain = new Set<number>();
      for (const [offset, size] of ranges) {
        const grows = Array.from({ length: size }, (_, i) => offset + i).some((byte) => !plain.has(byte));
        assert.equal(set.add(offset, size), grows);
        for (let i = 0; i < size; i++) plain.add(offset + i);
      }
      const listed = set.ranges.flatMap((range) => Array.from({ length: range.length }, (_, i) => range.offset + i));
      assert.deepEqual(listed, [...plain].toSorted((a, b) => a - b));
      for (let i = 1; i < set.ranges.length; i++) assert.ok(set.ranges[i - 1]!.offset + set.ranges[i - 1]!.length < set.ranges[i]!.offset);
      const within = set.within(from, length).flatMap((range) => Array.from({ length: range.length }, (_, i) => range.offset + i));
      assert.deepEqual(within, listed.filter((byte) => byte >= from && byte < from + length));
    }),
  );
});
