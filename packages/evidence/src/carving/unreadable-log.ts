import type { ByteRange } from '@kerbside/bytes';
import type { WalkEvent } from '../item.ts';
import type { CarveProblems } from './carve-problems.ts';
import { MAX_LISTED_RANGES, type CarveTally } from './carve-summary.ts';

/** Counts what could not be read while searching, and joins what goes on in the next page. */
export class UnreadableLog {
  readonly #tally: CarveTally;
  readonly #problems: CarveProblems;
  #open: ByteRange | null = null;
  #unlisted = 0;

  constructor(tally: CarveTally, problems: CarveProblems) {
    this.#tally = tally;
    this.#problems = problems;
  }

  /** Takes ranges in ascending order, each once. */
  *note(ranges: readonly ByteRange[]): Generator<WalkEvent, void, undefined> {
    for (const range of ranges) {
      const open = this.#open;
      if (open !== null && open.offset + open.length === range.offset) {
        this.#open = { offset: open.offset, length: open.length + range.length };
      } else {
        yield* this.#close();
        this.#open = range;
      }
    }
  }

  *finish(): Generator<WalkEvent, void, undefined> {
    yield* this.#close();
    if (this.#unlisted > 0) yield this.#problems.unreadableRest(this.#unlisted);
  }

  *#close(): Generator<WalkEvent, void, undefined> {
    const range = this.#open;
    if (range === null) return;
    this.#open = null;
    this.#tally.unreadableBytes += range.length;
    if (this.#tally.unreadable.length >= MAX_LISTED_RANGES) {
      this.#unlisted += 1;
      return;
    }
    this.#tally.unreadable.push(range);
    yield this.#problems.unreadable(range);
  }
}
