import type { Layout } from '@kerbside/evidence';
import { STATUS, type Catalogue } from '../catalogue.ts';
import { AccountedContent, type AccountedShares } from './accounted-content.ts';
import { crossCheck } from './cross-check.ts';
import type { SurveyPlan } from './survey-plan.ts';
import { CONTENT_CLASSES, type Thermometer } from './thermometer-facts.ts';
import { buildThermometer, noClassCounts } from './thermometer.ts';

/** Classes of the reads of a survey, pass by pass. */
export interface ContentTally {
  /** @param classCounts reads by class, in the order of `CONTENT_CLASSES`, and last those not classed */
  add(passIndex: number, classCounts: readonly number[]): void;
  /** Null before the first pass is whole. */
  thermometer(catalogue: Catalogue, layout: Layout, deviceBytes: number): Thermometer | null;
}

/**
 * Only whole passes are told: reads ascend within one, so its beginning is a sample of the device's beginning.
 * The rest is no sample at all.
 */
export function createContentTally({ passes }: SurveyPlan): ContentTally {
  const countsOf = passes.map(() => Array.from({ length: CONTENT_CLASSES.length + 1 }, () => 0));
  const seenOf = passes.map(() => 0);
  let known: { readonly items: number; readonly shares: AccountedShares } | null = null;
  // Names of a million items take a second to look at, and passes end every few seconds.
  const accounted = (catalogue: Catalogue, layout: Layout, deviceBytes: number): AccountedShares => {
    if (known?.items !== catalogue.length) known = { items: catalogue.length, shares: accountedFor(catalogue, layout, deviceBytes) };
    return known.shares;
  };
  return {
    add(passIndex, classCounts) {
      for (const [index, count] of classCounts.entries()) {
        countsOf[passIndex]![index]! += count;
        seenOf[passIndex]! += count;
      }
    },
    thermometer(catalogue, layout, deviceBytes) {
      const counts = noClassCounts();
      let unreadable = 0;
      let any = false;
      for (const [passIndex, pass] of passes.entries()) {
        if (pass.kind === 'rest' || seenOf[passIndex] !== pass.reads || pass.reads === 0) continue;
        any = true;
        for (const [index, name] of CONTENT_CLASSES.entries()) counts[name] += countsOf[passIndex]![index]!;
        unreadable += countsOf[passIndex]![CONTENT_CLASSES.length]!;
      }
      return any ? buildThermometer(counts, unreadable, crossCheck(counts, accounted(catalogue, layout, deviceBytes))) : null;
    },
  };
}

/** What the items say they hold, deleted and carved ones too, and volumes that are locked and told as such. */
function accountedFor(catalogue: Catalogue, layout: Layout, deviceBytes: number): AccountedShares {
  const accounted = new AccountedContent();
  for (let ordinal = 0; ordinal < catalogue.length; ordinal++) {
    const status = catalogue.status(ordinal);
    if (status !== STATUS.directory && status !== STATUS.other) accounted.add(catalogue.name(ordinal), catalogue.storedBytes(ordinal));
  }
  const lockedBytes = layout.volumes.reduce((sum, { volume, content }) => sum + (content.state === 'encrypted' ? volume.sizeBytes : 0), 0);
  const shares = accounted.shares(deviceBytes);
  return { ...shares, 'high-entropy': Math.min(1, shares['high-entropy'] + (deviceBytes > 0 ? lockedBytes / deviceBytes : 0)) };
}
