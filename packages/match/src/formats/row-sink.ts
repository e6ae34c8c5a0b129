import type { DigestAlgorithm } from '../known-set.ts';
import type { PdqRowFault, PdqStated } from '../near/near-collector.ts';

/**
 * Why a row of a source was not taken. The list is closed so that totals can be compared between
 * imports; each is explained in docs/reference/compiled-set-format.md.
 */
export type RejectReason =
  | 'no-digest'
  | 'digest-not-hex'
  | 'digest-wrong-length'
  | 'digest-of-nothing'
  | 'digest-placeholder'
  | 'digest-kind-unknown'
  | 'not-a-row'
  | 'too-few-columns'
  | 'quote-not-closed'
  | 'row-too-long'
  | 'text-not-utf8'
  | 'record-malformed'
  | 'file-cut-off'
  | 'pdq-not-hex'
  | 'pdq-wrong-length'
  | 'pdq-placeholder'
  | 'pdq-low-quality';

/** Something odd in a row that was taken all the same. */
export type RowNote =
  | 'size-not-a-number'
  | 'digest-dropped-not-hex'
  | 'digest-dropped-wrong-length'
  | 'digest-dropped-of-nothing'
  | 'digest-dropped-placeholder'
  | 'category-dropped'
  | 'envelope-unknown'
  | 'value-dropped';

/**
 * Where a format reader puts the rows it finds. One current row at a time and no object per row, so
 * that a reader can deliver millions of rows a second:
 *
 *     if (!sink.setDigestHex('md5', bytes, at)) sink.rejectRow(line, 'digest-not-hex');
 *     else { sink.setSize(n); sink.endRow(line); }
 *
 * After `endRow` or `rejectRow` the current row is empty again. Every row a reader meets ends in
 * exactly one of the two, because read = accepted + duplicate + rejected must balance.
 * `place` is what the format's `placeUnit` says: a line number from 1, a record number or a byte offset.
 */
export interface RowSink {
  /** Copies a raw digest (16, 20 or 32 bytes, by algorithm) from `bytes` at `at` into the current row. */
  setDigest(algorithm: DigestAlgorithm, bytes: Uint8Array, at: number): void;
  /**
   * Decodes a hex digest (32, 40 or 64 ASCII characters of any case) from `text` at `at` into the
   * current row. False, and the row unchanged, when a character is not hex or the text ends early;
   * the caller checks that the token ends where the digest does.
   */
  setDigestHex(algorithm: DigestAlgorithm, text: Uint8Array, at: number): boolean;
  /** States the content's length; anything but a whole number from 0 to 2^53-1 is dropped and noted. */
  setSize(sizeBytes: number): void;
  /** The category code as the source writes it; never interpreted here. */
  setCategory(code: string): void;
  /**
   * Adds a PDQ hash in its text form (64 hex digits, spaces around them allowed) to the current row, which may have
   * several. What is not taken is counted here; a row that has nothing else is then rejected for it.
   */
  addPdq(text: Uint8Array, start: number, end: number, place: number, stated: PdqStated): PdqRowFault | null;
  /** What the source calls the content, to be shown with a near-match. */
  setLabel(kind: 'media-id' | 'series', text: string): void;
  /** Counts a PhotoDNA value, which is not compared. */
  countPhotoDna(): void;
  /** Counts something odd about the current row, which is still taken. */
  note(place: number, note: RowNote): void;
  /** Ends the current row; one without any digest or hash is rejected as `no-digest`. */
  endRow(place: number): void;
  /** Drops the current row and counts why. */
  rejectRow(place: number, reason: RejectReason): void;
}
