/**
 * Names from evidence are bytes first. They are decoded only for display, and the display form is
 * injective: what cannot be shown plainly is escaped, so two different names never look the same
 * and a name can never act as a path, a terminal command or a line break.
 */

export type NameEncoding = 'utf-8' | 'utf-16le' | 'cp437' | 'cp850' | 'latin1';

/** One component of a path as the evidence holds it. */
export interface EvidenceName {
  readonly bytes: Uint8Array;
  readonly encoding: NameEncoding;
}
