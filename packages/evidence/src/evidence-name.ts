/**
 * Names from evidence are bytes first. They are decoded only for display, and the display form is
 * injective: what cannot be shown plainly is escaped, so two different names never look the same
 * and a name can never act as a path, a terminal command or a line break.
 */

/** `given`: not from the evidence but given by this program, ASCII letters and digits; shown as `\[name]`, which no name from evidence can be. */
export type NameEncoding = 'utf-8' | 'utf-16le' | 'cp437' | 'cp850' | 'latin1' | 'given';

/** One component of a path as the evidence holds it. */
export interface EvidenceName {
  readonly bytes: Uint8Array;
  readonly encoding: NameEncoding;
}
