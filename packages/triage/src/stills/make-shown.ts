import { checkStill, makeStill, renderSheet, type Decoders, type Still, type StillMode } from '@kerbside/decode';
import { rangesOf } from '../content/ranges-of.ts';
import type { ReviewItem } from './review-item.ts';
import type { StillStore } from './still-store.ts';
import { packStrip, unpackStrip, type StripFacts } from './strip-record.ts';

/** What is asked for of an item. */
export interface WantedStill {
  readonly mode: StillMode;
  /** Of a picture, and of each frame of a video. */
  readonly longerSidePx: number;
  /** SHA-256, hex. */
  readonly contentDigest: string;
  /** Times of a video whose very frames are shown among the others; fewer than there are frames in a strip. */
  readonly nearSeconds: readonly number[];
}

/** A still, or the strip of a video. */
export interface MadeStill {
  readonly still: Still;
  readonly strip: StripFacts | null;
  /** `store` when it had been made before; `made`; `made-not-kept` where the store is full. */
  readonly from: 'store' | 'made' | 'made-not-kept';
}

/** Frames of a strip: those of near-matches, and the others spread over the video. */
const STRIP_FRAMES = 9;

/** Looks for it among those made before. @throws RefusedError `still-store-altered` */
export function findKept(store: StillStore, { kind }: Pick<ReviewItem, 'kind'>, wanted: WantedStill): MadeStill | null {
  const kept = store.find(nameOf(kind, wanted));
  if (kept === null) return null;
  if (kind === 'video') return { ...unpackStrip(kept, wanted.mode), from: 'store' };
  return { still: { ...checkStill(kept), mode: wanted.mode, bytes: kept }, strip: null, from: 'store' };
}

/** Makes it in the sandbox and keeps it. @throws what the sandbox says of the content; RefusedError `still-store-not-writable` */
export async function makeShown(decoders: Pick<Decoders, 'run'>, store: StillStore, item: Pick<ReviewItem, 'kind' | 'source'>, wanted: WantedStill): Promise<MadeStill> {
  const { mode, longerSidePx, nearSeconds } = wanted;
  const keep = (bytes: Uint8Array): MadeStill['from'] => (store.keep(nameOf(item.kind, wanted), bytes) ? 'made' : 'made-not-kept');
  if (item.kind === 'picture') {
    // Zeros stand where the medium gave nothing; that is told with it.
    const bytes = Buffer.alloc(item.source.sizeBytes);
    item.source.readInto(bytes, 0);
    const still = await makeStill(decoders, bytes, { mode, longerSidePx });
    return { still, strip: null, from: keep(still.bytes) };
  }
  const { still, seconds, columns, problems } = await renderSheet(decoders, rangesOf(item.source), { mode, longerSidePx, count: STRIP_FRAMES - nearSeconds.length, exactSeconds: nearSeconds });
  const strip: StripFacts = { seconds, columns, notes: problems.map(({ message }) => message) };
  return { still, strip, from: keep(packStrip(still, strip)) };
}

function nameOf(kind: ReviewItem['kind'], { contentDigest, mode, longerSidePx, nearSeconds }: WantedStill): string {
  return JSON.stringify(kind === 'picture' ? [contentDigest, mode, longerSidePx] : [contentDigest, mode, longerSidePx, 'strip', ...nearSeconds]);
}
