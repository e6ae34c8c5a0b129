import { MalformedError, RefusedError } from '@kerbside/bytes';
import type { DecodeContent, Decoders } from '../pool/decoders.ts';
import type { StillMode } from '../still/apply-mode.ts';
import { checkStill, type StillBounds } from '../still/check-still.ts';
import type { Still } from '../still/make-still.ts';
import { DEFAULT_STILL_PX, MAX_STILL_BYTES, MAX_STILL_PX, MIN_STILL_PX } from '../still/still-limits.ts';
import { count, lied } from './check-reply.ts';
import { SHEET_GAP_PX, sheetColumns } from './compose-sheet.ts';
import { PieceGatherer } from './gather-pieces.ts';
import { checkCommon, videoTimeoutMs, type VideoResult } from './hash-video.ts';
import { MAX_STRIP_STILLS, MAX_VIDEO_CPU_SECONDS } from './limits.ts';
import { VIDEO_REQUEST_KIND, type VideoRequest } from './video-request.ts';

/** A clip as one small picture: frames of it side by side, left to right and then top to bottom. */
export interface VideoSheet extends Omit<VideoResult, 'frames'> {
  readonly still: Still;
  /** Time of each frame in the clip, ascending. */
  readonly seconds: readonly number[];
  readonly columns: number;
}

export interface SheetOptions {
  readonly mode: StillMode;
  /** Frames spread over the clip; 9 when absent. With `exactSeconds` at most 16. */
  readonly count?: number;
  /** Seconds of which the very frame is shown too: the places of near-matches. */
  readonly exactSeconds?: readonly number[];
  /** Of each frame: 16 to 320 pixels, 160 when absent. */
  readonly longerSidePx?: number;
}

/** Frames when nobody asks for another number, as in a strip of single stills (reliability reference, section 7). */
const DEFAULT_FRAMES = 9;

/** What a sheet has at most: every frame as large as the largest still. */
export const SHEET_BOUNDS: StillBounds = { maxPx: sheetColumns(MAX_STRIP_STILLS) * (MAX_STILL_PX + SHEET_GAP_PX), maxBytes: MAX_STRIP_STILLS * MAX_STILL_BYTES };

/**
 * Makes one small picture of a clip in the sandbox, in the mode asked for and without sound, and checks what comes back.
 *
 * @throws as `hashVideo` does; MalformedError `video-without-frames`; RefusedError `strip-unusable`
 */
export async function renderSheet(decoders: Pick<Decoders, 'run'>, content: DecodeContent, options: SheetOptions): Promise<VideoSheet> {
  const { mode, count: spread = DEFAULT_FRAMES, exactSeconds = [], longerSidePx = DEFAULT_STILL_PX } = options;
  const asked = spread + exactSeconds.length;
  const fits = Number.isInteger(spread) && spread >= 1 && asked <= MAX_STRIP_STILLS && Number.isInteger(longerSidePx) && longerSidePx >= MIN_STILL_PX && longerSidePx <= MAX_STILL_PX;
  if (!fits || exactSeconds.some((at) => !(at >= 0 && at < 316e6))) throw new RefusedError('strip-unusable', `A strip has 1 to ${MAX_STRIP_STILLS} frames of ${MIN_STILL_PX} to ${MAX_STILL_PX} pixels on their longer side, at times in seconds from the start.`);
  const request: VideoRequest = { task: 'sheet', count: spread, exactSeconds, longerSidePx, mode };
  const gatherer = new PieceGatherer(SHEET_BOUNDS.maxBytes);
  const { json } = await decoders.run({ kind: VIDEO_REQUEST_KIND, request: { ...request }, content, onPiece: gatherer.add, timeoutMs: videoTimeoutMs(MAX_VIDEO_CPU_SECONDS, content) });
  const bytes = gatherer.whole();
  const frames = count(json, 'frames', asked);
  const seconds = readTimes(json['seconds'], frames);
  const common = checkCommon(json, frames, MAX_VIDEO_CPU_SECONDS);
  if (frames === 0) {
    const [why] = common.problems;
    throw new MalformedError('video-without-frames', why?.message ?? 'no frame of the video could be decoded');
  }
  const seen = checkStill(bytes, SHEET_BOUNDS);
  const columns = sheetColumns(frames);
  const mostPx = (lines: number): number => lines * (longerSidePx + SHEET_GAP_PX) - SHEET_GAP_PX;
  const agrees = seen.widthPx === json['widthPx'] && seen.heightPx === json['heightPx'] && seen.widthPx <= mostPx(columns) && seen.heightPx <= mostPx(Math.ceil(frames / columns));
  if (!agrees) throw lied('a strip that is not what it says');
  return { ...common, still: { ...seen, mode, bytes }, seconds, columns };
}

function readTimes(listed: unknown, frames: number): readonly number[] {
  if (!Array.isArray(listed) || listed.length !== frames) throw lied('times that are not those of its frames');
  let last = 0;
  return listed.map((one: unknown) => {
    if (typeof one !== 'number' || !(one >= last && one <= 316e6)) throw lied('a frame before the one before it');
    last = one;
    return one;
  });
}
