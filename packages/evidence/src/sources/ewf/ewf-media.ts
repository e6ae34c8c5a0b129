import type { ByteView } from '@kerbside/bytes';
import { adler32 } from './adler32.ts';

/**
 * `volume`, `disk` and their copy `data` (libyal/libewf documentation):
 *
 * | offset | EnCase, 1,052 bytes      | SMART, 94 bytes          |
 * | -----: | ------------------------ | ------------------------ |
 * |      4 | u32 chunk count          | u32 chunk count          |
 * |      8 | u32 sectors per chunk    | u32 sectors per chunk    |
 * |     12 | u32 bytes per sector     | u32 bytes per sector     |
 * |     16 | u64 sector count         | u32 sector count         |
 * |  1,048 | Adler-32 of 0–1,047      |                          |
 * |     90 |                          | Adler-32 of 0–89         |
 */
const ENCASE_BYTES = 1_052;
const SMART_BYTES = 94;

/** The largest chunk the format can state: 32,768 sectors of 512 bytes; 4 KiB sectors are allowed the same bytes. */
export const MAX_CHUNK_BYTES = 16 * 1024 * 1024;

export interface EwfMedia {
  readonly chunkCount: number;
  readonly chunkBytes: number;
  readonly sectorSizeBytes: number;
  readonly sizeBytes: number;
}

/** Reads the media facts; null when its checksum fails or its figures cannot be. */
export function parseMedia(view: ByteView): EwfMedia | null {
  const isSmart = view.length < ENCASE_BYTES;
  if (view.length < SMART_BYTES) return null;
  const summed = isSmart ? SMART_BYTES - 4 : ENCASE_BYTES - 4;
  if (adler32(view.bytes, 0, summed) !== view.u32(summed)) return null;
  const chunkCount = view.u32(4);
  const sectorsPerChunk = view.u32(8);
  const sectorSizeBytes = view.u32(12);
  const sectorCount = isSmart ? view.u32(16) : view.u64(16);
  const chunkBytes = sectorsPerChunk * sectorSizeBytes;
  if (![512, 1_024, 2_048, 4_096].includes(sectorSizeBytes) || chunkBytes === 0 || chunkBytes > MAX_CHUNK_BYTES) return null;
  // A stream that was never closed states no sector count.
  const sizeBytes = sectorCount === 0 ? chunkCount * chunkBytes : sectorCount * sectorSizeBytes;
  if (sizeBytes === 0 || !Number.isSafeInteger(sizeBytes)) return null;
  return { chunkCount, chunkBytes, sectorSizeBytes, sizeBytes };
}
