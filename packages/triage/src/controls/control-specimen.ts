import type { ByteRange } from '@kerbside/bytes';

/** Lane that has to find a marker, or that would be deceived by a look-alike. `near` is the part of the content lane that decodes pictures. */
export type ControlLane = 'file' | 'survey' | 'carving' | 'content' | 'near';

/** One marker that must be found on the control volume, or one look-alike that must not be. */
export interface ControlSpecimen {
  /** In words, as a report shows it. */
  readonly name: string;
  readonly expected: 'hit' | 'no-hit';
  readonly lane: ControlLane;
  /** Volume that holds it, `p1` …; null for space outside them. */
  readonly volume: string | null;
  /** As a run shows it, `p1/…`; null where no directory entry leads to it. */
  readonly path: string | null;
  /** Bytes of the volume where the content stands, in the order of the content; empty where it does not stand as it is. */
  readonly ranges: readonly ByteRange[];
  /** Hex, of the whole content. */
  readonly sha1: string;
  readonly sizeBytes: number;
}

/** A set that knows the markers, and the lanes in which it answers. */
export interface ControlSet {
  readonly path: string;
  /** As reports name it. */
  readonly name: string;
  /** A marker of one of these lanes must be found in this set. */
  readonly answers: readonly ControlLane[];
}

/** Everything that a run of the controls needs, ready on the disk. */
export interface PreparedControls {
  readonly folder: string;
  readonly imagePath: string;
  /** SHA-256 of the control volume, hex. */
  readonly volumeDigest: string;
  readonly specimens: readonly ControlSpecimen[];
  readonly sets: readonly ControlSet[];
  /** What must not have changed: paths of files and folders, and their seals. */
  readonly seals: ReadonlyMap<string, string>;
}
