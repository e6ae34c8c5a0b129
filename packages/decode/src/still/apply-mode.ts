import { blurRaster } from './blur-raster.ts';
import { drawEdges } from './draw-edges.ts';
import type { Raster } from '../pdq/raster.ts';
import { toGrey } from './to-grey.ts';

/**
 * How a still is shown. `grey`: brightness alone. `blur`: forms without detail. `drawing`: dark lines on white where
 * brightness changes. `colour-small`: as it is, small. These are comfort controls; evidence of benefit is mixed (docs/guide/review.md).
 */
export const STILL_MODES = ['grey', 'blur', 'drawing', 'colour-small'] as const;
export type StillMode = (typeof STILL_MODES)[number];

/** Mode of a still when nobody asks for another: the least that still lets new items be told apart. */
export const DEFAULT_STILL_MODE: StillMode = 'drawing';

/** Blur as a share of the longer side: a face in a group is no longer a face, a beach is still a beach. */
const BLUR_SHARE = 1 / 40;

/** Applies a mode to pixels; the size stays. */
export function applyMode(raster: Raster, mode: StillMode): Raster {
  switch (mode) {
    case 'grey':
      return toGrey(raster);
    case 'blur':
      return blurRaster(raster, Math.max(1.5, Math.max(raster.width, raster.height) * BLUR_SHARE));
    case 'drawing':
      return drawEdges(toGrey(raster));
    case 'colour-small':
      return raster;
  }
}
