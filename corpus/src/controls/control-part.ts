import type { ControlEntry } from './control-specimen.ts';

/** An entry of a part, whose volume is the part's. */
export type PartEntry = Omit<ControlEntry, 'volume'>;

/** One volume of the control disk, in memory. */
export interface ControlPart {
  /** As runs name it. */
  readonly id: string;
  /** Whole MiB. */
  readonly sizeBytes: number;
  readonly mbrType: number;
  /**
   * Writes the volume and says what is on it.
   * @param volume the volume's bytes, all zero
   * @param offset where it stands on the disk, bytes
   */
  readonly write: (volume: Buffer, offset: number) => PartEntry[];
}

/**
 * Puts content on space that nothing uses, on the volume's grid.
 * @throws RangeError when something stands there
 */
export function plantInFreeSpace(volume: Buffer, at: number, content: Uint8Array): void {
  const place = volume.subarray(at, at + content.length);
  if (place.length < content.length || place.some((byte) => byte !== 0)) throw new RangeError(`${content.length} bytes from ${at} of the volume are not free`);
  volume.set(content, at);
}

/** A live or deleted file that whole-file digests must find. */
export function fileMarker(name: string, path: string, known: Buffer, place: ControlEntry['place'] = 'search'): PartEntry {
  return { name, expected: 'hit', lane: 'file', path, known, stored: known, place };
}

/** Known content, or a part of it, that blocks must find. */
export function blockMarker(name: string, path: string | null, known: Buffer, stored: Buffer = known, place: ControlEntry['place'] = 'search'): PartEntry {
  return { name, expected: 'hit', lane: 'survey', path, known, stored, place };
}

/** A whole known file in free space that carving must give back to the byte. */
export function carvedMarker(name: string, known: Buffer): PartEntry {
  return { name, expected: 'hit', lane: 'carving', path: null, known, stored: known, place: 'search' };
}

/** Known content inside a container, which must be found by opening that. `path` goes through the container. */
export function memberMarker(name: string, path: string, known: Buffer, place: ControlEntry['place'] = 'search'): PartEntry {
  return { name, expected: 'hit', lane: 'content', path, known, stored: known, place };
}

/** An altered copy of a picture that stands nowhere itself: found by what it looks like alone. */
export function nearMarker(name: string, path: string, original: Buffer): PartEntry {
  return { name, expected: 'hit', lane: 'near', path, known: original, stored: original, place: [] };
}

/** What must not be taken for known. */
export function lookAlike(name: string, lane: ControlEntry['lane'], path: string | null, stored: Buffer, place: ControlEntry['place'] = 'search'): PartEntry {
  return { name, expected: 'no-hit', lane, path, known: null, stored, place };
}
