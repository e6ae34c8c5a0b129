import { readView, type RandomAccessSource } from '@kerbside/bytes';

/** Largest piece that a member's content is handed out in (the contract of `Member.content`). */
export const PIECE_BYTES = 1024 * 1024;

/**
 * The bytes of a range in pieces.
 * @throws MediumError `unreadable-bytes` where the medium does not give them; MalformedError `read-outside-source`
 */
export function* sourcePieces(source: RandomAccessSource, offset: number, length: number): Iterable<Uint8Array> {
  for (let at = 0; at < length; at += PIECE_BYTES) yield readView(source, offset + at, Math.min(PIECE_BYTES, length - at)).bytes;
}
