import { requireInside, type ByteRange, type RandomAccessSource } from './random-access-source.ts';

/** A bounded window on another source, e.g. one volume of a disk. Closing it leaves the source open. */
export class SourceWindow implements RandomAccessSource {
  readonly sizeBytes: number;
  readonly originOffset: number;
  readonly #source: RandomAccessSource;
  readonly #start: number;

  /**
   * @param source what the window looks on
   * @param start first byte of the window, relative to `source`
   * @param sizeBytes length of the window; must lie inside `source`
   */
  constructor(source: RandomAccessSource, start: number, sizeBytes: number) {
    requireInside(source.sizeBytes, start, sizeBytes, source.originOffset);
    this.#source = source;
    this.#start = start;
    this.sizeBytes = sizeBytes;
    this.originOffset = source.originOffset + start;
  }

  readInto(target: Uint8Array, offset: number): readonly ByteRange[] {
    requireInside(this.sizeBytes, offset, target.byteLength, this.originOffset);
    const unread = this.#source.readInto(target, this.#start + offset);
    return unread.length === 0
      ? unread
      : unread.map((range) => ({ offset: range.offset - this.#start, length: range.length }));
  }

  close(): void {}
}
