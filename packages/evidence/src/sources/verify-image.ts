import type { ByteRange, Problem } from '@kerbside/bytes';
import { createHash } from 'node:crypto';
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { OpenImage } from '../source-contract.ts';
import { EwfSource } from './ewf/ewf-source.ts';

const READ_BYTES = 4 * 1024 * 1024;

export interface ImageVerification {
  /** Digests that the image states of its medium, lower-case hex; null where it states none. */
  readonly stored: { readonly md5: string | null; readonly sha1: string | null };
  /** Digests of the bytes as read; unreadable ranges count as zeros, so they then differ from the original's. */
  readonly computed: { readonly md5: string; readonly sha1: string; readonly sha256: string };
  /** `match`: every stored digest was met and all was read; `mismatch`; `none-stored`. */
  readonly outcome: 'match' | 'mismatch' | 'none-stored';
  readonly sizeBytes: number;
  /** E01 only; 0 otherwise. */
  readonly chunks: number;
  readonly chunksBad: number;
  readonly unreadable: readonly ByteRange[];
  readonly problems: readonly Problem[];
}

/**
 * Reads a whole image, checks every checksum in it, and compares its digests with those it states.
 *
 * @param image an open image; it stays open
 * @param onProgress called after each read with the bytes done and in all
 */
export async function verifyImage(image: OpenImage, onProgress: (doneBytes: number, totalBytes: number) => void = () => {}): Promise<ImageVerification> {
  const { source } = image;
  const problems: Problem[] = [...image.problems];
  const ewf = source instanceof EwfSource ? source : null;
  ewf?.checkAllTables();
  const [md5, sha1, sha256] = [createHash('md5'), createHash('sha1'), createHash('sha256')];
  const buffer = Buffer.allocUnsafe(READ_BYTES);
  // Past the chunk tables there is nothing to read, however large the image claims to be.
  const reachable = ewf === null ? source.sizeBytes : Math.min(source.sizeBytes, ewf.index.reachableChunks * ewf.index.media.chunkBytes);
  for (let offset = 0; offset < reachable; offset += READ_BYTES) {
    const part = buffer.subarray(0, Math.min(READ_BYTES, reachable - offset));
    source.readInto(part, offset);
    md5.update(part);
    sha1.update(part);
    sha256.update(part);
    problems.push(...image.takeReadProblems());
    onProgress(offset + part.length, source.sizeBytes);
    await nextTurn();
  }
  const computed = { md5: md5.digest('hex'), sha1: sha1.digest('hex'), sha256: sha256.digest('hex') };
  const stored = { md5: ewf?.index.storedMd5 ?? null, sha1: ewf?.index.storedSha1 ?? null };
  const isMatch = (stored.md5 ?? computed.md5) === computed.md5 && (stored.sha1 ?? computed.sha1) === computed.sha1 && reachable === source.sizeBytes;
  const unreadable = [...image.unreadableRanges(), ...(reachable < source.sizeBytes ? [{ offset: reachable, length: source.sizeBytes - reachable }] : [])];
  return {
    stored,
    computed,
    outcome: stored.md5 === null && stored.sha1 === null ? 'none-stored' : isMatch && (ewf?.chunksBad ?? 0) === 0 ? 'match' : 'mismatch',
    sizeBytes: source.sizeBytes,
    chunks: ewf === null ? 0 : Math.ceil(source.sizeBytes / ewf.index.media.chunkBytes),
    chunksBad: ewf?.chunksBad ?? 0,
    unreadable,
    problems,
  };
}
