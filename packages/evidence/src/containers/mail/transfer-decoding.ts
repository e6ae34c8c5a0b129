/**
 * Transfer encodings of mail, each as a decoder over pieces of any length (RFC 2045 sections 6.7 and 6.8;
 * uuencode after POSIX). They take what real mail has: foreign bytes are passed over, a damaged escape is
 * kept as it stands, a cut end gives what came before it.
 */
import { decodeBase64 } from './decode-base64.ts';

export type TransferEncoding = 'base64' | 'quoted-printable' | 'uuencode' | 'none';

/** The encoding that a header names; null for one that nobody knows. */
export function knownEncoding(name: string): TransferEncoding | null {
  switch (name) {
    case 'base64':
      return 'base64';
    case 'quoted-printable':
      return 'quoted-printable';
    case 'x-uuencode':
    case 'x-uue':
    case 'uuencode':
      return 'uuencode';
    case '7bit':
    case '8bit':
    case 'binary':
    case '7-bit':
    case '8-bit':
      return 'none';
    default:
      return null;
  }
}

/** Decodes pieces; each piece is valid until the next is asked for. */
export function decodeTransfer(encoding: TransferEncoding, pieces: Iterable<Uint8Array>): Iterable<Uint8Array> {
  switch (encoding) {
    case 'base64':
      return decodeBase64(pieces);
    case 'quoted-printable':
      return decodeByLine(pieces, decodeQuotedLine);
    case 'uuencode':
      return decodeByLine(pieces, decodeUuLine);
    case 'none':
      return pieces;
  }
}

/** A line that has no end within this is decoded as it stands: no encoder writes such lines. */
const MAX_LINE_BYTES = 64 * 1024;
const NEWLINE = 0x0a;

type LineDecoder = (line: Uint8Array, out: Buffer, at: number) => number;

/** Gives whole lines, with their line end, to a decoder that writes no more bytes than it reads. */
function* decodeByLine(pieces: Iterable<Uint8Array>, decode: LineDecoder): Iterable<Uint8Array> {
  let carried = Buffer.alloc(0);
  for (const piece of pieces) {
    const bytes = carried.length === 0 ? Buffer.from(piece.buffer, piece.byteOffset, piece.byteLength) : Buffer.concat([carried, piece]);
    const out = Buffer.allocUnsafe(bytes.length);
    let to = 0;
    let at = 0;
    for (let newline = bytes.indexOf(NEWLINE); newline >= 0; newline = bytes.indexOf(NEWLINE, at)) {
      to = decode(bytes.subarray(at, newline + 1), out, to);
      at = newline + 1;
    }
    if (bytes.length - at > MAX_LINE_BYTES) {
      to = decode(bytes.subarray(at), out, to);
      at = bytes.length;
    }
    carried = Buffer.from(bytes.subarray(at));
    if (to > 0) yield out.subarray(0, to);
  }
  if (carried.length === 0) return;
  const out = Buffer.allocUnsafe(carried.length);
  const length = decode(carried, out, 0);
  if (length > 0) yield out.subarray(0, length);
}

const EQUALS = 0x3d;

function decodeQuotedLine(line: Uint8Array, out: Buffer, start: number): number {
  let to = start;
  let end = line.length;
  const hasNewline = end > 0 && line[end - 1] === NEWLINE;
  const lineEnd = !hasNewline ? 0 : end > 1 && line[end - 2] === 0x0d ? 2 : 1;
  end -= lineEnd;
  // Blanks at the end of a line were added on the way and are no content.
  let text = end;
  while (text > 0 && (line[text - 1] === 0x20 || line[text - 1] === 0x09)) text -= 1;
  const isSoft = text > 0 && line[text - 1] === EQUALS;
  const last = isSoft ? text - 1 : text;
  for (let at = 0; at < last; at++) {
    const byte = line[at]!;
    const high = byte === EQUALS && at + 2 < last ? hexDigit(line[at + 1]) : -1;
    const low = high < 0 ? -1 : hexDigit(line[at + 2]);
    if (low < 0) out[to++] = byte;
    else {
      out[to++] = (high << 4) | low;
      at += 2;
    }
  }
  if (!isSoft) for (let at = end; at < end + lineEnd; at++) out[to++] = line[at]!;
  return to;
}

function hexDigit(byte: number | undefined): number {
  if (byte === undefined) return -1;
  if (byte >= 0x30 && byte <= 0x39) return byte - 0x30;
  const letter = byte | 0x20;
  return letter >= 0x61 && letter <= 0x66 ? letter - 0x57 : -1;
}

/** One line: its length, then groups of four characters from 32 on. `begin`, `end` and empty lines hold nothing. */
function decodeUuLine(line: Uint8Array, out: Buffer, start: number): number {
  let end = line.length;
  while (end > 0 && (line[end - 1] === NEWLINE || line[end - 1] === 0x0d)) end -= 1;
  const text = Buffer.from(line.buffer, line.byteOffset, end);
  if (end === 0 || text.toString('latin1', 0, 6) === 'begin ' || text.equals(END)) return start;
  const length = Math.min((line[0]! - 32) & 63, Math.floor(((end - 1) * 3 + 3) / 4));
  let to = start;
  for (let at = 1; to - start < length; at += 4) {
    const group = (digit(line, at, end) << 18) | (digit(line, at + 1, end) << 12) | (digit(line, at + 2, end) << 6) | digit(line, at + 3, end);
    for (let shift = 16; shift >= 0 && to - start < length; shift -= 8) out[to++] = group >> shift;
  }
  return to;
}

const END = Buffer.from('end', 'latin1');

/** Blanks at the end of a line are often lost on the way; they stood for zeros. */
function digit(line: Uint8Array, at: number, end: number): number {
  return at < end ? (line[at]! - 32) & 63 : 0;
}
