import type { ByteRange } from '@kerbside/bytes';
import { STATUS, type Catalogue } from './catalogue.ts';

/**
 * Why an item was not read although nothing was wrong with it. `no-runs`: deleted, and nothing says
 * where it was. `empty`: no bytes. `not-content`: a stand-in of the file system (NTFS bad-cluster
 * list). `nothing-stored`: sparse from end to end, so it reads as zeros and no byte of it is on the
 * source. `left-by-profile`: the profile reads no whole files. `not-reached`: the run stopped before it.
 */
export type SkipReason = 'no-runs' | 'empty' | 'not-content' | 'nothing-stored' | 'left-by-profile' | 'not-reached';

/** Counts of content-bearing items (files and streams): seen = read + gated + skippedByPlan + problems, always. */
export interface ItemCounts {
  readonly seen: number;
  /** Read whole, hashed and looked up. */
  readonly read: number;
  /** Not read because no set holds anything of that length. */
  readonly gated: number;
  readonly skippedByPlan: number;
  /** Could not be read, or not wholly; each has a problem that says why. */
  readonly problems: number;
  /** The skipped ones by reason. `not-reached` is 0 when the run has finished. */
  readonly skipped: Readonly<Record<SkipReason, number>>;
  /** Told apart, because they hold no content of their own. */
  readonly directories: number;
  readonly others: number;
}

/**
 * Counts the items of a catalogue by what became of them.
 * @param skipReason why an item with status `skipped` was skipped
 * @param pendingReason why an item is still pending
 */
export function countItems(catalogue: Catalogue, skipReason: (ordinal: number) => SkipReason, pendingReason: 'left-by-profile' | 'not-reached' = 'not-reached'): ItemCounts {
  const skipped: Record<SkipReason, number> = { 'no-runs': 0, empty: 0, 'not-content': 0, 'nothing-stored': 0, 'left-by-profile': 0, 'not-reached': 0 };
  let read = 0;
  let gated = 0;
  let problems = 0;
  let directories = 0;
  let others = 0;
  for (let ordinal = 0; ordinal < catalogue.length; ordinal++) {
    switch (catalogue.status(ordinal)) {
      case STATUS.read:
        read += 1;
        break;
      case STATUS.gated:
        gated += 1;
        break;
      case STATUS.problem:
        problems += 1;
        break;
      case STATUS.directory:
        directories += 1;
        break;
      case STATUS.other:
        others += 1;
        break;
      case STATUS.skipped:
        skipped[skipReason(ordinal)] += 1;
        break;
      case STATUS.pending:
        skipped[pendingReason] += 1;
        break;
    }
  }
  const skippedByPlan = sumOf(skipped);
  const seen = catalogue.length - directories - others;
  return { seen, read, gated, skippedByPlan, problems, skipped, directories, others };
}

/** True when the counts add up; anything else is a fault of ours and never the third verdict. */
export function countsAddUp(items: ItemCounts): boolean {
  const { skipped } = items;
  return (
    items.seen === items.read + items.gated + items.skippedByPlan + items.problems &&
    items.skippedByPlan === sumOf(skipped) &&
    Math.min(items.seen, items.read, items.gated, items.skippedByPlan, items.problems) >= 0
  );
}

function sumOf(skipped: ItemCounts['skipped']): number {
  return Object.values(skipped).reduce((sum, count) => sum + count, 0);
}

/** Collects byte runs and tells how many distinct bytes of the source they cover. */
export class RunUnion {
  #starts = new Float64Array(1024);
  #ends = new Float64Array(1024);
  #length = 0;

  add(offset: number, length: number): void {
    if (length <= 0) return;
    if (this.#length === this.#starts.length) {
      this.#starts = grown(this.#starts);
      this.#ends = grown(this.#ends);
    }
    this.#starts[this.#length] = offset;
    this.#ends[this.#length] = offset + length;
    this.#length += 1;
  }

  /** Distinct bytes covered. */
  coveredBytes(): number {
    let covered = 0;
    for (const { length } of this.ranges()) covered += length;
    return covered;
  }

  /** What is covered, ascending and apart. Sorts starts and ends apart: at each end, one run fewer is open. */
  *ranges(): Generator<ByteRange, void, undefined> {
    const starts = this.#starts.subarray(0, this.#length).sort();
    const ends = this.#ends.subarray(0, this.#length).sort();
    let open = 0;
    let openedAt = 0;
    let nextStart = 0;
    for (const end of ends) {
      while (nextStart < starts.length && starts[nextStart]! <= end) {
        if (open === 0) openedAt = starts[nextStart]!;
        open += 1;
        nextStart += 1;
      }
      open -= 1;
      if (open === 0) yield { offset: openedAt, length: end - openedAt };
    }
  }
}

function grown(old: Float64Array<ArrayBuffer>): Float64Array<ArrayBuffer> {
  const larger = new Float64Array(old.length * 2);
  larger.set(old);
  return larger;
}
