import { HASH_BYTES, type DialectHashes } from '../pdq/picture-hashes.ts';

/**
 * One frame's hashes on the way out of the sandbox, 80 bytes, little-endian:
 *
 * | offset | bytes | what |
 * | --- | --- | --- |
 * | 0 | 8 | float: seconds from the start of the clip |
 * | 8 | 1 | quality in the dialect 512nn, 0 to 100 |
 * | 9 | 1 | quality in the dialect full |
 * | 10 | 6 | zero |
 * | 16 | 32 | hash in the dialect 512nn |
 * | 48 | 32 | hash in the dialect full |
 */
export const FRAME_RECORD_BYTES = 80;

/** Hashes of one frame as it is stored. */
export interface VideoFrame {
  /** From the start of the clip. */
  readonly seconds: number;
  readonly hashes: DialectHashes;
  /** The better of the two dialects, 0 to 100. */
  readonly quality: number;
}

export function writeFrameRecord(seconds: number, hashes: DialectHashes, target: Uint8Array, at: number): void {
  const view = new DataView(target.buffer, target.byteOffset + at, FRAME_RECORD_BYTES);
  view.setFloat64(0, seconds, true);
  view.setUint8(8, hashes['512nn'].quality);
  view.setUint8(9, hashes.full.quality);
  target.set(hashes['512nn'].hash, at + 16);
  target.set(hashes.full.hash, at + 48);
}

/**
 * Reads a record that came out of the sandbox.
 *
 * @returns null when it is not one: a time that is no time, a quality over 100, bytes where zeros belong
 */
export function readFrameRecord(bytes: Uint8Array, at: number): VideoFrame | null {
  if (at + FRAME_RECORD_BYTES > bytes.byteLength) return null;
  const view = new DataView(bytes.buffer, bytes.byteOffset + at, FRAME_RECORD_BYTES);
  const seconds = view.getFloat64(0, true);
  const nn = view.getUint8(8);
  const full = view.getUint8(9);
  if (!Number.isFinite(seconds) || nn > 100 || full > 100) return null;
  if (view.getUint16(10, true) !== 0 || view.getUint32(12, true) !== 0) return null;
  const hashAt = (offset: number): Uint8Array => bytes.slice(at + offset, at + offset + HASH_BYTES);
  return {
    seconds,
    hashes: { '512nn': { hash: hashAt(16), quality: nn }, full: { hash: hashAt(48), quality: full } },
    quality: Math.max(nn, full),
  };
}
