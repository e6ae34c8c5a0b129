import { MIN_QUALITY, type DialectHashes } from '../pdq/picture-hashes.ts';
import { hammingDistance } from '../pdq/hash-text.ts';
import { writeFrameRecord, FRAME_RECORD_BYTES } from './frame-record.ts';
import { frameRaster, hashFrame } from './hash-frame.ts';
import { MAX_EVERY_FRAMES } from './limits.ts';
import { readFrames } from './read-frames.ts';
import { secondsOf, type Clip } from './sample-clip.ts';

/** Counts of a clip whose every frame was hashed: decoded = kept + pruned + low quality. */
export interface EveryFrameCounts {
  readonly decoded: number;
  readonly kept: number;
  /** Within `pruneBits` of the last one kept. */
  readonly pruned: number;
  /** Below the quality at which a hash can be compared. */
  readonly lowQuality: number;
}

/**
 * Hashes every frame of a clip for a set. A frame within `pruneBits` of the last one kept, in both dialects, is left
 * out: what lies within 31 bits of it still lies within 31 + `pruneBits` of the one kept, so the radius that is
 * promised falls to 31 − `pruneBits` for such a frame, and the set must state `pruneBits`.
 *
 * @returns the records of the frames kept, and the counts
 */
export async function hashEveryFrameOf(clip: Clip, pruneBits: number): Promise<{ readonly records: Uint8Array; readonly counts: EveryFrameCounts }> {
  const { url, probe, tally, progress } = clip;
  const { widthPx, heightPx } = probe.facts;
  const kept: { readonly index: number; readonly hashes: DialectHashes }[] = [];
  let decoded = 0;
  let lowQuality = 0;
  const pass = { url, streamIndex: probe.streamIndex, decode: 'all', window: null, framesPerSecond: null, maxFrames: MAX_EVERY_FRAMES } as const;
  const cpuSeconds = tally.cpuSecondsLeft;
  const end = await readFrames({ ...pass, cpuSeconds, progress, raster: frameRaster(widthPx, heightPx) }, (raster, index) => {
    decoded += 1;
    const hashes = hashFrame(raster, widthPx, heightPx);
    if (Math.max(hashes['512nn'].quality, hashes.full.quality) < MIN_QUALITY) lowQuality += 1;
    else if (!isNear(hashes, kept.at(-1)?.hashes, pruneBits)) kept.push({ index, hashes });
  });
  tally.add(end);
  tally.framesFull = end.framesFull;
  const records = new Uint8Array(kept.length * FRAME_RECORD_BYTES);
  for (const [at, { index, hashes }] of kept.entries()) writeFrameRecord(secondsOf(end.frameMicros, index, 0), hashes, records, at * FRAME_RECORD_BYTES);
  return { records, counts: { decoded, kept: kept.length, pruned: decoded - kept.length - lowQuality, lowQuality } };
}

function isNear(a: DialectHashes, b: DialectHashes | undefined, bits: number): boolean {
  return b !== undefined && hammingDistance(a['512nn'].hash, b['512nn'].hash) <= bits && hammingDistance(a.full.hash, b.full.hash) <= bits;
}
