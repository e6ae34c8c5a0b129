import { NO_RANGES, type ByteRange, type RandomAccessSource } from '@kerbside/bytes';
import { borrowScanner, giveBackScanner, type MarkerScanner } from './find-marker.ts';
import type { FreeRun, RunQueue } from './free-runs.ts';

/** Read at once and kept: long enough for a disk to read in sequence, short enough for the processor's cache. */
export const PAGE_BYTES = 1024 * 1024;

/** Pages kept, so that a file looked at and found broken need not be read again to go on behind its beginning. */
const PAGES = 16;

/** Bytes between two free runs that are read with them rather than left out: a tenth of a seek. */
const MAX_READ_GAP_BYTES = 64 * 1024;

/** What a look at a place far away counts for: little is read, but the disk has to go there. */
const FAR_READ_BYTES = 32 * 1024;

/** Longest piece that is joined from two pages. */
const MAX_PIECE_BYTES = 64 * 1024;

interface Page {
  /** Place on the source divided by the page size; -1 while unused. */
  index: number;
  /** First and past-last offset that is held. */
  from: number;
  to: number;
  /** Parts that could not be read, on the source. */
  unreadable: readonly { readonly start: number; readonly end: number }[];
  usedAt: number;
}

/**
 * The bytes of one free run after the other, read in pages into one memory of fixed size. Every place
 * is an offset on the source; nothing outside the current run is ever given.
 */
export class RunPages {
  /** Memory that {@link locate} points into. */
  readonly memory: Buffer;
  readonly findMarker: MarkerScanner['find'];
  /** Bounds of the current run. */
  start = 0;
  end = 0;
  /** Where the located byte stands in `memory`, and the end of what follows it there without a break. */
  at = 0;
  to = 0;
  /** Bytes that walks have looked at; they add to it themselves. */
  lookedAtBytes = 0;
  /** Bytes read from the source, and what looks at places far away count for. */
  readBytes = 0;
  readonly #scanner: MarkerScanner;
  readonly #source: RandomAccessSource;
  readonly #runs: RunQueue;
  readonly #pages: readonly Page[];
  /** Where {@link unreadableFrom} has come to. */
  #toldTo = 0;
  #clock = 0;
  #last = 0;

  constructor(source: RandomAccessSource, runs: RunQueue) {
    this.#source = source;
    this.#runs = runs;
    this.#scanner = borrowScanner(PAGES * PAGE_BYTES);
    this.memory = this.#scanner.memory;
    this.findMarker = this.#scanner.find;
    this.#pages = Array.from({ length: PAGES }, () => ({ index: -1, from: 0, to: 0, unreadable: [], usedAt: 0 }));
  }

  /** Lets the memory be used again; nothing of this may be used after it. */
  release(): void {
    giveBackScanner(this.#scanner);
  }

  enter(run: FreeRun): void {
    this.start = run.start;
    this.end = run.end;
  }

  /** Points `at` and `to` to the byte at `offset`. False when it is outside the run or could not be read. */
  locate(offset: number): boolean {
    if (offset < this.start || offset >= this.end) return false;
    const slot = this.#slotOf(offset);
    const page = this.#pages[slot]!;
    const origin = slot * PAGE_BYTES - page.index * PAGE_BYTES;
    let to = Math.min(page.to, this.end);
    for (const hole of page.unreadable) {
      if (hole.end <= offset) continue;
      if (hole.start <= offset) return false;
      to = Math.min(to, hole.start);
      break;
    }
    this.at = origin + offset;
    this.to = origin + to;
    return true;
  }

  /** End of the unreadable part that `offset` lies in, clipped to its page and the run; `offset` itself when it can be read. */
  unreadableTo(offset: number): number {
    const page = this.#pages[this.#slotOf(offset)]!;
    const hole = page.unreadable.find(({ start, end }) => start <= offset && offset < end);
    return hole === undefined ? offset : Math.min(hole.end, this.end);
  }

  /**
   * What could not be read in the page of `offset` and lies in the run, from `offset` on: each part is
   * given once. What lies less than `slack` before `offset`, as a grid's step leaves it out, counts in.
   */
  unreadableFrom(offset: number, slack: number): readonly ByteRange[] {
    const page = this.#pages[this.#slotOf(offset)]!;
    const pageTo = Math.min(page.to, this.end);
    if (pageTo <= this.#toldTo) return NO_RANGES;
    const from = Math.max(this.start, this.#toldTo, offset - slack + 1);
    this.#toldTo = pageTo;
    return page.unreadable
      .map(({ start, end }) => ({ offset: Math.max(start, from), length: Math.min(end, pageTo) - Math.max(start, from) }))
      .filter(({ length }) => length > 0);
  }

  /**
   * `length` bytes at `offset` (at most 64 KiB), valid until the next call; null when they are not all
   * inside the run, or not readable.
   */
  piece(offset: number, length: number): Buffer | null {
    if (length > MAX_PIECE_BYTES || offset + length > this.end || !this.locate(offset)) return null;
    if (this.to - this.at >= length) return this.memory.subarray(this.at, this.at + length);
    const joined = Buffer.allocUnsafe(length);
    for (let done = 0; done < length; ) {
      if (!this.locate(offset + done)) return null;
      const part = Math.min(length - done, this.to - this.at);
      this.memory.copy(joined, done, this.at, this.at + part);
      done += part;
    }
    return joined;
  }

  /** The same, without reading a whole page for it: for places far from what is searched. */
  peek(offset: number, length: number): Buffer | null {
    if (length > MAX_PIECE_BYTES || offset < this.start || offset + length > this.end) return null;
    const index = Math.floor(offset / PAGE_BYTES);
    if (this.#pages.some((page) => page.index === index)) return this.piece(offset, length);
    const bytes = Buffer.allocUnsafe(length);
    this.readBytes += FAR_READ_BYTES;
    return this.#source.readInto(bytes, offset - this.#source.originOffset).length === 0 ? bytes : null;
  }

  #slotOf(offset: number): number {
    const index = Math.floor(offset / PAGE_BYTES);
    this.#clock += 1;
    const last = this.#pages[this.#last]!;
    if (last.index === index && last.from <= offset && offset < last.to) return this.#last;
    let oldest = 0;
    for (let slot = 0; slot < PAGES; slot++) {
      const page = this.#pages[slot]!;
      if (page.index === index) {
        oldest = slot;
        break;
      }
      if (page.usedAt < this.#pages[oldest]!.usedAt) oldest = slot;
    }
    const page = this.#pages[oldest]!;
    page.usedAt = this.#clock;
    this.#last = oldest;
    if (page.index !== index || offset < page.from || offset >= page.to) this.#load(page, oldest, index);
    return oldest;
  }

  /** Reads the current run's part of a page, and what of the coming runs is worth reading with it. */
  #load(page: Page, slot: number, index: number): void {
    const { originOffset } = this.#source;
    const pageEnd = Math.min((index + 1) * PAGE_BYTES, originOffset + this.#source.sizeBytes);
    page.index = index;
    page.from = Math.max(this.start, index * PAGE_BYTES);
    page.to = this.end >= pageEnd ? pageEnd : this.#runs.worthReadingTo(this.end, pageEnd, MAX_READ_GAP_BYTES);
    const base = (slot - index) * PAGE_BYTES;
    this.readBytes += page.to - page.from;
    const unread = this.#source.readInto(this.memory.subarray(base + page.from, base + page.to), page.from - originOffset);
    page.unreadable = unread.map((range) => ({ start: range.offset + originOffset, end: range.offset + originOffset + range.length }));
  }
}
