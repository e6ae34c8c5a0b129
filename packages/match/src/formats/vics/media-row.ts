import type { DigestAlgorithm } from '../../known-set.ts';
import { putPdqValue } from '../pdq-fields.ts';
import type { RejectReason, RowNote, RowSink } from '../row-sink.ts';

const HEX_LENGTH: Readonly<Record<DigestAlgorithm, number>> = { md5: 32, sha1: 40, sha256: 64, ed2k: 32 };

/** Collects one media record of a VICS file and ends it as exactly one row of the sink. */
export interface MediaRow {
  begin(): void;
  digest(algorithm: DigestAlgorithm, bytes: Buffer, start: number, end: number): void;
  /** A PDQ value, `hash` or `hash,quality`. @param record number of the record in the file, from 1 */
  pdq(bytes: Buffer, start: number, end: number, record: number): void;
  label(kind: 'media-id' | 'series', text: string): void;
  photoDna(): void;
  size(text: string): void;
  category(text: string): void;
  /** The record as a whole is damaged; the first reason given counts. */
  fault(reason: RejectReason): void;
  /** The record turned out to be a case; digests it held itself belong to no content. */
  abandon(record: number): void;
  /** @param record number of the record in the file, from 1 */
  end(record: number): void;
}

/** @param sink where the rows go */
export function createMediaRow(sink: RowSink): MediaRow {
  let digests = 0;
  let hashes = 0;
  let badDigest: RejectReason | null = null;
  let whole: RejectReason | null = null;
  let notes: RowNote[] = [];

  return {
    begin() {
      digests = 0;
      hashes = 0;
      badDigest = null;
      whole = null;
      if (notes.length > 0) notes = [];
    },
    digest(algorithm, bytes, from, to) {
      let start = from;
      let end = to;
      while (start < end && bytes[start]! <= 0x20) start += 1;
      while (end > start && bytes[end - 1]! <= 0x20) end -= 1;
      if (start === end) return;
      if (end - start !== HEX_LENGTH[algorithm]) badDigest = 'digest-wrong-length';
      else if (sink.setDigestHex(algorithm, bytes, start)) digests += 1;
      else badDigest = 'digest-not-hex';
    },
    pdq(bytes, start, end, record) {
      if (bytes.toString('latin1', start, end).trim() === '') return;
      if (putPdqValue(sink, bytes, start, end, record) === null) hashes += 1;
    },
    label(kind, text) {
      sink.setLabel(kind, text);
    },
    photoDna() {
      sink.countPhotoDna();
    },
    size(text) {
      sink.setSize(/^\s*\d{1,16}\s*$/.test(text) ? Number(text) : Number.NaN);
    },
    category(text) {
      sink.setCategory(text);
    },
    fault(reason) {
      whole ??= reason;
    },
    abandon(record) {
      if (digests > 0 || hashes > 0) sink.rejectRow(record, 'record-malformed');
      digests = 0;
      hashes = 0;
    },
    end(record) {
      if (whole !== null) return sink.rejectRow(record, whole);
      if (digests === 0) return badDigest === null ? sink.endRow(record) : sink.rejectRow(record, badDigest);
      if (badDigest !== null) notes.push(badDigest === 'digest-not-hex' ? 'digest-dropped-not-hex' : 'digest-dropped-wrong-length');
      for (const note of notes) sink.note(record, note);
      sink.endRow(record);
    },
  };
}
