import type { DigestAlgorithm } from '../known-set.ts';
import type { RowSink } from './row-sink.ts';

/** One row as a test reads it. */
export interface RecordedRow {
  place: number;
  md5?: string;
  sha1?: string;
  sha256?: string;
  ed2k?: string;
  sizes?: number[];
  category?: string;
  pdq?: string[];
  label?: string;
}

/** A row sink that remembers everything, for tests of format readers. */
export function createRecordingSink(): { sink: RowSink; rows: RecordedRow[]; rejected: [number, string][]; notes: [number, string][] } {
  const rows: RecordedRow[] = [];
  const rejected: [number, string][] = [];
  const notes: [number, string][] = [];
  let row: Partial<RecordedRow> = {};
  const length: Record<DigestAlgorithm, number> = { md5: 16, sha1: 20, sha256: 32, ed2k: 16 };
  const sink: RowSink = {
    setDigest: (algorithm, bytes, at) => {
      row[algorithm] = Buffer.from(bytes.subarray(at, at + length[algorithm])).toString('hex');
    },
    setDigestHex: (algorithm, text, at) => {
      const hex = Buffer.from(text.subarray(at, at + length[algorithm] * 2)).toString('latin1');
      if (hex.length !== length[algorithm] * 2 || !/^[0-9a-f]+$/i.test(hex)) return false;
      row[algorithm] = hex.toLowerCase();
      return true;
    },
    setSize: (sizeBytes) => {
      if (Number.isSafeInteger(sizeBytes) && sizeBytes >= 0) row.sizes = [sizeBytes];
    },
    setCategory: (code) => {
      row.category = code;
    },
    addPdq: (text, start, end, _place, { quality, milliseconds }) => {
      const hex = Buffer.from(text.subarray(start, end)).toString('latin1').trim().toLowerCase();
      if (!/^[0-9a-f]{64}$/.test(hex)) return hex.length === 64 ? 'pdq-not-hex' : 'pdq-wrong-length';
      (row.pdq ??= []).push(`${hex},${quality},${milliseconds}`);
      return null;
    },
    setLabel: (kind, text) => {
      row.label = `${row.label === undefined ? '' : `${row.label} `}${kind} ${text}`;
    },
    countPhotoDna: () => {},
    note: (place, note) => notes.push([place, note]),
    endRow: (place) => {
      if (row.pdq === undefined) delete row.label;
      if (row.md5 ?? row.sha1 ?? row.sha256 ?? row.ed2k ?? row.pdq) rows.push({ place, ...row });
      else rejected.push([place, 'no-digest']);
      row = {};
    },
    rejectRow: (place, reason) => {
      rejected.push([place, reason]);
      row = {};
    },
  };
  return { sink, rows, rejected, notes };
}
