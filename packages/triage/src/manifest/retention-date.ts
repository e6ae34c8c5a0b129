import { RefusedError } from '@kerbside/bytes';

/** Longest retention that is accepted: what is kept longer needs a decision anew. */
export const MAX_RETENTION_DAYS = 3650;

const DAY_MS = 24 * 60 * 60 * 1000;

/**
 * When a manifest expires, from what the operator gave: a number of days, or a date such as `2027-03-01`
 * (its first moment, UTC).
 *
 * @returns UTC, ISO 8601
 * @throws RefusedError `retention-not-understood`
 */
export function parseRetention(text: string, now: Date): string {
  const timeMs = /^[0-9]{1,5}$/.test(text) ? now.getTime() + Number(text) * DAY_MS : dateMs(text);
  if (timeMs === null || timeMs <= now.getTime() || timeMs > now.getTime() + MAX_RETENTION_DAYS * DAY_MS) {
    throw new RefusedError('retention-not-understood', `"${text}" is no time to keep a manifest for. Give a number of days from 1 to ${MAX_RETENTION_DAYS}, or a date to come such as ${new Date(now.getTime() + 365 * DAY_MS).toISOString().slice(0, 10)}.`);
  }
  return new Date(timeMs).toISOString();
}

function dateMs(text: string): number | null {
  const timeMs = /^\d{4}-\d{2}-\d{2}$/.test(text) ? Date.parse(`${text}T00:00:00Z`) : Number.NaN;
  // Date.parse takes 31 February for 3 March.
  return Number.isNaN(timeMs) || new Date(timeMs).toISOString().slice(0, 10) !== text ? null : timeMs;
}
