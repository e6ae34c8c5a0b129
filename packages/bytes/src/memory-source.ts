import { NO_RANGES, requireInside, type ByteRange, type RandomAccessSource } from './random-access-source.ts';

/** A source over bytes in memory, for tests and for images our generators have just made. */
export class MemorySource implements RandomAccessSource {
  readonly originOffset = 0;
  readonly sizeBytes: number;
  readonly #bytes: Uint8Array;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    this.sizeBytes = bytes.byteLength;
  }

  readInto(target: Uint8Array, offset: number): readonly ByteRange[] {
    requireInside(this.sizeBytes, offset, target.byteLength);
    target.set(this.#bytes.subarray(offset, offset + target.byteLength));
    return NO_RANGES;
  }

  close(): void {}
}
