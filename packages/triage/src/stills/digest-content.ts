import type { RandomAccessSource } from '@kerbside/bytes';
import { packedLength, startDigests, unpackDigests, type PackedDigest } from '../digests.ts';

const READ_BYTES = 1024 * 1024;

/**
 * Reads a content once from its start to its end.
 * @param mask digests wanted, as bits of digests.ts
 * @returns the digests, with zeros for what could not be read, and how many bytes those were
 */
export function digestContent(source: RandomAccessSource, mask: number): { readonly digests: readonly PackedDigest[]; readonly unreadBytes: number } {
  const running = startDigests(mask);
  const buffer = Buffer.allocUnsafe(Math.min(READ_BYTES, source.sizeBytes));
  let unreadBytes = 0;
  for (let at = 0; at < source.sizeBytes; at += buffer.byteLength) {
    const piece = buffer.subarray(0, Math.min(buffer.byteLength, source.sizeBytes - at));
    for (const { length } of source.readInto(piece, at)) unreadBytes += length;
    running.update(piece);
  }
  const packed = new Uint8Array(packedLength(mask));
  running.finish(packed, 0);
  return { digests: unpackDigests(packed, 0, mask), unreadBytes };
}
