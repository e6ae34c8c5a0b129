import { AROUND_FRAMES_PER_SECOND, AROUND_SECONDS, MAX_GAP_FRAMES, MAX_VIDEO_FRAMES } from './limits.ts';

/** A stretch of a clip to sample. */
export interface SampleWindow {
  readonly startSeconds: number;
  readonly lengthSeconds: number;
  readonly framesPerSecond: number;
  readonly maxFrames: number;
}

/** A stretch without a frame that is not worth a pass of its own. */
const LEAST_GAP_SECONDS = 1.5;

/** Most frames per second of the key-frame pass: an intra-only clip has nothing but key frames. */
const MOST_KEYS_PER_SECOND = 4;

/** Least: a header that lies about the length must not thin out the frames that there are. */
const LEAST_KEYS_PER_SECOND = 1;

/** Least frames per second in gaps, for the same reason. */
const LEAST_GAP_RATE = 0.1;

/** Seconds tried behind the length that the header states: it may be too short. */
const BEHIND_END_SECONDS = 60;

/** Frames per second at which a key-frame pass over a clip of honest length stays within the number of frames allowed. */
export function keyFrameRate(lengthSeconds: number | null): number {
  if (lengthSeconds === null) return MOST_KEYS_PER_SECOND;
  return Math.min(MOST_KEYS_PER_SECOND, Math.max(LEAST_KEYS_PER_SECOND, (MAX_VIDEO_FRAMES - 1) / lengthSeconds));
}

/**
 * The gaps between frames, longest first, each to be sampled at 1 frame per second, less where all of them together
 * would give more than {@link MAX_GAP_FRAMES}. The last window goes on behind the end that the header states.
 *
 * @param seconds times of the frames there are, ascending
 * @param lengthSeconds length of the clip as its header has it; null when it has none
 */
export function planGaps(seconds: readonly number[], lengthSeconds: number | null): readonly SampleWindow[] {
  const last = seconds.at(-1) ?? null;
  const gaps: { start: number; length: number }[] = [];
  let previous: number | null = null;
  for (const edge of seconds) {
    // The second behind a frame is that frame's; before the first frame there is none.
    const start: number = previous === null ? 0 : previous + 1;
    if (edge - (previous ?? 0) >= LEAST_GAP_SECONDS) gaps.push({ start, length: edge - start });
    previous = edge;
  }
  const tail = last === null ? 0 : last + 1;
  gaps.push({ start: tail, length: Math.max((lengthSeconds ?? 0) - tail, BEHIND_END_SECONDS) });
  const total = gaps.reduce((sum, { length }) => sum + length, 0);
  const framesPerSecond = Math.min(1, Math.max(LEAST_GAP_RATE, MAX_GAP_FRAMES / total));
  return gaps
    .toSorted((a, b) => b.length - a.length || a.start - b.start)
    .map(({ start, length }) => ({ startSeconds: start, lengthSeconds: length, framesPerSecond, maxFrames: Math.min(MAX_GAP_FRAMES, Math.ceil(length * framesPerSecond) + 1) }));
}

/** Windows around places of interest, ascending; windows that touch are one. */
export function planAround(places: readonly number[]): readonly SampleWindow[] {
  const windows: { start: number; end: number }[] = [];
  for (const place of places.toSorted((a, b) => a - b)) {
    const start = Math.max(0, place - AROUND_SECONDS);
    const end = place + AROUND_SECONDS;
    const before = windows.at(-1);
    if (before !== undefined && start <= before.end) before.end = Math.max(before.end, end);
    else windows.push({ start, end });
  }
  return windows.map(({ start, end }) => {
    const lengthSeconds = end - start;
    return { startSeconds: start, lengthSeconds, framesPerSecond: AROUND_FRAMES_PER_SECOND, maxFrames: lengthSeconds * AROUND_FRAMES_PER_SECOND + 1 };
  });
}
