import { MalformedError } from '@kerbside/bytes';
import type { PackedFeed } from './packed-feed.ts';
import { borrowPiece, returnPiece } from './piece-buffers.ts';
import { borrowStream, returnStream } from './stream-handle.ts';

/**
 * Unpacks one raw deflate stream; what follows its end stays in the feed.
 * @yields pieces of at most 1 MiB, each valid until the next
 * @throws MalformedError `deflate-damaged`, and what the feed throws
 */
export function* inflateFeed(feed: PackedFeed): Generator<Uint8Array, void, undefined> {
  const handle = borrowStream('deflate');
  const output = borrowPiece();
  try {
    let filled = 0;
    for (;;) {
      const isLast = !feed.fill();
      const given = feed.end - feed.at;
      const sound = handle.step(feed.bytes, feed.at, feed.end, isLast, output, filled, output.length);
      feed.at += handle.consumed;
      filled += handle.produced;
      // A full output may hide an error of Z_FINISH, and an end; the next step, with room, shows it.
      const hasRoom = filled < output.length;
      if (!sound) throw new MalformedError('deflate-damaged', isLast ? 'a deflate stream is cut short' : 'a deflate stream is damaged');
      if (hasRoom && (isLast || handle.consumed < given)) break;
      if (!hasRoom) {
        yield output;
        filled = 0;
      }
    }
    if (filled > 0) yield output.subarray(0, filled);
  } finally {
    returnStream('deflate', handle);
    returnPiece(output);
  }
}

/**
 * Unpacks zstd frames to the end of the feed.
 * @yields pieces of at most 1 MiB, each valid until the next
 * @throws MalformedError `zstd-damaged`, and what the feed throws
 */
export function* unzstdFeed(feed: PackedFeed): Generator<Uint8Array, void, undefined> {
  const handle = borrowStream('zstd');
  const output = borrowPiece();
  try {
    for (;;) {
      const isLast = !feed.fill();
      const sound = handle.step(feed.bytes, feed.at, feed.end, isLast, output, 0, output.length);
      feed.at += handle.consumed;
      if (!sound) throw new MalformedError('zstd-damaged', isLast ? 'a zstd stream is cut short' : 'a zstd stream is damaged');
      if (handle.produced > 0) yield output.subarray(0, handle.produced);
      else if (isLast) return;
    }
  } finally {
    returnStream('zstd', handle);
    returnPiece(output);
  }
}
