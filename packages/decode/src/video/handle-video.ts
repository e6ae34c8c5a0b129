import { InternalError, UnsupportedError, type JsonObject } from '@kerbside/bytes';
import { encodeStill } from '../still/still-handler.ts';
import type { Handler } from '../worker/handler.ts';
import { hashEveryFrameOf } from './every-frame.ts';
import { FRAME_RECORD_BYTES, writeFrameRecord } from './frame-record.ts';
import { makeKeyClip } from './key-clip.ts';
import { MAX_EVERY_FRAME_CPU_SECONDS, MAX_VIDEO_CPU_SECONDS } from './limits.ts';
import { readKeySamples } from './mp4-samples.ts';
import type { ProbeAnswer } from './parse-probe.ts';
import { probeVideo } from './probe-video.ts';
import { serveRanges, type RangeServer } from './range-server.ts';
import { RangedContent } from './ranged-content.ts';
import { ClipTally, sampleAround, sampleClip, type Clip, type KeyUrl } from './sample-clip.ts';
import { composeSheet } from './compose-sheet.ts';
import { takeFrames } from './strip-stills.ts';
import { turnRaster } from './turn-raster.ts';
import { factsToJson } from './video-facts.ts';
import type { VideoRequest } from './video-request.ts';

/** Bytes of one piece of the answer. */
const PIECE_BYTES = 64 * 1024;

type Emit = Parameters<Handler>[2];

/**
 * Inside the sandbox: facts, frame hashes or stills of one video. The request is a {@link VideoRequest}; the answer's
 * JSON holds facts, damage and limits, its pieces the records of the frames or the stills.
 *
 * @throws MalformedError `video-not-understood`, `video-without-frames`; UnsupportedError `video-without-pictures`,
 *   `video-codec-unknown`, `video-tool-missing`; LimitError `video-limit-probe`, `video-limit-unreadable`
 */
export const handleVideo: Handler = async (json, input, emit) => {
  const request = json as unknown as VideoRequest;
  const content = new RangedContent(input);
  const server = await serveRanges(content);
  try {
    const probe = await probeVideo(content, server.url);
    const tally = new ClipTally(request.task === 'every' ? MAX_EVERY_FRAME_CPU_SECONDS : MAX_VIDEO_CPU_SECONDS);
    const key = request.task === 'sample' && request.around.length === 0 ? await openKeyClip(content, probe) : null;
    const clip: Clip = { url: server.url, probe, tally, progress: () => content.readBytes, keys: key?.keys ?? null };
    let answer: JsonObject;
    try {
      answer = await work(request, clip, emit);
    } finally {
      await key?.server.close();
    }
    if (content.failure !== null) throw content.failure;
    refuseUnknownCodec(clip, answer['frames']);
    const damage = {
      errors: tally.errors,
      firstError: tally.firstError,
      unreadableBytes: content.unreadableBytes,
      cutOff: (key?.cutOff ?? false) || server.requestsBehindEnd() > 0,
      reachedEnd: tally.reachedEnd,
    };
    return { json: { ...answer, facts: factsToJson(probe.facts), damage, outOfCpu: tally.outOfCpu, framesFull: tally.framesFull } };
  } finally {
    await server.close();
  }
};

/** Serves the clip of sync samples of an MP4 or MOV, if its index gives one that can be trusted to leave nothing out. */
async function openKeyClip(content: RangedContent, { facts }: ProbeAnswer): Promise<{ readonly keys: KeyUrl; readonly server: RangeServer; readonly cutOff: boolean } | null> {
  if (!['mp4', 'mov', '3gp'].includes(facts.container)) return null;
  const samples = await readKeySamples(content);
  const clip = samples === null ? null : makeKeyClip(content, samples);
  if (samples === null || clip === null) return null;
  const server = await serveRanges(clip);
  return { keys: { url: server.url, frames: clip.frames }, server, cutOff: samples.cutOff };
}

async function work(request: VideoRequest, clip: Clip, emit: Emit): Promise<JsonObject> {
  switch (request.task) {
    case 'sample': {
      const frames = request.around.length === 0 ? await sampleClip(clip) : await sampleAround(clip, request.around);
      const records = new Uint8Array(frames.length * FRAME_RECORD_BYTES);
      for (const [at, { seconds, hashes }] of frames.entries()) writeFrameRecord(seconds, hashes, records, at * FRAME_RECORD_BYTES);
      await emitAll(records, emit);
      return { frames: frames.length };
    }
    case 'every': {
      const { records, counts } = await hashEveryFrameOf(clip, request.pruneBits);
      await emitAll(records, emit);
      return { frames: counts.decoded, ...counts };
    }
    case 'strip': {
      const frames = await takeFrames(clip, { count: request.count, atSeconds: request.atSeconds, exactSeconds: [] }, request.longerSidePx, request.mode);
      const stills: JsonObject[] = [];
      for (const { seconds, shown } of frames) {
        const bytes = await encodeStill(shown, request.mode);
        await emitAll(bytes, emit);
        stills.push({ seconds, widthPx: shown.width, heightPx: shown.height, sizeBytes: bytes.byteLength });
      }
      return { frames: frames.length, stills };
    }
    case 'sheet': {
      const frames = await takeFrames(clip, { count: request.count, atSeconds: [], exactSeconds: request.exactSeconds }, request.longerSidePx, request.mode);
      const seconds = frames.map((frame) => frame.seconds);
      if (frames.length === 0) return { frames: 0, seconds, widthPx: 0, heightPx: 0 };
      // For a person they are turned as a player would; for hashes never.
      const sheet = composeSheet(frames.map(({ shown }) => turnRaster(shown, clip.probe.facts.turnDegrees)));
      await emitAll(await encodeStill(sheet, request.mode), emit);
      return { frames: frames.length, seconds, widthPx: sheet.width, heightPx: sheet.height };
    }
    default:
      throw new InternalError('video-request', 'a request about a video that its own parent did not make');
  }
}

async function emitAll(bytes: Uint8Array, emit: Emit): Promise<void> {
  for (let at = 0; at < bytes.byteLength; at += PIECE_BYTES) await emit(bytes.subarray(at, at + PIECE_BYTES));
}

function refuseUnknownCodec({ probe, tally }: Clip, frames: unknown): void {
  if (frames === 0 && (probe.facts.codec === 'unknown' || /decoder .{0,40}not found|unknown decoder/i.test(tally.firstError ?? ''))) {
    throw new UnsupportedError('video-codec-unknown', `the video's codec (${probe.facts.codec}) is not one that can be decoded here`);
  }
}
