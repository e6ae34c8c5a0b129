import type { AccountedShares } from './accounted-content.ts';
import type { ClassCounts } from './thermometer.ts';
import { CONTENT_CLASSES, type ContentClass, type LaneDisagreement } from './thermometer-facts.ts';
import { wilsonInterval } from './wilson.ts';

/** Classes that hidden material shows as: pictures outside every file system, and containers, which look random. */
const CHECKED: readonly ContentClass[] = ['picture', 'high-entropy'];

/**
 * By how much the sample's lower bound must exceed what is accounted for, share of the device. Slack,
 * directories and remnants of overwritten files make up to a percent or so of a used device, and a piece
 * in a thousand is classed wrongly; 2 % of 1 TB is 20 GB.
 */
const MARGIN = 0.02;

/** Reads of the class on which a disagreement must rest: with fewer, one stray file makes it. */
const LEAST_CLASS_READS = 20;

/** Reads in all: 200 give ± 7 points at worst, and below that a lower bound says little. */
const LEAST_READS = 200;

/**
 * Where the sample holds surely more of a kind of content than the file systems account for: a hidden
 * partition, a damaged tree, a container.
 *
 * @param counts classes of reads whose places were drawn by chance over the whole device
 * @param accounted what the catalogue accounts for, as `AccountedContent` tells it
 */
export function crossCheck(counts: ClassCounts, accounted: AccountedShares): LaneDisagreement[] {
  const reads = CONTENT_CLASSES.reduce((sum, one) => sum + counts[one], 0);
  if (reads < LEAST_READS) return [];
  return CHECKED.flatMap((one) => {
    const sampledLow = wilsonInterval(counts[one], reads).low;
    const accountedShare = accounted[one];
    return counts[one] >= LEAST_CLASS_READS && sampledLow > accountedShare + MARGIN ? [{ class: one, sampledLow, accountedShare }] : [];
  });
}
