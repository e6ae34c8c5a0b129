import type { DecodeContent } from './decoders.ts';

/**
 * A picture and what a handler needs beside it (a model, a cascade) as one content, so that a worker that has the second
 * part already asks for the first alone.
 */
export function joinedContent(picture: Uint8Array, beside: Uint8Array): DecodeContent {
  return {
    sizeBytes: picture.byteLength + beside.byteLength,
    readAt(offset, length) {
      const end = offset + length;
      const first = picture.subarray(offset, end);
      if (end <= picture.byteLength) return first;
      const second = beside.subarray(Math.max(0, offset - picture.byteLength), end - picture.byteLength);
      return first.byteLength === 0 ? second : Buffer.concat([first, second]);
    },
  };
}
