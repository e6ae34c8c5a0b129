import type { Catalogue } from './catalogue.ts';

/**
 * Order of reading: lower bands first, and inside a band the order of the disk. Deleted items come
 * after all live ones, in the same bands.
 */
export const BAND = { knownSize: 0, userMedia: 1, userArea: 2, recentMedia: 3, media: 4, mediaByContent: 5, recent: 6, rest: 7, count: 8 } as const;

/** Bands below this are known by name alone and read first; the others wait until contents have been looked at. */
export const FIRST_PART_BANDS = BAND.mediaByContent;

/** Folders where people keep what they made or fetched, on phones, cameras and computers. */
const USER_AREA =
  /(^|\/)(dcim|camera|pictures|photos|images|videos|movies|downloads?|desktop|documents|onedrive|dropbox|google ?drive|icloud|whatsapp[^/]*|telegram[^/]*|signal|snapchat|kik|shared|incoming|emule|torrents?|\$recycle\.bin|\.trash[^/]*|trash)(\/|$)/;

/** Endings of pictures, video, and archives that hold them. */
const MEDIA_NAME =
  /\.(jpe?g|jpe|jfif|png|gif|bmp|webp|heic|heif|avif|tiff?|dng|cr2|nef|arw|mp4|m4v|mov|avi|mkv|webm|wmv|flv|mpe?g|3gp|3g2|mts|m2ts|ts|vob|asf|rmvb?|divx|ogv|zip|rar|7z)$/;

/** Days before the newest usual date that count as recent. */
const RECENT_SECONDS = 90 * 86_400;

const NONE: ReadonlySet<number> = new Set();

/** A band for every item of a catalogue; asks only what the items themselves say, so it is the same on every run. */
export interface PriorityRule {
  bandOf(ordinal: number, hasKnownSize: boolean): number;
}

/** @param mediaByContent items that hold media under another name (sniff-media.ts) */
export function priorityRule(catalogue: Catalogue, from: number, mediaByContent: ReadonlySet<number> = NONE): PriorityRule {
  const userAreas = new Int8Array(catalogue.folderCount).fill(-1);
  const recentFrom = recentThreshold(catalogue, from);
  const isUserArea = (folder: number): boolean => {
    if (userAreas[folder] === -1) userAreas[folder] = USER_AREA.test(catalogue.folderPath(folder).toLowerCase()) ? 1 : 0;
    return userAreas[folder] === 1;
  };
  return {
    bandOf(ordinal, hasKnownSize) {
      if (hasKnownSize) return BAND.knownSize;
      const media = MEDIA_NAME.test(catalogue.name(ordinal).toLowerCase());
      if (isUserArea(catalogue.folder(ordinal))) return media ? BAND.userMedia : BAND.userArea;
      const recent = catalogue.modifiedSeconds(ordinal) >= recentFrom;
      if (media) return recent ? BAND.recentMedia : BAND.media;
      if (mediaByContent.has(ordinal)) return BAND.mediaByContent;
      return recent ? BAND.recent : BAND.rest;
    },
  };
}

/**
 * The date from which an item is recent: 90 days before the 98th percentile of the modification
 * dates. Not before the newest one, which is often a wrong clock, and not before today, which
 * would give another plan tomorrow.
 */
function recentThreshold(catalogue: Catalogue, from: number): number {
  const dates = new Float64Array(catalogue.length - from);
  let count = 0;
  for (let ordinal = from; ordinal < catalogue.length; ordinal++) {
    const seconds = catalogue.modifiedSeconds(ordinal);
    if (!Number.isNaN(seconds)) dates[count++] = seconds;
  }
  if (count === 0) return Number.POSITIVE_INFINITY;
  const sorted = dates.subarray(0, count).sort();
  return sorted[Math.floor((count - 1) * 0.98)]! - RECENT_SECONDS;
}
