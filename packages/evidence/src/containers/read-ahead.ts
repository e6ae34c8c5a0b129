import { MediumError, requireInside, type ByteRange, type RandomAccessSource } from '@kerbside/bytes';

/** Most bytes given at once, and so the memory one reader takes. */
export const MAX_VIEW_BYTES = 1024 * 1024;
/** What is read ahead once requests follow one another: small members of an archive are neighbours. */
const AHEAD_BYTES = 256 * 1024;
/** A request that begins at most so far behind the last one still follows it. */
const NEAR_BYTES = 64 * 1024;

/**
 * Small views of a source, neighbours read together. A first or far request reads what was asked for and
 * no more, so that picking single members out of a large archive does not read the rest of it.
 */
export class ReadAhead {
  readonly source: RandomAccessSource;
  #buffer = Buffer.alloc(0);
  #start = 0;
  #length = 0;
  #unread: readonly ByteRange[] = [];

  constructor(source: RandomAccessSource) {
    this.source = source;
  }

  /**
   * @param length at most 1 MiB
   * @returns the bytes, valid until the next call
   * @throws MalformedError `read-outside-source`; MediumError `unreadable-bytes`
   */
  view(offset: number, length: number): Buffer {
    if (!(offset >= this.#start && offset + length <= this.#start + this.#length)) this.#load(offset, length);
    if (this.#unread.length > 0) this.#requireRead(offset, length);
    const at = offset - this.#start;
    return this.#buffer.subarray(at, at + length);
  }

  #load(offset: number, length: number): void {
    const { source } = this;
    requireInside(source.sizeBytes, offset, length, source.originOffset);
    const lastEnd = this.#start + this.#length;
    const follows = this.#length > 0 && offset >= this.#start && offset <= lastEnd + NEAR_BYTES;
    const wanted = Math.min(follows ? Math.max(length, AHEAD_BYTES) : length, source.sizeBytes - offset);
    if (this.#buffer.length < wanted) this.#buffer = Buffer.allocUnsafeSlow(Math.max(wanted, 64 * 1024));
    this.#length = 0;
    this.#unread = source.readInto(this.#buffer.subarray(0, wanted), offset);
    this.#start = offset;
    this.#length = wanted;
  }

  #requireRead(offset: number, length: number): void {
    const bad = this.#unread.find((range) => range.offset < offset + length && range.offset + range.length > offset);
    if (bad !== undefined) {
      throw new MediumError('unreadable-bytes', `${bad.length} bytes could not be read`, { offset: this.source.originOffset + bad.offset, length: bad.length });
    }
  }
}
