/**
 * Limits of carving. What reaches one is told as a problem that names it; what is merely broken, as
 * most of what lies in free space is, is only counted.
 */

const MIB = 1024 ** 2;
const GIB = 1024 ** 3;

/** Kinds of file that are carved; the extension of a carved item's name says more (`mov`, `avif`). */
export const CARVED_KINDS = ['jpeg', 'png', 'gif', 'webp', 'avi', 'heif', 'mp4'] as const;
export type CarvedKind = (typeof CARVED_KINDS)[number];

/**
 * Longest file of each kind. Pictures: several times what a 150-megapixel camera back or a long
 * animation makes. Video: more than a day of the best that a home camera records.
 */
export const MAX_CARVED_BYTES: Readonly<Record<CarvedKind, number>> = {
  jpeg: 512 * MIB,
  png: 1024 * MIB,
  gif: 512 * MIB,
  webp: 512 * MIB,
  avi: 1024 * GIB,
  heif: 1024 * MIB,
  mp4: 1024 * GIB,
};

/** Items of one call. A 1 TB disk full of deleted 200 KB pictures holds 5 million; the catalogue takes about 150 bytes for each. */
export const MAX_CARVED_ITEMS = 5_000_000;

/**
 * Segments, chunks or boxes of one file. A recording in fragments writes two boxes a second or a
 * frame; a million is nine hours of the latter.
 */
export const MAX_PARTS = 1_000_000;

/** Segments of a JPEG before its first scan. A 16 MB colour profile or depth map in pieces of 64 KiB takes 256. */
export const MAX_JPEG_HEAD_SEGMENTS = 1_024;

/**
 * Bytes that may be looked at, or read from the source, in vain, for headers whose structure then breaks: as many times the
 * bytes searched, and some to begin with. Real free space stays far below one; past it someone has
 * planted headers that lead far, and the rest of them is left until the search has caught up.
 */
export const VAIN_SHARE = 4;
export const VAIN_START_BYTES = 256 * MIB;
