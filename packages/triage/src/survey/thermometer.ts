import { CONTENT_CLASSES, type ContentClass, type LaneDisagreement, type Thermometer } from './thermometer-facts.ts';
import { wilsonInterval } from './wilson.ts';

/** Reads by class. */
export type ClassCounts = Readonly<Record<ContentClass, number>>;

/** No reads of any class, to count on. */
export function noClassCounts(): Record<ContentClass, number> {
  return { picture: 0, video: 0, document: 0, compressed: 0, 'high-entropy': 0, empty: 0, other: 0 };
}

/**
 * Shares of the device by kind of content.
 *
 * @param counts classes of reads whose places were drawn by chance
 * @param unreadable reads that gave no bytes; not counted in the shares
 * @param unexplained what `crossCheck` says of the same counts
 */
export function buildThermometer(counts: ClassCounts, unreadable: number, unexplained: readonly LaneDisagreement[]): Thermometer {
  const reads = CONTENT_CLASSES.reduce((sum, one) => sum + counts[one], 0);
  const shares = CONTENT_CLASSES.map((one) => ({ class: one, reads: counts[one], share: reads === 0 ? 0 : counts[one] / reads, ...wilsonInterval(counts[one], reads) }));
  return { reads, unreadable, shares, unexplained };
}
