/** A zlib stream (RFC 1950): two bytes of head, raw deflate, Adler-32 of the content, big-endian. */
import { MalformedError } from '@kerbside/bytes';
import type { PackedFeed } from '../compressed/packed-feed.ts';
import { inflateFeed } from '../compressed/unpack-stream.ts';

const BASE = 65_521;
/** Most bytes that can be added before the sums must be brought below the base again, so that they stay exact. */
const ADD_BYTES = 3800;

/**
 * Unpacks one zlib stream.
 * @throws MalformedError `deflate-damaged` for a damaged or cut stream and for a wrong check sum
 */
export function* inflateZlib(feed: PackedFeed): Iterable<Uint8Array> {
  const head = feed.take(2);
  if (head.length < 2 || (head[0]! & 15) !== 8 || head.readUInt16BE(0) % 31 !== 0 || (head[1]! & 0x20) !== 0) {
    throw new MalformedError('deflate-damaged', 'a zlib stream does not begin as one');
  }
  let a = 1;
  let b = 0;
  for (const piece of inflateFeed(feed)) {
    for (let at = 0; at < piece.length; ) {
      const end = Math.min(piece.length, at + ADD_BYTES);
      for (; at < end; at++) b += a += piece[at]!;
      a %= BASE;
      b %= BASE;
    }
    yield piece;
  }
  const tail = feed.take(4);
  if (tail.length < 4 || tail.readUInt32BE(0) !== b * 65_536 + a) {
    throw new MalformedError('deflate-damaged', 'what a zlib stream unpacked to does not have its check sum');
  }
}
