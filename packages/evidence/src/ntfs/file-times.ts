/*
 * Times of $STANDARD_INFORMATION (0x10): u64 counts of 100 ns since 1601-01-01 UTC at
 * 0x00 created, 0x08 modified, 0x10 record changed, 0x18 accessed; u32 file attributes at 0x20.
 */
import type { ItemTimes, Timestamp } from '../item.ts';
import { readU32 } from './fix-ups.ts';

export const NO_TIMES: ItemTimes = Object.freeze({ created: null, modified: null, accessed: null, changed: null });

/** Seconds from 1601-01-01 to 1970-01-01. */
const EPOCH_SECONDS = 11_644_473_600;
const TICKS_PER_SECOND = 10_000_000;
/** 2^32 ticks are 429 whole seconds and this many ticks. */
const SECONDS_PER_HIGH = 429;
const TICKS_PER_HIGH = 4_967_296;

/** Reads the four times of a value of at least 32 bytes at `at`. Equal times, as most are, share one object. */
export function readTimes(bytes: Buffer, at: number): ItemTimes {
  const created = readFileTime(bytes, at);
  const modified = isSameTime(bytes, at + 0x08, at) ? created : readFileTime(bytes, at + 0x08);
  const changed = isSameTime(bytes, at + 0x10, at + 0x08) ? modified : readFileTime(bytes, at + 0x10);
  const accessed = isSameTime(bytes, at + 0x18, at + 0x10) ? changed : readFileTime(bytes, at + 0x18);
  return { created, modified, accessed, changed };
}

function isSameTime(bytes: Buffer, at: number, other: number): boolean {
  return readU32(bytes, at) === readU32(bytes, other) && readU32(bytes, at + 4) === readU32(bytes, other + 4);
}

/** One FILETIME; null for 0 and for dates past the year 10,000, which no clock has set. */
export function readFileTime(bytes: Buffer, at: number): Timestamp | null {
  const low = readU32(bytes, at);
  const high = readU32(bytes, at + 4);
  // 2^64 ticks do not fit a number: count the seconds of the high half apart. Its bound is 31 Dec 9999.
  if ((high === 0 && low === 0) || high > 0x24c8_5a5e) return null;
  const ticks = high * TICKS_PER_HIGH + low;
  const whole = Math.floor(ticks / TICKS_PER_SECOND);
  return {
    seconds: high * SECONDS_PER_HIGH + whole - EPOCH_SECONDS,
    nanoseconds: (ticks - whole * TICKS_PER_SECOND) * 100,
    zone: 'utc',
  };
}
