import type { StillMode } from '../still/apply-mode.ts';

/** What the parent asks of the handler; made in the parent and nowhere else. */
export type VideoRequest =
  /** Hash the first frame, key frames and gaps; or, with places (in seconds), densely around those alone. */
  | { readonly task: 'sample'; readonly around: readonly number[] }
  /** Hash every frame for a set. */
  | { readonly task: 'every'; readonly pruneBits: number }
  /** Make stills for review. */
  | { readonly task: 'strip'; readonly count: number; readonly atSeconds: readonly number[]; readonly longerSidePx: number; readonly mode: StillMode }
  /** Make one picture of stills side by side: spread over the clip, and at these seconds too. */
  | { readonly task: 'sheet'; readonly count: number; readonly exactSeconds: readonly number[]; readonly longerSidePx: number; readonly mode: StillMode };

/** The kind under which the handler is registered. */
export const VIDEO_REQUEST_KIND = 'video';
