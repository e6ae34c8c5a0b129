import { classesOfName } from './class-of-name.ts';
import type { ContentClass } from './thermometer-facts.ts';
import { noClassCounts } from './thermometer.ts';

/**
 * Share of the device that items may account for, by class, 0 to 1. The shares may sum to more than 1:
 * a video counts as `video` and as `high-entropy`, because pieces of it look like either.
 */
export type AccountedShares = Readonly<Record<ContentClass, number>>;

/** Adds up what the catalogue's items account for, by their names. */
export class AccountedContent {
  readonly #bytes = noClassCounts();

  /** @param sizeBytes bytes of the item that are stored on the device */
  add(name: string, sizeBytes: number): void {
    for (const one of classesOfName(name)) this.#bytes[one] += sizeBytes;
  }

  /** @param deviceBytes size of the whole device that is sampled */
  shares(deviceBytes: number): AccountedShares {
    const shares = noClassCounts();
    for (const one of Object.keys(shares) as ContentClass[]) shares[one] = deviceBytes <= 0 ? 0 : Math.min(1, this.#bytes[one] / deviceBytes);
    return shares;
  }
}
