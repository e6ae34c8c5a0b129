import { RefusedError, type JsonObject, type Problem } from '@kerbside/bytes';
import type { DecodeContent, Decoders } from '../pool/decoders.ts';
import { checkDamage, checkFacts, count, flag, lied, type VideoDamage } from './check-reply.ts';
import { FRAME_RECORD_BYTES, readFrameRecord, type VideoFrame } from './frame-record.ts';
import { PieceGatherer } from './gather-pieces.ts';
import { AROUND_FRAMES_PER_SECOND, AROUND_SECONDS, MAX_AROUND_PLACES, MAX_GAP_FRAMES, MAX_VIDEO_CPU_SECONDS, MAX_VIDEO_FRAMES, PROBE_CPU_SECONDS } from './limits.ts';
import type { VideoFacts } from './video-facts.ts';
import { videoProblems } from './video-problems.ts';
import { VIDEO_REQUEST_KIND, type VideoRequest } from './video-request.ts';

/** What one video gives. */
export interface VideoResult {
  readonly facts: VideoFacts;
  /** Ascending by time. All qualities: the caller leaves out what cannot be compared. */
  readonly frames: readonly VideoFrame[];
  readonly damage: VideoDamage;
  /** What was not seen, and why; `where` is empty, the caller knows the item. */
  readonly problems: readonly Problem[];
}

export interface VideoOptions {
  /** Seconds: sample 4 frames per second around these places, and nothing else. At most 16. */
  readonly around?: readonly number[];
}

/** Most frames an honest answer can have: key frames, gaps and one first frame; or the windows around places. */
const MOST_FRAMES = MAX_VIDEO_FRAMES + MAX_GAP_FRAMES + 16 + MAX_AROUND_PLACES * (2 * AROUND_SECONDS * AROUND_FRAMES_PER_SECOND + 1);

/** CPU time beside the decoder's own limit: facts, serving the content (some 3 s for a GB, with its way through the pool), hashing. */
const SPARE_MS = 120_000;
const SPARE_MS_PER_MB = 20;

/** CPU milliseconds after which the pool ends a worker that our own limits inside the sandbox did not end. */
export function videoTimeoutMs(cpuSeconds: number, content: DecodeContent): number {
  const sizeBytes = 'bytes' in content ? content.bytes.byteLength : content.sizeBytes;
  return (PROBE_CPU_SECONDS + cpuSeconds * 2) * 1000 + SPARE_MS + Math.ceil(sizeBytes / 1e6) * SPARE_MS_PER_MB;
}

/**
 * Hashes the first frame, the key frames and, where these are few, one frame per second of a video, in the sandbox,
 * and checks what comes back.
 *
 * @throws KerbsideError what the sandbox says of the content: MalformedError `video-not-understood`;
 *   UnsupportedError `video-without-pictures`, `video-codec-unknown`, `video-tool-missing`; LimitError
 *   `video-limit-probe`, `video-limit-unreadable`; what `decoders.run` throws; MalformedError `decoder-lied`;
 *   RefusedError `video-around-unusable`
 */
export async function hashVideo(decoders: Pick<Decoders, 'run'>, content: DecodeContent, options: VideoOptions = {}): Promise<VideoResult> {
  const around = options.around ?? [];
  if (around.length > MAX_AROUND_PLACES || around.some((place) => !(place >= 0 && place < 316e6))) {
    throw new RefusedError('video-around-unusable', `A video is sampled around at most ${MAX_AROUND_PLACES} places, each in seconds from its start.`);
  }
  const request: VideoRequest = { task: 'sample', around };
  const gatherer = new PieceGatherer(MOST_FRAMES * FRAME_RECORD_BYTES);
  const { json } = await decoders.run({ kind: VIDEO_REQUEST_KIND, request: { ...request }, content, onPiece: gatherer.add, timeoutMs: videoTimeoutMs(MAX_VIDEO_CPU_SECONDS, content) });
  const frames = readFrameRecords(gatherer.whole(), count(json, 'frames', MOST_FRAMES));
  return { ...checkCommon(json, frames.length, MAX_VIDEO_CPU_SECONDS), frames };
}

/** The part of an answer that all requests about videos share. */
export function checkCommon(json: JsonObject, frames: number, maxCpuSeconds: number): Omit<VideoResult, 'frames'> {
  const damage = checkDamage(json['damage']);
  const bounds = { frames, maxCpuSeconds, outOfCpu: flag(json, 'outOfCpu'), framesFull: flag(json, 'framesFull') };
  return { facts: checkFacts(json['facts']), damage, problems: videoProblems(damage, bounds) };
}

/**
 * @param frames how many there must be
 * @throws MalformedError `decoder-lied`
 */
export function readFrameRecords(bytes: Uint8Array, frames: number): readonly VideoFrame[] {
  if (bytes.byteLength !== frames * FRAME_RECORD_BYTES) throw lied(`${bytes.byteLength} bytes for ${frames} frames`);
  const read: VideoFrame[] = [];
  for (let index = 0; index < frames; index += 1) {
    const frame = readFrameRecord(bytes, index * FRAME_RECORD_BYTES);
    if (frame === null || frame.seconds < (read.at(-1)?.seconds ?? 0)) throw lied(`a frame ${index} that is none, or comes before the one before`);
    read.push(frame);
  }
  return read;
}
