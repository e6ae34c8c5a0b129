import type { RandomAccessSource } from '@kerbside/bytes';

const SEARCH_BYTES = 64 * 1024;

/**
 * @returns a search for the next `signature` that begins at or behind `from` and ends before `end` (the source's own
 *   when left out), null when there is none. It keeps the stretch it read last: a file full of signatures must not be
 *   read again for each of them.
 */
export function signatureFinder(source: RandomAccessSource, signature: Buffer): (from: number, end?: number) => number | null {
  let start = 0;
  let bytes = Buffer.alloc(0);
  return (from, end = source.sizeBytes) => {
    for (let at = from; at + signature.length <= end; at = start + bytes.length - signature.length + 1) {
      if (at < start || at + signature.length > start + bytes.length) {
        start = at;
        bytes = Buffer.alloc(Math.min(SEARCH_BYTES, source.sizeBytes - at));
        source.readInto(bytes, at);
      }
      const found = bytes.indexOf(signature, at - start);
      if (found >= 0) return start + found + signature.length <= end ? start + found : null;
    }
    return null;
  };
}
