import type { DigestAlgorithm } from '../known-set.ts';
import { countHexDigits } from '../hex.ts';
import { DIGEST_BYTES } from '../digest-kinds.ts';
import type { RejectReason, RowSink } from './row-sink.ts';

const SPACE = 0x20;
const TAB = 0x09;

/** Digest kind of a hex text by its number of digits; MD5 for 32, as ED2K is never unnamed. Null for other lengths. */
export function kindOfHexLength(digits: number): DigestAlgorithm | null {
  return digits === 32 ? 'md5' : digits === 40 ? 'sha1' : digits === 64 ? 'sha256' : null;
}

/**
 * Puts one column's digest into the row. Spaces around it are allowed; an empty field is no digest.
 *
 * @returns null when it was taken or empty, else why it cannot be
 */
export function putDigestField(
  sink: RowSink,
  algorithm: DigestAlgorithm,
  bytes: Uint8Array,
  start: number,
  end: number,
): RejectReason | null {
  const digits = DIGEST_BYTES[algorithm] * 2;
  if (end - start === digits) return sink.setDigestHex(algorithm, bytes, start) ? null : 'digest-not-hex';
  while (start < end && isBlank(bytes[start]!)) start++;
  while (end > start && isBlank(bytes[end - 1]!)) end--;
  if (start === end) return null;
  if (countHexDigits(bytes, start, end) !== end - start) return 'digest-not-hex';
  if (end - start !== digits) return 'digest-wrong-length';
  return sink.setDigestHex(algorithm, bytes, start) ? null : 'digest-not-hex';
}

/** A whole number in ASCII, spaces around it allowed: -1 when empty, NaN when it is something else. */
export function parseSizeField(bytes: Uint8Array, start: number, end: number): number {
  while (start < end && isBlank(bytes[start]!)) start++;
  while (end > start && isBlank(bytes[end - 1]!)) end--;
  if (start === end) return -1;
  if (end - start > 16) return Number.NaN;
  let value = 0;
  for (let i = start; i < end; i++) {
    const digit = bytes[i]! - 0x30;
    if (digit < 0 || digit > 9) return Number.NaN;
    value = value * 10 + digit;
  }
  return value;
}

/** Ends a row some of whose digests may be broken: taken when one is good, else rejected for the first fault. */
export function endDigestRow(sink: RowSink, place: number, taken: number, fault: RejectReason | null): void {
  if (fault === null) {
    sink.endRow(place);
  } else if (taken === 0) {
    sink.rejectRow(place, fault);
  } else {
    sink.note(place, fault === 'digest-wrong-length' ? 'digest-dropped-wrong-length' : 'digest-dropped-not-hex');
    sink.endRow(place);
  }
}

/** True for a space or tab. */
export function isBlank(byte: number): boolean {
  return byte === SPACE || byte === TAB;
}
