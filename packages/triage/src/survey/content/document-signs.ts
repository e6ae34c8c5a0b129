/** Signs of text and documents inside a piece of a file. */
import { isUtf8 } from 'node:buffer';
import type { ByteStatistics } from './byte-statistics.ts';

/** Text has no control characters; a few come from page breaks, escapes and small records between texts. Zeros are the slack between small files. */
const MAX_CONTROL_SHARE = 0.002;

/** In random bytes 11 % are control characters, so a piece without them is no chance. */
const CONTROLS = Array.from({ length: 0x20 }, (_, value) => value).filter((value) => ![0x00, 0x09, 0x0a, 0x0c, 0x0d].includes(value)).concat(0x7f);

/** More zeros than this are a table with some words in it. */
const MAX_ZERO_SHARE = 0.6;

/** Zeros up to this share change nothing. */
const FEW_ZEROS_SHARE = 0.01;

/** Spaces and line ends in text of any European language are a tenth and more; some code and data have fewer. */
const LEAST_SPACE_SHARE = 0.02;

/** Text in ASCII, UTF-8 or an 8-bit code page. */
export function isByteText(piece: Buffer, statistics: ByteStatistics): boolean {
  const { counts, lengthBytes } = statistics;
  let controls = 0;
  for (const value of CONTROLS) controls += counts[value]!;
  if (controls > lengthBytes * MAX_CONTROL_SHARE || counts[0]! > lengthBytes * MAX_ZERO_SHARE) return false;
  let high = 0;
  for (let value = 0x80; value < 0x100; value++) high += counts[value]!;
  const spaces = counts[0x20]! + counts[0x0a]! + counts[0x0d]! + counts[0x09]!;
  // Texts with zeros between them are small files in clusters; words without spaces are the names in a program.
  if (counts[0]! > lengthBytes * FEW_ZEROS_SHARE && spaces < (lengthBytes - counts[0]!) * LEAST_SPACE_SHARE) return false;
  if (high === 0) return spaces > 0 || lengthBytes < 128 || isDenseAscii(statistics);
  if (isUtf8(wholeCharacters(piece.subarray(0, lengthBytes)))) return true;
  return spaces >= lengthBytes * LEAST_SPACE_SHARE;
}

/** Base64 without line ends: letters and digits alone, no value in more than a quarter of the bytes. */
function isDenseAscii({ counts, lengthBytes }: ByteStatistics): boolean {
  return counts.every((count) => count <= lengthBytes / 4);
}

/** The piece without the parts of characters at its two ends. */
function wholeCharacters(piece: Buffer): Buffer {
  let start = 0;
  while (start < 3 && start < piece.length && (piece[start]! & 0xc0) === 0x80) start += 1;
  let end = piece.length;
  while (end > start && piece.length - end < 3 && (piece[end - 1]! & 0xc0) === 0x80) end -= 1;
  if (end > start && piece[end - 1]! >= 0xc0) end -= 1;
  else end = piece.length;
  return piece.subarray(start, end);
}

/** Units looked at: enough for shares to a few percent. */
const UNITS_LOOKED_AT = 512;
const LEAST_TEXT_UNITS_SHARE = 0.97;
/** Spaces, line ends and ideographic marks. */
const LEAST_BREAK_UNITS_SHARE = 0.02;

/** Text in UTF-16 of either byte order, from an even or an odd place on. */
export function isWideText(piece: Buffer): boolean {
  for (const start of [0, 1]) for (const isLittleEndian of [true, false]) if (isWideTextFrom(piece, start, isLittleEndian)) return true;
  return false;
}

function isWideTextFrom(piece: Buffer, start: number, isLittleEndian: boolean): boolean {
  const units = Math.min(UNITS_LOOKED_AT, (piece.length - start) >> 1);
  if (units < 32) return false;
  const strange = units * (1 - LEAST_TEXT_UNITS_SHARE);
  let others = 0;
  let breaks = 0;
  for (let index = 0; index < units; index++) {
    const at = start + index * 2;
    const unit = isLittleEndian ? piece[at]! | (piece[at + 1]! << 8) : (piece[at]! << 8) | piece[at + 1]!;
    if (isBreak(unit)) breaks += 1;
    else if (!isLetter(unit) && ++others > strange) return false;
  }
  return breaks >= units * LEAST_BREAK_UNITS_SHARE;
}

function isBreak(unit: number): boolean {
  return unit === 0x20 || unit === 0x0a || unit === 0x0d || unit === 0x09 || (unit >= 0x3000 && unit <= 0x3002) || unit === 0xff0c;
}

/** Printable ASCII to Arabic, general punctuation, kana, CJK, Hangul, full width: the scripts that fill whole texts. */
function isLetter(unit: number): boolean {
  return (unit >= 0x21 && unit <= 0x7e) || (unit >= 0xa0 && unit <= 0x6ff) || (unit >= 0x900 && unit <= 0xe7f) || (unit >= 0x2010 && unit <= 0x20bf) || (unit >= 0x3003 && unit <= 0x30ff) || (unit >= 0x4e00 && unit <= 0x9fff) || (unit >= 0xac00 && unit <= 0xd7a3) || (unit >= 0xff00 && unit <= 0xff5e);
}

const END_OF_OBJECT = Buffer.from('endobj', 'latin1');
const START_OF_OBJECT = / 0 obj/;

/** The plain frame between the streams of a PDF file (ISO 32000): `endobj`, and near it the start of the next object. */
export function hasPdfObjects(piece: Buffer): boolean {
  const at = piece.indexOf(END_OF_OBJECT);
  return at >= 0 && START_OF_OBJECT.test(piece.toString('latin1', Math.max(0, at - 512), at + 64));
}
