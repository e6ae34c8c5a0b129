import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { decodeTimestamp } from './exfat-timestamp.ts';

const encode = (year: number, month: number, day: number, hour: number, minute: number, second: number): number =>
  (((year - 1980) << 25) | (month << 21) | (day << 16) | (hour << 11) | (minute << 5) | (second >> 1)) >>> 0;

test('every second of 1980 to 2107 decodes to what the calendar says', () => {
  fc.assert(
    fc.property(fc.date({ min: new Date('1980-01-01T00:00:00Z'), max: new Date('2107-12-31T23:59:58Z'), noInvalidDate: true }), (date) => {
      const value = encode(date.getUTCFullYear(), date.getUTCMonth() + 1, date.getUTCDate(), date.getUTCHours(), date.getUTCMinutes(), date.getUTCSeconds());
      const tenMs = (date.getUTCSeconds() & 1) * 100 + Math.floor(date.getUTCMilliseconds() / 10);
      assert.deepEqual(decodeTimestamp(value, tenMs, 0), {
        seconds: Math.floor(date.getTime() / 1000),
        nanoseconds: Math.floor(date.getUTCMilliseconds() / 10) * 10_000_000,
        zone: 'local',
      });
    }),
  );
});

test('the UTC offset moves the time, both ways, and names the zone', () => {
  const noon = encode(2021, 6, 1, 12, 0, 0);
  const utcNoon = Date.UTC(2021, 5, 1, 12) / 1000;
  assert.deepEqual(decodeTimestamp(noon, 0, 0x80), { seconds: utcNoon, nanoseconds: 0, zone: 'utc' });
  assert.equal(decodeTimestamp(noon, 0, 0x84)?.seconds, utcNoon - 3600);
  assert.equal(decodeTimestamp(noon, 0, 0x80 | (-20 & 0x7f))?.seconds, utcNoon + 5 * 3600);
  assert.equal(decodeTimestamp(noon, 0, 0x04)?.zone, 'local');
});

test('what is no date is null, and a wrong 10 ms byte is left out', () => {
  assert.equal(decodeTimestamp(0, 0, 0x80), null);
  assert.equal(decodeTimestamp(0xffff_ffff, 0, 0x80), null);
  assert.equal(decodeTimestamp(encode(2021, 13, 1, 0, 0, 0), 0, 0), null);
  assert.equal(decodeTimestamp(encode(2021, 6, 1, 0, 0, 0), 200, 0x80)?.nanoseconds, 0);
});
