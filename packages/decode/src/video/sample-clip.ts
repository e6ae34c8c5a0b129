import type { DialectHashes } from '../pdq/picture-hashes.ts';
import { frameRaster, hashFrame } from './hash-frame.ts';
import { FEW_FRAMES, MAX_GAP_FRAMES, MAX_VIDEO_FRAMES } from './limits.ts';
import type { ProbeAnswer } from './parse-probe.ts';
import { readFrames, type PassEnd } from './read-frames.ts';
import { keyFrameRate, planAround, planGaps, type SampleWindow } from './sample-plan.ts';
import type { Pass } from './tool-words.ts';

/** A frame hashed. */
export interface SampledFrame {
  readonly seconds: number;
  readonly hashes: DialectHashes;
}

/** The first frame counts as seen when a key frame lies this near to the start. */
const FIRST_FRAME_SECONDS = 0.5;

/** What is told of all passes together. */
export class ClipTally {
  errors = 0;
  firstError: string | null = null;
  reachedEnd = true;
  outOfCpu = false;
  framesFull = false;
  #cpuSeconds: number;

  /** @param cpuSeconds CPU seconds for the clip */
  constructor(cpuSeconds: number) {
    this.#cpuSeconds = cpuSeconds;
  }

  get cpuSecondsLeft(): number {
    return this.#cpuSeconds;
  }

  add(end: PassEnd): void {
    this.errors += end.errors;
    this.firstError ??= end.firstError;
    this.reachedEnd &&= end.reachedEnd;
    this.outOfCpu ||= end.outOfCpu;
    this.spend(end.cpuSeconds);
  }

  spend(cpuSeconds: number): void {
    this.#cpuSeconds -= cpuSeconds;
  }
}

/** One clip, its stream and its budget. */
export interface Clip {
  readonly url: string;
  readonly probe: ProbeAnswer;
  readonly tally: ClipTally;
  /** Bytes of the content read so far. */
  readonly progress: () => number;
  /** A clip of the sync samples alone, where the container's index gives one. */
  readonly keys: KeyUrl | null;
}

/** Where the clip of sync samples is served, and how many there are. */
export interface KeyUrl {
  readonly url: string;
  readonly frames: number;
}

/**
 * The frames of a clip on a device: the first, the key frames and, where those are fewer than {@link FEW_FRAMES},
 * 1 per second in the gaps, longest first. Ascending by time, each time once.
 */
export async function sampleClip(clip: Clip): Promise<readonly SampledFrame[]> {
  const { lengthSeconds } = clip.probe.facts;
  const keys =
    (await hashKeyClip(clip)) ??
    (await hashPass(clip, { decode: 'key', window: null, framesPerSecond: keyFrameRate(lengthSeconds) }, MAX_VIDEO_FRAMES, clip.tally.cpuSecondsLeft));
  clip.tally.framesFull = keys.length >= MAX_VIDEO_FRAMES;
  const few = keys.length < FEW_FRAMES;
  const atStart = (keys[0]?.seconds ?? Number.POSITIVE_INFINITY) <= FIRST_FRAME_SECONDS;
  if (!few && atStart) return inOrder(keys);
  const first = atStart ? [] : await hashPass(clip, { decode: 'all', window: null, framesPerSecond: null }, 1, share(clip, 1));
  const frames = inOrder([...first, ...keys]);
  if (frames.length >= FEW_FRAMES) return frames;
  return inOrder([...frames, ...(await sampleWindows(clip, planGaps(frames.map(({ seconds }) => seconds), lengthSeconds)))]);
}

/** Frames at a higher rate around the places given, for a clip that a first look found something in. */
export async function sampleAround(clip: Clip, places: readonly number[]): Promise<readonly SampledFrame[]> {
  return inOrder(await sampleWindows(clip, planAround(places)));
}

async function sampleWindows(clip: Clip, windows: readonly SampleWindow[]): Promise<readonly SampledFrame[]> {
  const frames: SampledFrame[] = [];
  for (const [index, window] of windows.entries()) {
    if (clip.tally.cpuSecondsLeft <= 0) {
      clip.tally.outOfCpu = true;
      break;
    }
    const found = await hashPass(clip, { decode: 'all', window, framesPerSecond: window.framesPerSecond }, window.maxFrames, share(clip, windows.length - index));
    clip.tally.framesFull ||= found.length >= MAX_GAP_FRAMES;
    frames.push(...found);
  }
  return frames;
}

/** An equal part of the CPU time that is left. */
function share({ tally }: Clip, parts: number): number {
  return Math.max(1, tally.cpuSecondsLeft / parts);
}

/** The quick way. Null where there is none, or where it met the least trouble: the whole content then decides. */
async function hashKeyClip(clip: Clip): Promise<readonly SampledFrame[] | null> {
  const { keys, tally } = clip;
  if (keys === null) return null;
  const { frames, end } = await runPass(clip, { decode: 'key', window: null, framesPerSecond: null, url: keys.url, streamIndex: 0 }, MAX_VIDEO_FRAMES, tally.cpuSecondsLeft);
  const isGood = end.errors === 0 && end.reachedEnd && frames.length === Math.min(keys.frames, MAX_VIDEO_FRAMES);
  if (isGood) tally.add(end);
  else tally.spend(end.cpuSeconds);
  return isGood ? frames : null;
}

type PassKind = Pick<Pass, 'decode' | 'window' | 'framesPerSecond'>;

async function hashPass(clip: Clip, what: PassKind, maxFrames: number, cpuSeconds: number): Promise<readonly SampledFrame[]> {
  const { frames, end } = await runPass(clip, { ...what, url: clip.url, streamIndex: clip.probe.streamIndex }, maxFrames, cpuSeconds);
  clip.tally.add(end);
  return frames;
}

async function runPass(
  { probe, progress }: Clip,
  what: PassKind & Pick<Pass, 'url' | 'streamIndex'>,
  maxFrames: number,
  cpuSeconds: number,
): Promise<{ readonly frames: readonly SampledFrame[]; readonly end: PassEnd }> {
  const { widthPx, heightPx } = probe.facts;
  const hashes: DialectHashes[] = [];
  const end = await readFrames({ ...what, maxFrames, cpuSeconds, progress, raster: frameRaster(widthPx, heightPx) }, (raster) => {
    hashes.push(hashFrame(raster, widthPx, heightPx));
  });
  const start = what.window?.startSeconds ?? 0;
  return { end, frames: hashes.map((one, index) => ({ hashes: one, seconds: secondsOf(end.frameMicros, index, start) })) };
}

/** A frame whose time was lost from the log stands with the one before it; nothing lies before the start. */
export function secondsOf(frameMicros: readonly number[], index: number, startSeconds: number): number {
  const micros = frameMicros[Math.min(index, frameMicros.length - 1)] ?? 0;
  return Math.max(0, Math.round(startSeconds * 1e6 + micros) / 1e6);
}

function inOrder(frames: readonly SampledFrame[]): readonly SampledFrame[] {
  const sorted = frames.toSorted((a, b) => a.seconds - b.seconds);
  // Two passes may give the same frame; two frames of one pass at one time (no times in the container) are both kept.
  return sorted.filter((frame, index) => index === 0 || frame.seconds !== sorted[index - 1]!.seconds || !sameHash(frame, sorted[index - 1]!));
}

function sameHash(a: SampledFrame, b: SampledFrame): boolean {
  return Buffer.compare(a.hashes.full.hash, b.hashes.full.hash) === 0;
}
