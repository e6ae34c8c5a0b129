import { makePicture } from '../pictures/make-picture.ts';
import { makeAvi } from './avi.ts';
import { makeMovie } from './movie.ts';
import { makeStill } from './still.ts';
import { makeWebp } from './webp.ts';

/** `heic` and `avif` have the structure of such files and noise for a picture; the others play and show. */
export type MediaKind = 'webp' | 'avi' | 'opendml' | 'mp4' | 'mov' | 'heic' | 'avif';
export const MEDIA_KINDS: readonly MediaKind[] = ['webp', 'avi', 'opendml', 'mp4', 'mov', 'heic', 'avif'];

export interface MediaOptions {
  readonly kind: MediaKind;
  readonly seed: number;
  readonly widthPx: number;
  readonly heightPx: number;
  /** Frames of a movie; 5 when absent. */
  readonly frames?: number;
  /** Of an MP4 or MOV: media data first, as cameras write it. An MP4 has it last when absent, a MOV first. */
  readonly mediaFirst?: boolean;
  /** Of an MP4 or MOV: how its media data states its length; 8 bytes in a MOV when absent, 4 in an MP4. */
  readonly mediaLength?: 'short' | 'long' | 'open';
}

/** Makes a seeded media file of the scenes that pictures show. The same options give the same bytes. */
export function makeMedia(options: MediaOptions): Buffer {
  const { kind, seed, widthPx, heightPx } = options;
  const frames = (): Buffer[] => Array.from({ length: options.frames ?? 5 }, (_, frame) => makePicture({ kind: 'jpeg', seed: seed * 1000 + frame, widthPx, heightPx }));
  switch (kind) {
    case 'webp':
      return makeWebp(seed, widthPx, heightPx, 0.2);
    case 'avi':
      return makeAvi(frames(), widthPx, heightPx, 1);
    case 'opendml':
      return makeAvi(frames(), widthPx, heightPx, 2);
    case 'mp4':
    case 'mov':
      return makeMovie(frames(), { brand: kind, mediaFirst: options.mediaFirst ?? kind === 'mov', mediaLength: options.mediaLength ?? (kind === 'mov' ? 'long' : 'short'), widthPx, heightPx });
    case 'heic':
    case 'avif':
      return makeStill(kind, seed, Math.floor((widthPx * heightPx) / 4));
  }
}
