import type { RandomAccessSource } from '@kerbside/bytes';

/** Most bytes looked through: the largest reserved area that formatters make is a quarter of it. */
const MAX_BYTES = 64 * 1024 * 1024;
const PIECE_BYTES = 1024 * 1024;
const ZEROS = Buffer.alloc(PIECE_BYTES);

/**
 * Whether a part of a volume that should hold nothing does: anything but zeros, bytes that cannot be
 * read, or more than can be looked through count as something.
 *
 * @param from first byte, in bytes of `source`; clipped to its end
 * @param end byte after the last
 */
export function holdsData(source: RandomAccessSource, from: number, end: number): boolean {
  const stop = Math.min(end, source.sizeBytes);
  if (stop - from > MAX_BYTES) return true;
  const piece = Buffer.alloc(Math.max(0, Math.min(PIECE_BYTES, stop - from)));
  for (let at = from; at < stop; at += PIECE_BYTES) {
    const part = piece.subarray(0, Math.min(PIECE_BYTES, stop - at));
    if (source.readInto(part, at).length > 0 || !part.equals(ZEROS.subarray(0, part.length))) return true;
  }
  return false;
}
