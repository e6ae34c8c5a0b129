import { ByteView, type RandomAccessSource } from '@kerbside/bytes';

/** A view of the bytes, or null when they are not all inside the source or could not all be read. */
export function readQuietly(source: RandomAccessSource, offset: number, length: number): ByteView | null {
  if (!Number.isSafeInteger(offset) || offset < 0 || offset + length > source.sizeBytes) return null;
  const bytes = Buffer.alloc(length);
  return source.readInto(bytes, offset).length > 0 ? null : new ByteView(bytes, source.originOffset + offset);
}
