import type { WalkPause } from './item.ts';

/** A silent search says so after this many bytes: a tenth of a second on a slow card, and far too rare to cost anything. */
export const PAUSE_EVERY_BYTES = 4 * 1024 * 1024;

/** Tells a search when it is time to say how far it is. */
export interface WalkPace {
  /**
   * @param doneBytes how much of the whole lies behind, never less than the time before
   * @returns the event to yield, or null when the last one was not long ago
   */
  reach(doneBytes: number): WalkPause | null;
}

/** @param totalBytes length of what is looked through */
export function makePace(totalBytes: number): WalkPace {
  let nextAt = PAUSE_EVERY_BYTES;
  return {
    reach(doneBytes) {
      if (doneBytes < nextAt) return null;
      nextAt = doneBytes + PAUSE_EVERY_BYTES;
      return { type: 'pause', doneBytes: Math.min(doneBytes, totalBytes), totalBytes };
    },
  };
}
