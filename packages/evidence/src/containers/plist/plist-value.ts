/**
 * Apple property lists in their two forms, as values. A property list comes from the evidence: its
 * size, depth and number of values are bounded, and a value may stand in several places but never inside itself.
 */

/** Bytes of one property list; an Info.plist with all its app icons stays under 16 MiB. */
export const MAX_PLIST_BYTES = 64 * 1024 * 1024;

/** Levels of lists in lists; real ones have fewer than 20. */
export const MAX_PLIST_DEPTH = 64;

/** Values of one list, each counted as often as it stands somewhere; a full status list has some thousand. */
export const MAX_PLIST_VALUES = 1_000_000;

export type PlistValue = null | boolean | number | bigint | string | Uint8Array | PlistDate | PlistUid | PlistArray | PlistDict;

export class PlistDate {
  /** Seconds since 1970-01-01 UTC; may have a fraction. */
  readonly seconds: number;

  constructor(seconds: number) {
    this.seconds = seconds;
  }
}

/** A reference of a keyed archive to its list `$objects`. */
export class PlistUid {
  readonly index: number;

  constructor(index: number) {
    this.index = index;
  }
}

export type PlistArray = readonly PlistValue[];
export type PlistDict = ReadonlyMap<string, PlistValue>;

export function isDict(value: PlistValue | undefined): value is PlistDict {
  return value instanceof Map;
}

/** The value at a chain of keys; undefined as soon as one is not there. */
export function valueAt(value: PlistValue | undefined, ...keys: readonly string[]): PlistValue | undefined {
  let here = value;
  for (const key of keys) here = isDict(here) ? here.get(key) : undefined;
  return here;
}

/** A whole number that a JavaScript number holds exactly, else undefined. */
export function wholeNumber(value: PlistValue | undefined): number | undefined {
  return typeof value === 'number' && Number.isSafeInteger(value) ? value : undefined;
}
