import type { ByteRange } from '@kerbside/bytes';

/** Lane that has to find a marker, or that would be deceived by a look-alike. `near` is the part of the content lane that decodes pictures. */
export type ControlLane = 'file' | 'survey' | 'carving' | 'content' | 'near';

/** One marker that must be found, or one look-alike that must not, and where it stands on the control volume. */
export interface ControlSpecimen {
  /** In words, as a report shows it. */
  readonly name: string;
  readonly expected: 'hit' | 'no-hit';
  readonly lane: ControlLane;
  /** Volume that holds it, `p1` …; null for space outside them. */
  readonly volume: string | null;
  /** As a run shows it, `p1/…`; null where no directory entry leads to it. */
  readonly path: string | null;
  /** Bytes of the volume where the content stands, in the order of the content; empty where it does not stand as it is (packed, inside a record). */
  readonly ranges: readonly ByteRange[];
  /** Of the known content of a marker (whole, even where only a part or an altered copy is stored); of what a look-alike holds. */
  readonly sha1: string;
  /** Length of that content. */
  readonly sizeBytes: number;
}

/** A specimen before its place is known, with its bytes. */
export interface ControlEntry extends Omit<ControlSpecimen, 'ranges' | 'sha1' | 'sizeBytes'> {
  /** Content that the sets hold, of an altered copy the original; null for a look-alike. */
  readonly known: Buffer | null;
  /** What is stored of it, or instead of it. */
  readonly stored: Buffer;
  /** Where it stands, or `search` to look for it in the finished image. */
  readonly place: 'search' | readonly ByteRange[];
}
