import { MalformedError } from '@kerbside/bytes';
import type { HandlerInput } from './handler.ts';

/** Bytes asked of the parent at once. */
const PIECE_BYTES = 4 * 1024 * 1024;

/**
 * Reads a whole range of the content in pieces.
 * @throws MalformedError `request-content-short` where it ends early
 */
export async function readRange(input: HandlerInput, offset: number, length: number): Promise<Uint8Array> {
  const whole = new Uint8Array(length);
  for (let done = 0; done < length; ) {
    const piece = await input.readAt(offset + done, Math.min(PIECE_BYTES, length - done));
    if (piece.byteLength === 0) throw new MalformedError('request-content-short', 'the content of a request ends early');
    whole.set(piece, done);
    done += piece.byteLength;
  }
  return whole;
}
