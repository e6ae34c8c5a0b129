import type { ItemState } from '@kerbside/evidence';

/**
 * What the run knows of an item's content. `unseen` is ranked. `known` (an exact hit of an alert set) and `similar`
 * (a near-match) are shown elsewhere and serve as context. `ignorable` is neither ranked nor context.
 */
export type MediaStanding = 'unseen' | 'known' | 'similar' | 'ignorable';

/** A place in degrees, WGS 84. */
export interface GeoPlace {
  /** −90 to 90, north positive. */
  readonly latitude: number;
  /** −180 to 180, east positive. */
  readonly longitude: number;
}

/** One output of a local model for one item. */
export interface ModelScore {
  readonly modelId: string;
  readonly label: string;
  /** 0 to 1. */
  readonly score: number;
}

/** Facts about one picture or video. Null is "not known": it never counts, neither for nor against. */
export interface SeenMedia {
  /** The run's own number of the item, unique in it and the same in every run; a whole number from 0. */
  readonly ordinal: number;
  /** Display path, through containers where it is a member. */
  readonly path: string;
  /** Display path of the folder (or container) that holds it. */
  readonly folder: string;
  readonly kind: 'picture' | 'video';
  readonly standing: MediaStanding;
  readonly state: ItemState;
  readonly sizeBytes: number | null;
  readonly widthPx: number | null;
  readonly heightPx: number | null;
  /** By content, not by name. */
  readonly format: string | null;
  /** When it was taken, by the camera's own clock read as UTC, in milliseconds since 1970. */
  readonly capturedAtMs: number | null;
  readonly gps: GeoPlace | null;
  readonly make: string | null;
  readonly model: string | null;
  readonly serial: string | null;
  readonly software: string | null;
  /** True where the file or a folder above it has the hidden or system attribute; null where the file system has none. */
  readonly hiddenAttribute: boolean | null;
  /** True where the folder or one above it holds a `.nomedia`; null where nobody looked. */
  readonly underNoMedia: boolean | null;
  /** Identity orientation, 32 bytes, and PDQ's quality 0 to 100. */
  readonly pdq: { readonly hash: Uint8Array; readonly quality: number } | null;
  /** How many places look like a face; null where nobody counted. */
  readonly faces: number | null;
  /** Empty where no model ran. */
  readonly scores: readonly ModelScore[];
}
