import type { RandomAccessSource } from '@kerbside/bytes';

/** What a device does, measured. */
export interface MeasuredRates {
  /** Moving to another place and beginning to read there. */
  readonly moveMs: number;
  readonly bytesPerSecond: number;
}

/** All measuring together ends after this long. */
const BUDGET_MS = 2000;

const SEQUENTIAL_BYTES = 32 * 1024 * 1024;
const PIECE_BYTES = 1024 * 1024;
const MOVES = 64;
const MOVE_READ_BYTES = 4096;

/**
 * Measures a source for at most two seconds: up to 32 MiB in order, then up to 64 short reads spread over it
 * in an order that goes to and fro. Says nothing of the evidence; the survey records what it chose from it.
 */
export function measureRates(source: RandomAccessSource, now: () => number = () => performance.now()): MeasuredRates {
  const started = now();
  const piece = Buffer.alloc(Math.min(PIECE_BYTES, source.sizeBytes));
  let read = 0;
  for (let at = 0; at + piece.length <= source.sizeBytes && read < SEQUENTIAL_BYTES && now() - started < BUDGET_MS / 2 && piece.length > 0; at += piece.length) {
    source.readInto(piece, at);
    read += piece.length;
  }
  const sequentialMs = Math.max(0.001, now() - started);
  const bytesPerSecond = Math.max(1, (read / sequentialMs) * 1000);
  const small = Buffer.alloc(Math.min(MOVE_READ_BYTES, source.sizeBytes));
  const movesStarted = now();
  let moves = 0;
  for (; moves < MOVES && now() - started < BUDGET_MS && small.length > 0; moves++) {
    // Golden-section steps: far from the last place every time, and never the same place twice.
    const place = (moves * 0.618_033_988_75) % 1;
    source.readInto(small, Math.floor((place * (source.sizeBytes - small.length)) / 512) * 512);
  }
  const perMoveMs = moves === 0 ? 0 : (now() - movesStarted) / moves;
  return { moveMs: Math.max(0, perMoveMs - (small.length / bytesPerSecond) * 1000), bytesPerSecond };
}
