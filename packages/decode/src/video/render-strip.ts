import { RefusedError } from '@kerbside/bytes';
import type { DecodeContent, Decoders } from '../pool/decoders.ts';
import type { StillMode } from '../still/apply-mode.ts';
import { checkStill } from '../still/check-still.ts';
import type { Still } from '../still/make-still.ts';
import { DEFAULT_STILL_PX, MAX_STILL_BYTES, MAX_STILL_PX, MIN_STILL_PX } from '../still/still-limits.ts';
import { count, lied, number, object } from './check-reply.ts';
import { PieceGatherer } from './gather-pieces.ts';
import { checkCommon, videoTimeoutMs, type VideoResult } from './hash-video.ts';
import { MAX_STRIP_STILLS, MAX_VIDEO_CPU_SECONDS } from './limits.ts';
import { VIDEO_REQUEST_KIND, type VideoRequest } from './video-request.ts';

/** A still and its place in the clip. */
export interface VideoStill extends Still {
  readonly seconds: number;
}

export interface StripResult extends Omit<VideoResult, 'frames'> {
  /** Ascending by time; fewer than asked for where the clip has no more, or is damaged. */
  readonly stills: readonly VideoStill[];
}

export interface StripOptions {
  /** 1 to 16; 9 when absent. */
  readonly count?: number;
  /** Seconds at which to take the stills, instead of spread over the clip: the places of near-matches. At most 16. */
  readonly atSeconds?: readonly number[];
  readonly longerSidePx?: number;
  readonly mode: StillMode;
}

/** Stills in a strip when nobody asks for another number (reliability reference, section 7). */
const DEFAULT_STRIP_STILLS = 9;

/**
 * Makes small stills spread over a clip, in the mode asked for, in the sandbox, and checks what comes back. Without sound.
 *
 * @throws as `hashVideo` does; RefusedError `strip-unusable`
 */
export async function renderStrip(decoders: Pick<Decoders, 'run'>, content: DecodeContent, options: StripOptions): Promise<StripResult> {
  const { mode } = options;
  const atSeconds = options.atSeconds ?? [];
  const asked = atSeconds.length > 0 ? atSeconds.length : (options.count ?? DEFAULT_STRIP_STILLS);
  const longerSidePx = options.longerSidePx ?? DEFAULT_STILL_PX;
  const fits = Number.isInteger(asked) && asked >= 1 && asked <= MAX_STRIP_STILLS && Number.isInteger(longerSidePx) && longerSidePx >= MIN_STILL_PX && longerSidePx <= MAX_STILL_PX;
  if (!fits || atSeconds.some((at) => !(at >= 0 && at < 316e6))) throw new RefusedError('strip-unusable', `A strip has 1 to ${MAX_STRIP_STILLS} stills of ${MIN_STILL_PX} to ${MAX_STILL_PX} pixels on their longer side, at times in seconds from the start.`);
  const request: VideoRequest = { task: 'strip', count: asked, atSeconds, longerSidePx, mode };
  const gatherer = new PieceGatherer(asked * MAX_STILL_BYTES);
  const { json } = await decoders.run({ kind: VIDEO_REQUEST_KIND, request: { ...request }, content, onPiece: gatherer.add, timeoutMs: videoTimeoutMs(MAX_VIDEO_CPU_SECONDS, content) });
  const bytes = gatherer.whole();
  const listed = json['stills'];
  if (!Array.isArray(listed) || listed.length > asked) throw lied('more stills than were asked for');
  const stills: VideoStill[] = [];
  let at = 0;
  for (const one of listed) {
    const entry = object(one, 'still');
    const sizeBytes = count(entry, 'sizeBytes', MAX_STILL_BYTES);
    const seconds = number(entry, 'seconds', stills.at(-1)?.seconds ?? 0, 316e6);
    const own = bytes.slice(at, at + sizeBytes);
    const seen = checkStill(own);
    if (seconds === null || seen.widthPx !== entry['widthPx'] || seen.heightPx !== entry['heightPx'] || Math.max(seen.widthPx, seen.heightPx) > longerSidePx) throw lied('a still that is not what it says');
    stills.push({ ...seen, mode, seconds, bytes: own });
    at += sizeBytes;
  }
  if (at !== bytes.byteLength) throw lied('bytes that belong to no still');
  return { ...checkCommon(json, stills.length, MAX_VIDEO_CPU_SECONDS), stills };
}
