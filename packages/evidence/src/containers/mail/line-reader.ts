import type { ByteRange, RandomAccessSource } from '@kerbside/bytes';
import { LINE_HEAD_BYTES } from './mail-limits.ts';

const WINDOW_BYTES = 256 * 1024;
const NEWLINE = 0x0a;
const RETURN = 0x0d;

/**
 * Goes through a source line by line without holding more than a window of it; a line may be of any
 * length. What the medium does not give reads as zeros here and is remembered in `unread`.
 */
export class LineReader {
  /** Offset of the line's first byte. */
  start = 0;
  /** Offset after its line feed, or the end of the source. */
  end = 0;
  /** Offset of its line end, CR or LF. */
  textEnd = 0;
  /** Its first bytes without the line end, at most 1 KiB; valid until the next line. */
  head: Buffer = Buffer.alloc(0);
  /** First range that could not be read, as offsets of the source. */
  unread: ByteRange | null = null;
  readonly #source: RandomAccessSource;
  readonly #window: Buffer;
  #windowStart = 0;
  #windowEnd = 0;

  constructor(source: RandomAccessSource) {
    this.#source = source;
    this.#window = Buffer.allocUnsafe(Math.max(1, Math.min(WINDOW_BYTES, source.sizeBytes)));
  }

  /** Moves to the next line; false at the end of the source. */
  next(): boolean {
    this.start = this.end;
    if (this.start >= this.#source.sizeBytes) return false;
    if (this.start >= this.#windowEnd) this.#load(this.start);
    let newline = this.#window.subarray(0, this.#windowEnd - this.#windowStart).indexOf(NEWLINE, this.start - this.#windowStart);
    if (newline < 0 && this.start > this.#windowStart && this.#windowEnd < this.#source.sizeBytes) {
      this.#load(this.start);
      newline = this.#window.subarray(0, this.#windowEnd - this.#windowStart).indexOf(NEWLINE);
    }
    if (newline >= 0) {
      this.end = this.#windowStart + newline + 1;
      const from = this.start - this.#windowStart;
      const to = newline > from && this.#window[newline - 1] === RETURN ? newline - 1 : newline;
      this.head = this.#window.subarray(from, Math.min(to, from + LINE_HEAD_BYTES));
      this.textEnd = this.#windowStart + to;
      return true;
    }
    this.#nextLong();
    return true;
  }

  /** A line longer than the window: its head is copied, and the windows after it are searched for its end. */
  #nextLong(): void {
    const from = this.start - this.#windowStart;
    this.head = Buffer.from(this.#window.subarray(from, Math.min(this.#windowEnd - this.#windowStart, from + LINE_HEAD_BYTES)));
    this.end = this.#windowEnd;
    this.textEnd = this.end;
    while (this.end < this.#source.sizeBytes) {
      this.#load(this.end);
      const newline = this.#window.subarray(0, this.#windowEnd - this.#windowStart).indexOf(NEWLINE);
      this.end = newline >= 0 ? this.#windowStart + newline + 1 : this.#windowEnd;
      this.textEnd = newline < 0 ? this.end : this.end - 1 - (newline > 0 && this.#window[newline - 1] === RETURN ? 1 : 0);
      if (newline >= 0) break;
    }
  }

  #load(at: number): void {
    const length = Math.min(this.#window.length, this.#source.sizeBytes - at);
    const unread = this.#source.readInto(this.#window.subarray(0, length), at);
    this.unread ??= unread[0] ?? null;
    this.#windowStart = at;
    this.#windowEnd = at + length;
  }
}
