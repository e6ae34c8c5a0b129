import { MalformedError } from './errors.ts';

/**
 * A bounded, read-only view of evidence bytes that knows where on the source its first byte came
 * from. Every getter checks its bounds and throws `structure-too-short` with that place, so a
 * hostile length or offset cannot read a neighbour's bytes. After bulk_extractor's `sbuf`.
 */
export class ByteView {
  /** The bytes themselves; callers must not write to them. */
  readonly bytes: Buffer;
  /** Offset on the source of byte 0, or -1 where the bytes were produced (decompressed, fixed up). */
  readonly sourceOffset: number;
  readonly length: number;

  constructor(bytes: Uint8Array, sourceOffset = -1) {
    this.bytes = Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.sourceOffset = sourceOffset;
    this.length = bytes.byteLength;
  }

  u8(at: number): number {
    this.#require(at, 1);
    return this.bytes[at]!;
  }

  u16(at: number): number {
    this.#require(at, 2);
    const b = this.bytes;
    return b[at]! | (b[at + 1]! << 8);
  }

  u32(at: number): number {
    this.#require(at, 4);
    const b = this.bytes;
    return (b[at]! | (b[at + 1]! << 8) | (b[at + 2]! << 16) | (b[at + 3]! << 24)) >>> 0;
  }

  i32(at: number): number {
    return this.u32(at) | 0;
  }

  /** 64-bit little-endian value as a number; values above 2^53 lose precision, so check the range where it matters. */
  u64(at: number): number {
    return this.u32(at + 4) * 0x1_0000_0000 + this.u32(at);
  }

  u16be(at: number): number {
    this.#require(at, 2);
    const b = this.bytes;
    return (b[at]! << 8) | b[at + 1]!;
  }

  u32be(at: number): number {
    this.#require(at, 4);
    const b = this.bytes;
    return ((b[at]! << 24) | (b[at + 1]! << 16) | (b[at + 2]! << 8) | b[at + 3]!) >>> 0;
  }

  u64be(at: number): number {
    return this.u32be(at) * 0x1_0000_0000 + this.u32be(at + 4);
  }

  /** True when the ASCII text stands at `at`; false also when the view is too short for it. */
  hasAscii(at: number, text: string): boolean {
    return at >= 0 && at + text.length <= this.length && this.bytes.toString('latin1', at, at + text.length) === text;
  }

  /** A narrower view of the same bytes. */
  slice(at: number, length: number): ByteView {
    this.#require(at, length);
    return new ByteView(
      this.bytes.subarray(at, at + length),
      this.sourceOffset < 0 ? -1 : this.sourceOffset + at,
    );
  }

  #require(at: number, length: number): void {
    if (!(at >= 0 && length >= 0 && at + length <= this.length)) {
      throw new MalformedError(
        'structure-too-short',
        `a structure of ${this.length} bytes was read past its end (${length} bytes at ${at})`,
        this.sourceOffset < 0 ? {} : { offset: this.sourceOffset + (at > 0 ? at : 0), length },
      );
    }
  }
}
