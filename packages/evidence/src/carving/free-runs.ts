import type { ByteRange } from '@kerbside/bytes';

/** A stretch of free space without a break: `start` and `end` are offsets on the source. */
export interface FreeRun {
  readonly start: number;
  readonly end: number;
}

/**
 * Joins free ranges that touch, and clips them to what can be read: what a file needs to be whole is
 * free space without a break, not one range of it. Ranges must ascend; one that begins before the
 * last one's end loses its first part, so that no byte is searched twice whatever a bitmap says.
 *
 * @param from first offset of the source that is read
 * @param end offset after the last
 */
export function* joinRanges(ranges: Iterable<ByteRange>, from: number, end: number): Generator<FreeRun, void, undefined> {
  let start = from;
  let stop = from;
  for (const { offset, length } of ranges) {
    const first = Math.max(offset, stop);
    const last = Math.min(offset + length, end);
    if (!(first < last)) continue;
    if (first > stop) {
      if (stop > start) yield { start, end: stop };
      start = first;
    }
    stop = last;
  }
  if (stop > start) yield { start, end: stop };
}

/** Runs in order, of which those ahead can be looked at: what is read together depends on them. */
export class RunQueue {
  readonly #runs: Iterator<FreeRun>;
  readonly #ahead: FreeRun[] = [];

  constructor(runs: Iterator<FreeRun>) {
    this.#runs = runs;
  }

  next(): FreeRun | null {
    return this.#ahead.shift() ?? this.#pull();
  }

  /**
   * How far it is worth reading on from `end`: over the coming runs up to `limit` as long as no gap
   * between them is longer than `maxGap`.
   */
  worthReadingTo(end: number, limit: number, maxGap: number): number {
    let to = end;
    for (let i = 0; to < limit; i++) {
      const run = this.#ahead[i] ?? this.#pull();
      if (run === null) break;
      if (i === this.#ahead.length) this.#ahead.push(run);
      if (run.start - to > maxGap || run.start >= limit) break;
      to = Math.min(limit, run.end);
    }
    return to;
  }

  #pull(): FreeRun | null {
    const step = this.#runs.next();
    return step.done === true ? null : step.value;
  }
}
