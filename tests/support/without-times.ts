import assert from 'node:assert/strict';
import type { Report } from '@kerbside/triage';

/** With this for `--seed` two runs of one device read the same places, and their reports can be compared. */
export const FIXED_SEED = '5eed'.repeat(16);

/** What of two reports of the same run must be equal: everything but how long it took and how often it was taken up. */
export function withoutTimes(report: Report): Readonly<Record<string, unknown>> {
  const { timings: _, controls: { elapsedMs: __, ...controls }, ...rest } = report;
  return { ...rest, controls };
}

/** Two runs gave the same answer. Field by field, because the difference of two whole reports fills many screens. */
export function assertSameReport(report: Report, expected: Report): void {
  const [fields, wanted] = [withoutTimes(report), withoutTimes(expected)];
  assert.deepEqual(Object.keys(fields), Object.keys(wanted));
  for (const [field, value] of Object.entries(wanted)) assert.deepEqual(fields[field], value, field);
}
