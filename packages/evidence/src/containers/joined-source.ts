import { requireInside, type ByteRange, type RandomAccessSource } from '@kerbside/bytes';

/** Sources behind one another as one. Closing it leaves them open. */
export class JoinedSource implements RandomAccessSource {
  readonly originOffset = 0;
  readonly sizeBytes: number;
  readonly #parts: readonly RandomAccessSource[];

  constructor(parts: readonly RandomAccessSource[]) {
    this.#parts = parts;
    this.sizeBytes = parts.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
  }

  readInto(target: Uint8Array, offset: number): readonly ByteRange[] {
    requireInside(this.sizeBytes, offset, target.byteLength);
    const unread: ByteRange[] = [];
    let start = 0;
    for (const part of this.#parts) {
      const from = Math.max(offset, start);
      const to = Math.min(offset + target.byteLength, start + part.sizeBytes);
      if (from < to) {
        for (const range of part.readInto(target.subarray(from - offset, to - offset), from - start)) unread.push({ offset: range.offset + start, length: range.length });
      }
      start += part.sizeBytes;
    }
    return unread;
  }

  close(): void {}
}
