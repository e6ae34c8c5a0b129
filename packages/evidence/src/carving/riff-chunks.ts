/**
 * RIFF (Microsoft, 1991), little-endian: chunks of
 *
 * | at | bytes | meaning |
 * | --- | --- | --- |
 * | 0 | 4 | type; `RIFF` and `LIST` hold a form type (4 bytes) and chunks |
 * | 4 | 4 | length of the content |
 * | 8 | length | content, then one byte where the length is odd |
 */
import type { RunPages } from './run-pages.ts';

/** A chunk: `at` its first byte, `end` after its content, `next` after its padding. */
export interface RiffChunk {
  readonly type: string;
  /** Form type of `RIFF` and `LIST`, else empty. */
  readonly form: string;
  readonly at: number;
  readonly contentAt: number;
  readonly end: number;
  readonly next: number;
}

/**
 * Reads a chunk's head.
 * @param limit what its content must not pass
 * @returns null when it passes the limit, or its type is not four printable characters
 */
export function readRiffChunk(pages: RunPages, at: number, limit: number): RiffChunk | null {
  const head = at + 8 <= limit ? pages.peek(at, 8) : null;
  if (head === null) return null;
  const type = head.toString('latin1', 0, 4);
  const end = at + 8 + head.readUInt32LE(4);
  if (!/^[ -~]{4}$/.test(type) || end > limit) return null;
  const isList = type === 'RIFF' || type === 'LIST';
  const form = isList && end - at >= 12 ? (pages.peek(at + 8, 4)?.toString('latin1') ?? '') : '';
  if (isList && form === '') return null;
  return { type, form, at, contentAt: at + (isList ? 12 : 8), end, next: Math.min(limit, end + ((end - at) % 2)) };
}
