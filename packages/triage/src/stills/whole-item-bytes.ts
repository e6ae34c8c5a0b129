import { RefusedError } from '@kerbside/bytes';
import type { ContentChunk } from '@kerbside/evidence';

/** Bytes of an item that is read into memory for one still: the largest pictures have a tenth of it, and videos go another way. */
export const MAX_REVIEW_ITEM_BYTES = 256 * 1024 * 1024;

/**
 * Gathers an item's content.
 * @throws RefusedError `still-item-unreadable` where it is too large or nothing of it can be read
 */
export function wholeItemBytes(path: string, chunks: Iterable<ContentChunk>, sizeBytes: number): { readonly bytes: Uint8Array; readonly isWhole: boolean } {
  if (sizeBytes > MAX_REVIEW_ITEM_BYTES) throw new RefusedError('still-item-unreadable', `"${path}" has ${sizeBytes} bytes; a still is made of items up to ${MAX_REVIEW_ITEM_BYTES}.`);
  const pieces: Buffer[] = [];
  let isWhole = true;
  for (const chunk of chunks) {
    pieces.push(Buffer.from(chunk.bytes));
    isWhole &&= chunk.unreadable.length === 0 && chunk.problems.length === 0;
  }
  const bytes = Buffer.concat(pieces);
  if (bytes.length === 0) throw new RefusedError('still-item-unreadable', `Nothing of "${path}" can be read.`);
  return { bytes, isWhole: isWhole && bytes.length === sizeBytes };
}
