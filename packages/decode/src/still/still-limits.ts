/** Longer side of a still when nobody asks for another, and the most there is: enough to grade by, too small to be a copy. */
export const DEFAULT_STILL_PX = 160;
export const MAX_STILL_PX = 320;

/** The least that shows anything. */
export const MIN_STILL_PX = 16;

/** Bytes of a still: 320 × 320 pixels in colour without any packing come to 300 kB. */
export const MAX_STILL_BYTES = 320 * 1024;
