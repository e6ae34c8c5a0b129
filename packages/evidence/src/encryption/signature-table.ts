import type { RandomAccessSource } from '@kerbside/bytes';
import { readQuietly } from '../volumes/read-quietly.ts';

/** One sign: these bytes at this offset (or anywhere up to `until`); negative offsets count from the end. */
export interface Sign {
  readonly offset: number;
  readonly until?: number;
  /** Bytes as latin1 text. */
  readonly bytes: string;
}

/** A kind is recognised when all its signs are there. */
export interface Signature {
  readonly name: string;
  readonly signs: readonly Sign[];
}

/** Finds the first signature whose signs are all present; null when none is. Never throws on evidence. */
export function matchSignature(source: RandomAccessSource, table: readonly Signature[]): string | null {
  // The tables look at a few places again and again.
  const windows = new Map<number, Buffer | null>();
  return table.find(({ signs }) => signs.every((sign) => hasSign(source, sign, windows)))?.name ?? null;
}

const WINDOW_BYTES = 4_096;

function hasSign(source: RandomAccessSource, { offset, until, bytes }: Sign, windows: Map<number, Buffer | null>): boolean {
  const start = offset < 0 ? source.sizeBytes + offset : offset;
  const length = bytes.length + (until === undefined ? 0 : until - offset);
  if (start < 0 || start + length > source.sizeBytes) return false;
  const page = Math.floor(start / WINDOW_BYTES) * WINDOW_BYTES;
  const isInPage = start + length <= page + WINDOW_BYTES;
  const window = isInPage ? windowAt(source, page, windows) : readQuietly(source, start, length)?.bytes;
  if (window === null || window === undefined) return false;
  const text = window.toString('latin1', isInPage ? start - page : 0, (isInPage ? start - page : 0) + length);
  return text.includes(bytes);
}

function windowAt(source: RandomAccessSource, page: number, windows: Map<number, Buffer | null>): Buffer | null {
  const known = windows.get(page);
  if (known !== undefined) return known;
  const view = readQuietly(source, page, Math.min(WINDOW_BYTES, source.sizeBytes - page));
  const bytes = view === null ? null : view.bytes;
  windows.set(page, bytes);
  return bytes;
}
