import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { displayName } from '../display-name.ts';
import { entryTimes, hasPossibleName, isDotEntry, shortName } from './directory-entry.ts';

function entry(name: string | Buffer, flags = 0): Buffer {
  const bytes = Buffer.alloc(32);
  bytes.set(typeof name === 'string' ? Buffer.from(name, 'latin1') : name, 0);
  bytes[12] = flags;
  return bytes;
}

test('short names lose their padding and get a dot', () => {
  assert.equal(displayName(shortName(entry('README  TXT'), 0)), 'README.TXT');
  assert.equal(displayName(shortName(entry('MAKEFILE   '), 0)), 'MAKEFILE');
  assert.equal(displayName(shortName(entry('A B     C  '), 0)), 'A B.C');
});

test('bits 3 and 4 of byte 12 mean a lower-case base and extension', () => {
  assert.equal(displayName(shortName(entry('README  TXT', 0x08), 0)), 'readme.TXT');
  assert.equal(displayName(shortName(entry('README  TXT', 0x10), 0)), 'README.txt');
  assert.equal(displayName(shortName(entry('README  TXT', 0x18), 0)), 'readme.txt');
  assert.equal(displayName(shortName(entry(Buffer.from([0x9a, 0x42, 0x45, 0x52, 32, 32, 32, 32, 32, 32, 32]), 0x08), 0)), 'über');
});

test('a first byte of 05 stands for E5, and E5 for a lost letter', () => {
  assert.deepEqual([...shortName(entry('\x05BC     TXT'), 0).bytes], [0xe5, 0x42, 0x43, 0x2e, 0x54, 0x58, 0x54]);
  assert.equal(displayName(shortName(entry('\xe5BC     TXT'), 0)), '?BC.TXT');
});

test('dates and times are decoded without a zone', () => {
  const bytes = entry('A          ');
  bytes.writeUInt16LE((10 << 11) | (30 << 5) | 7, 14);
  bytes.writeUInt16LE((44 << 9) | (2 << 5) | 29, 16);
  bytes[13] = 150;
  const times = entryTimes(bytes, 0);
  assert.deepEqual(times.created, { seconds: Date.UTC(2024, 1, 29, 10, 30, 15) / 1000, nanoseconds: 500_000_000, zone: 'local' });
  assert.equal(times.modified, null);
  assert.equal(times.accessed, null);
});

test('every valid date agrees with the calendar, every other is no date', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 0xffff }), (packed) => {
      const bytes = entry('A          ');
      bytes.writeUInt16LE(packed, 24);
      const [year, month, day] = [1980 + (packed >> 9), (packed >> 5) & 15, packed & 31];
      const date = new Date(Date.UTC(year, month - 1, day));
      const isDate = month >= 1 && day >= 1 && date.getUTCMonth() === month - 1 && date.getUTCDate() === day;
      assert.equal(entryTimes(bytes, 0).modified?.seconds, isDate ? date.getTime() / 1000 : undefined);
    }),
    { numRuns: 3000 },
  );
});

test('names with controls and the two dot entries are told apart', () => {
  assert.equal(hasPossibleName(entry('AB\x01     TXT'), 0), false);
  assert.equal(hasPossibleName(entry('        TXT'), 0), false);
  assert.equal(hasPossibleName(entry('\x05B      TXT'), 0), true);
  const dot = entry('..         ');
  dot[11] = 0x10;
  assert.equal(isDotEntry(dot, 0), true);
  dot[3] = 0x41;
  assert.equal(isDotEntry(dot, 0), false);
});
