import { RefusedError } from '@kerbside/bytes';
import type { DecodeContent, Decoders } from '../pool/decoders.ts';
import { count, lied } from './check-reply.ts';
import type { EveryFrameCounts } from './every-frame.ts';
import { FRAME_RECORD_BYTES } from './frame-record.ts';
import { PieceGatherer } from './gather-pieces.ts';
import { checkCommon, readFrameRecords, videoTimeoutMs, type VideoResult } from './hash-video.ts';
import { MAX_EVERY_FRAME_CPU_SECONDS, MAX_EVERY_FRAMES } from './limits.ts';
import { VIDEO_REQUEST_KIND, type VideoRequest } from './video-request.ts';

/** What every frame of a clip gives to a set. */
export interface EveryFrameResult extends VideoResult {
  readonly counts: EveryFrameCounts;
  /** To be stored with the set: for a pruned frame the radius promised is 31 less this. */
  readonly pruneBits: number;
}

/** More than this and the radius left for pruned frames finds too little (perceptual-hash reference, section 7.2). */
export const MAX_PRUNE_BITS = 10;

/**
 * Hashes every frame of a known video for a set: quality of at least 50, frames within `pruneBits` of the last one
 * kept left out.
 *
 * @throws as `hashVideo` does; RefusedError `video-prune-unusable`
 */
export async function hashEveryFrame(decoders: Pick<Decoders, 'run'>, content: DecodeContent, options: { readonly pruneBits?: number } = {}): Promise<EveryFrameResult> {
  const pruneBits = options.pruneBits ?? MAX_PRUNE_BITS;
  if (!Number.isInteger(pruneBits) || pruneBits < 0 || pruneBits > MAX_PRUNE_BITS) {
    throw new RefusedError('video-prune-unusable', `Frames are left out within 0 to ${MAX_PRUNE_BITS} bits of the last one kept, not ${pruneBits}.`);
  }
  const request: VideoRequest = { task: 'every', pruneBits };
  const gatherer = new PieceGatherer(MAX_EVERY_FRAMES * FRAME_RECORD_BYTES);
  const timeoutMs = videoTimeoutMs(MAX_EVERY_FRAME_CPU_SECONDS, content);
  const { json } = await decoders.run({ kind: VIDEO_REQUEST_KIND, request: { ...request }, content, onPiece: gatherer.add, timeoutMs });
  const at = (name: string): number => count(json, name, MAX_EVERY_FRAMES);
  const counts = { decoded: at('decoded'), kept: at('kept'), pruned: at('pruned'), lowQuality: at('lowQuality') };
  if (counts.decoded !== counts.kept + counts.pruned + counts.lowQuality) throw lied('counts of frames that do not add up');
  const frames = readFrameRecords(gatherer.whole(), counts.kept);
  return { ...checkCommon(json, counts.decoded, MAX_EVERY_FRAME_CPU_SECONDS), frames, counts, pruneBits };
}
