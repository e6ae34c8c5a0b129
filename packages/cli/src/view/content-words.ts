import { shareWords, type Thermometer } from '@kerbside/triage';
import { columnsOf } from './fit-to-width.ts';

/** Kinds of content whose interval is told: those on which a decision may rest. */
const WITH_INTERVAL = ['picture', 'high-entropy'] as const;

/** Kinds that less than this share of the device is of are left out. */
const LEAST_SHARE = 0.005;

/**
 * `pictures 41 % (38–44), empty 20 %, video 12 %, …`: the largest first, as many as fit.
 * @param columns Infinity for all
 */
export function contentWords(thermometer: Thermometer, columns: number): string {
  const shares = thermometer.shares.filter((share) => share.share >= LEAST_SHARE).sort((a, b) => b.share - a.share);
  const parts = shares.map((share) => shareWords(share, thermometer.reads, WITH_INTERVAL.some((one) => one === share.class)));
  if (parts.length === 0) return 'nothing sampled yet';
  let words = parts[0]!;
  for (const part of parts.slice(1)) {
    if (columnsOf(`${words}, ${part}, …`) > columns) return `${words}, …`;
    words = `${words}, ${part}`;
  }
  return words;
}
