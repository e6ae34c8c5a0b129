import type { Timestamp } from '../item.ts';

/** Latest second that is taken for a time: the year 9999. What lies beyond comes from a damaged field. */
const MAX_SECONDS = 253_402_300_799;

/** A moment in UTC from seconds since 1970, which may have a fraction; null for none, zero and what cannot be a time. */
export function utcFromSeconds(seconds: number | null | undefined): Timestamp | null {
  if (seconds === null || seconds === undefined || !Number.isFinite(seconds) || seconds === 0 || Math.abs(seconds) > MAX_SECONDS) return null;
  const whole = Math.floor(seconds);
  return { seconds: whole, nanoseconds: Math.min(999_999_999, Math.round((seconds - whole) * 1e9)), zone: 'utc' };
}
