import { MalformedError, MediumError } from './errors.ts';
import { ByteView } from './byte-view.ts';

/** A run of bytes of a source: `offset` and `length` in bytes. */
export interface ByteRange {
  readonly offset: number;
  readonly length: number;
}

/** Shared empty answer of a read that met no unreadable byte. */
export const NO_RANGES: readonly ByteRange[] = Object.freeze([]);

/**
 * Read-only bytes with random access: a device, an image, a window on either, or memory in tests.
 *
 * Reads are synchronous: parsers stay simple and fast, and the walk above them is a generator
 * that the run drives in small slices, so that Ctrl-C and progress stay live.
 */
export interface RandomAccessSource {
  /** Length in bytes. */
  readonly sizeBytes: number;
  /**
   * Offset of this source's byte 0 on the outermost source (0 for the outermost itself), so that a
   * reader working inside a volume can name places on the source.
   */
  readonly originOffset: number;
  /**
   * Fills `target` with the bytes from `offset` on. Bytes that the medium cannot give are
   * zero-filled and returned as ranges (offsets relative to this source); the caller must not treat them as content.
   *
   * @throws MalformedError `read-outside-source` when the range is not wholly inside: a hostile offset reached us
   */
  readInto(target: Uint8Array, offset: number): readonly ByteRange[];
  /** Releases descriptors. Idempotent. */
  close(): void;
}

/** Throws `read-outside-source` unless `offset..offset+length` lies inside a source of `sizeBytes`. */
export function requireInside(sizeBytes: number, offset: number, length: number, originOffset = 0): void {
  if (!(Number.isSafeInteger(offset) && offset >= 0 && length >= 0 && offset + length <= sizeBytes)) {
    throw new MalformedError(
      'read-outside-source',
      `a structure points to bytes ${offset}+${length}, outside the ${sizeBytes} bytes there are`,
      { offset: originOffset + Math.max(0, Math.min(offset, Number.MAX_SAFE_INTEGER)), length },
    );
  }
}

/**
 * Reads `length` bytes at `offset` as a bounded view that knows its place on the source.
 *
 * @throws MalformedError `read-outside-source`; MediumError `unreadable-bytes` when any byte of it could not be read
 */
export function readView(source: RandomAccessSource, offset: number, length: number): ByteView {
  requireInside(source.sizeBytes, offset, length, source.originOffset);
  const bytes = Buffer.allocUnsafe(length);
  const unread = source.readInto(bytes, offset);
  const first = unread[0];
  if (first !== undefined) {
    throw new MediumError('unreadable-bytes', `${first.length} bytes could not be read`, {
      offset: source.originOffset + first.offset,
      length: first.length,
    });
  }
  return new ByteView(bytes, source.originOffset + offset);
}
