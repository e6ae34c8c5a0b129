import { problemFrom, UnsupportedError, type RandomAccessSource } from '@kerbside/bytes';
import type { ContainerEvent } from '../container.ts';

/** A stretch of a store. */
export interface Stretch {
  readonly start: number;
  readonly end: number;
}

const PIECE_BYTES = 1024 * 1024;
const ZEROS = Buffer.alloc(PIECE_BYTES);

/** What of `whole` none of `claimed` covers. @param claimed in any order; they may overlap */
export function* unclaimed(whole: Stretch, claimed: readonly Stretch[]): Generator<Stretch> {
  let at = whole.start;
  for (const { start, end } of claimed.toSorted((a, b) => a.start - b.start)) {
    if (start >= whole.end) break;
    if (start > at) yield { start: at, end: start };
    at = Math.max(at, end);
  }
  if (at < whole.end) yield { start: at, end: whole.end };
}

/** The same of many stretches. @param stretches ascending, apart from each other @param claimed ascending, each inside one of them */
export function* unclaimedOfAll(stretches: readonly Stretch[], claimed: readonly Stretch[]): Generator<Stretch> {
  let next = 0;
  for (const stretch of stretches) {
    const first = next;
    while (next < claimed.length && claimed[next]!.start < stretch.end) next += 1;
    yield* unclaimed(stretch, claimed.slice(first, next));
  }
}

/**
 * Bytes in the stretches that are not zero, and the first of them. What the medium cannot give counts: nobody
 * knows what it was.
 */
export function countBusyBytes(source: RandomAccessSource, stretches: Iterable<Stretch>): { readonly bytes: number; readonly first: number } {
  let bytes = 0;
  let first = -1;
  const buffer = Buffer.allocUnsafe(PIECE_BYTES);
  for (const { start, end } of stretches) {
    for (let at = start; at < end; at += PIECE_BYTES) {
      const piece = buffer.subarray(0, Math.min(PIECE_BYTES, end - at));
      const unread = source.readInto(piece, at);
      for (const { offset, length } of unread) piece.fill(1, offset - at, offset - at + length);
      if (piece.equals(ZEROS.subarray(0, piece.length))) continue;
      for (let i = 0; i < piece.length; i++) {
        if (piece[i] === 0) continue;
        bytes += 1;
        if (first < 0) first = at + i;
      }
    }
  }
  return { bytes, first };
}

/** Tells what of a store belongs to no thumbnail that was read; nothing where all of it is zeros. */
export function* tellLeftOver(source: RandomAccessSource, stretches: Iterable<Stretch>, what: string): Generator<ContainerEvent> {
  const { bytes, first } = countBusyBytes(source, stretches);
  if (bytes === 0) return;
  const error = new UnsupportedError('thumbnails-left-over', `${bytes} bytes of ${what} belong to no thumbnail that was read: remains of older ones, or something else.`);
  yield { type: 'problem', problem: problemFrom(error, { offset: source.originOffset + first }) };
}
