import type { Timestamp } from '../item.ts';

/*
 * Timestamp, u32: bits 0–4 seconds / 2, 5–10 minute, 11–15 hour, 16–20 day, 21–24 month, 25–31 years since 1980.
 * Beside it: a byte of 10 ms steps (0–199), and a UTC offset byte: bit 7 valid, bits 0–6 signed quarters of an hour.
 * Source: Microsoft exFAT specification, sections 7.4.8 to 7.4.10.
 */

const QUARTER_HOUR_SECONDS = 15 * 60;

/**
 * Decodes one timestamp; null when its fields are no date.
 *
 * @param tenMs the 10 ms byte, 0 where the format has none (last access)
 * @param utcOffset the offset byte; without its valid bit the time is the device's own local time
 */
export function decodeTimestamp(value: number, tenMs: number, utcOffset: number): Timestamp | null {
  const month = (value >>> 21) & 0xf;
  const day = (value >>> 16) & 0x1f;
  const hour = (value >>> 11) & 0x1f;
  const minute = (value >>> 5) & 0x3f;
  const doubleSeconds = value & 0x1f;
  if (month < 1 || month > 12 || day < 1 || hour > 23 || minute > 59 || doubleSeconds > 29) return null;
  const steps = tenMs <= 199 ? tenMs : 0;
  const days = daysSince1970(1980 + (value >>> 25), month, day);
  let seconds = days * 86400 + hour * 3600 + minute * 60 + doubleSeconds * 2 + (steps >= 100 ? 1 : 0);
  const known = (utcOffset & 0x80) !== 0;
  if (known) seconds -= (((utcOffset & 0x7f) << 25) >> 25) * QUARTER_HOUR_SECONDS;
  return { seconds, nanoseconds: (steps % 100) * 10_000_000, zone: known ? 'utc' : 'local' };
}

/** Days from 1970-01-01 in the Gregorian calendar, for years 1980 to 2107 (2100 is no leap year). */
function daysSince1970(year: number, month: number, day: number): number {
  // Years counted from March, so that the leap day is the last of its year (Howard Hinnant's days_from_civil).
  const y = month <= 2 ? year - 1 : year;
  const dayOfYear = Math.floor((153 * (month + (month > 2 ? -3 : 9)) + 2) / 5) + day - 1;
  return y * 365 + Math.floor(y / 4) - Math.floor(y / 100) + Math.floor(y / 400) + dayOfYear - 719468;
}
