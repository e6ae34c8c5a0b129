import type { Raster } from '../pdq/raster.ts';
import { applyMode, type StillMode } from '../still/apply-mode.ts';
import { readFrames } from './read-frames.ts';
import type { Clip } from './sample-clip.ts';
import type { Pass, RasterShape } from './tool-words.ts';

/** One frame, small and in the mode asked for. */
export interface SmallFrame {
  readonly seconds: number;
  readonly shown: Raster;
}

/** Which frames are wanted of a clip. */
export interface WantedFrames {
  /** How many, spread evenly, where no times are given. */
  readonly count: number;
  /** Seconds, instead of spread evenly: the key frame at or before each. */
  readonly atSeconds: readonly number[];
  /** Seconds of which the very frame is wanted, beside the others. */
  readonly exactSeconds: readonly number[];
}

/** CPU seconds for one still; a clip whose key frames lie far apart gives the nearest key frame instead of the exact time. */
const STILL_CPU_SECONDS = 6;

/** Times are reckoned from where ffmpeg was told to begin, in the container's own units: one frame reached from two places differs by less. */
const SAME_FRAME_MS = 3;

/**
 * Small frames at the times asked for, or spread evenly over the clip, at the middle of each of `count` equal parts. Each is
 * the key frame at or before its time; where that is one shown already, the frame at the time itself, decoded from that
 * key frame on. Where the header states no length, or a false one, what is missing comes from the beginning.
 */
export async function takeFrames(clip: Clip, { count, atSeconds, exactSeconds }: WantedFrames, longerSidePx: number, mode: StillMode): Promise<readonly SmallFrame[]> {
  const { facts } = clip.probe;
  const shape = stillShape(facts.widthPx, facts.heightPx, longerSidePx);
  const frames: SmallFrame[] = [];
  const seen: number[] = [];
  const add = async (at: number, decode: Pass['decode']): Promise<boolean> => {
    const still = clip.tally.cpuSecondsLeft <= 0 ? null : await takeStill(clip, at, decode, shape, seen);
    if (still === null) return false;
    frames.push({ seconds: still.seconds, shown: applyMode({ width: shape.widthPx, height: shape.heightPx, channels: 3, data: still.raster }, mode) });
    return true;
  };
  const length = facts.lengthSeconds ?? 0;
  const places = atSeconds.length > 0 ? atSeconds : Array.from({ length: count }, (_, part) => (length * (part + 0.5)) / count);
  // ffmpeg is told milliseconds; times of frames are reckoned from what it was told.
  const told = (seconds: readonly number[]): number[] => seconds.map((place) => Math.round(place * 1000) / 1000);
  for (const at of told(exactSeconds)) if (!(await add(at, 'all'))) await add(at, 'key');
  for (const at of told(places)) if (!(await add(at, 'key'))) await add(at, 'all');
  for (let second = 0; atSeconds.length === 0 && frames.length * 2 < count && second < count; second += 1) await add(second, 'all');
  clip.tally.outOfCpu ||= clip.tally.cpuSecondsLeft <= 0;
  return frames.toSorted((a, b) => a.seconds - b.seconds);
}

async function takeStill(clip: Clip, at: number, decode: Pass['decode'], shape: RasterShape, seen: number[]): Promise<{ readonly seconds: number; readonly raster: Uint8Array } | null> {
  const cpuSeconds = Math.max(1, Math.min(STILL_CPU_SECONDS, clip.tally.cpuSecondsLeft));
  const window = { startSeconds: at, lengthSeconds: (clip.probe.facts.lengthSeconds ?? 0) + 1 };
  const pass: Pass = { url: clip.url, streamIndex: clip.probe.streamIndex, decode, window, framesPerSecond: null, maxFrames: 1, cpuSeconds, progress: clip.progress, raster: shape };
  let raster: Uint8Array | null = null;
  const end = await readFrames(pass, (frame) => {
    raster = frame.slice();
  });
  clip.tally.add(end);
  const millis = Math.max(0, Math.round(at * 1e3 + (end.frameMicros[0] ?? 0) / 1e3));
  if (raster === null || seen.some((one) => Math.abs(one - millis) <= SAME_FRAME_MS)) return null;
  seen.push(millis);
  return { seconds: millis / 1e3, raster };
}

/** The longer side as asked for but never larger than the frame's, the other in proportion; frames of unknown size are taken to be 16 : 9. */
export function stillShape(frameWidthPx: number, frameHeightPx: number, longerSidePx: number): RasterShape {
  const [width, height] = frameWidthPx === 0 || frameHeightPx === 0 ? [1920, 1080] : [frameWidthPx, frameHeightPx];
  const scale = Math.min(1, longerSidePx / Math.max(width, height));
  return { widthPx: Math.max(1, Math.round(width * scale)), heightPx: Math.max(1, Math.round(height * scale)), pixels: 'rgb24' };
}
