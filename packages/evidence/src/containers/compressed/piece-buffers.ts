/** Most bytes of content handed out at once (the contract of `Member.content`). */
export const PIECE_BYTES = 1024 * 1024;

/** Free buffers kept for the next reader; nested containers use one a level. */
const MAX_KEPT = 8;
const free: Buffer[] = [];

/** A buffer of `PIECE_BYTES`, for as long as one content is being read. */
export function borrowPiece(): Buffer {
  return free.pop() ?? Buffer.allocUnsafeSlow(PIECE_BYTES);
}

export function returnPiece(buffer: Buffer): void {
  if (free.length < MAX_KEPT) free.push(buffer);
}
