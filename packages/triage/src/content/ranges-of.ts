import { MediumError, type RandomAccessSource } from '@kerbside/bytes';
import type { DecodeContent } from '@kerbside/decode';

/** Ranges of a content for a decoder, which is told where the medium gives nothing. */
export function rangesOf(source: RandomAccessSource): Exclude<DecodeContent, { bytes: Uint8Array }> {
  return { sizeBytes: source.sizeBytes, readAt: (offset, length) => readRange(source, offset, length) };
}

function readRange(source: RandomAccessSource, offset: number, length: number): Uint8Array {
  const bytes = Buffer.allocUnsafe(length);
  const [unread] = source.readInto(bytes, offset);
  if (unread !== undefined) throw new MediumError('unreadable-bytes', `${unread.length} bytes could not be read`);
  return bytes;
}
