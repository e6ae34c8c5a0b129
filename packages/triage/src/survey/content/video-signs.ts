/**
 * Signs of video inside a piece of a file.
 *
 * MPEG-TS (ISO/IEC 13818-1)         packets of 188 bytes (192 with a time code, 204 with a check), each begins with 47
 * MPEG-PS (ISO/IEC 13818-1, 11172-1)  packs 00 00 01 BA, then 01…… (MPEG-2) or 0010…. (MPEG-1); packets 00 00 01 E0–EF
 * AVC, HEVC in MP4 (ISO/IEC 14496-15) units: length u32 BE, header (top bit 0), data; the next unit follows
 * AVI (RIFF)                        chunks: two digits, `dc`, `db` or `wb`, length u32 LE, data, padded to even
 * Matroska (RFC 9559)               cluster 1F 43 B6 75, size, time code E7; blocks A3, size, track 81–88, time, flags
 */

import { hasMarksAtStride } from './marks-at-stride.ts';

const TS_SYNC = 0x47;
/** Lengths of packets, each with its length divided by each of its primes. */
const TS_PACKETS: readonly (readonly [packetBytes: number, shorterBytes: readonly number[]])[] = [
  [188, [94, 4]],
  [192, [96, 64]],
  [204, [102, 68, 12]],
];
/** Twelve sync bytes in a row come by chance at one place in 10^28. */
const LEAST_TS_PACKETS = 12;

export function isTransportStream(piece: Buffer): boolean {
  return TS_PACKETS.some(([packetBytes, shorterBytes]) => hasMarksAtStride(piece, TS_SYNC, packetBytes, LEAST_TS_PACKETS, shorterBytes));
}

const START_CODE = Buffer.from([0, 0, 1]);
/** Start codes looked at; more are met only in tables of small numbers. */
const MAX_START_CODES = 64;

/** True for packs of a program stream with video packets, and for MPEG-1/2 video whose slices follow one another. */
export function isProgramStream(piece: Buffer): boolean {
  let packs = 0;
  let videoPackets = 0;
  let slices = 0;
  let lastSlice = 0;
  let looked = 0;
  for (let at = piece.indexOf(START_CODE); at >= 0 && at + 5 < piece.length && looked < MAX_START_CODES; at = piece.indexOf(START_CODE, at + 3)) {
    looked += 1;
    const code = piece[at + 3]!;
    const next = piece[at + 4]!;
    if (code === 0xba && ((next & 0xc4) === 0x44 || (next & 0xf1) === 0x21)) packs += 1;
    else if (code >= 0xe0 && code <= 0xef) videoPackets += 1;
    else if (code >= 0x01 && code <= 0xaf) {
      slices = code === lastSlice + 1 || code === lastSlice ? slices + 1 : 0;
      lastSlice = code;
      // Five slices of rising number: one in 256 each by chance, and each start code once in 16 MiB.
      if (slices >= 5) return true;
    }
  }
  return packs >= 2 || (packs >= 1 && videoPackets >= 1);
}

const TWO_ZEROS = Buffer.from([0, 0]);
/** Coded video has few zero pairs, which its own escape keeps away; a piece with many is none. */
const MAX_LENGTHS_TRIED = 96;
/** One length and header of any unit fit by chance at one place in some hundred thousand; three that lead to one another do not. */
const LEAST_UNITS = 3;
/**
 * Two lengths with the start of a whole picture, the second not far behind the first, fit by chance in one piece of 64 KiB in 60,000.
 * Between them may stand some frames of sound.
 */
const MAX_SOUND_BYTES = 4096;
const LEAST_UNIT_BYTES = 6;
const LEAST_PICTURE_BYTES = 32;
const MAX_UNIT_BYTES = 16 * 1024 * 1024;
/** Units of a few bytes each are met in tables of numbers. */
const LEAST_CHAIN_BYTES = 512;

/** True where lengths lead from one coded unit to the next: three units of any type, or two whole pictures with at most some sound between them. */
export function hasUnitChain(piece: Buffer): boolean {
  let tried = 0;
  for (let at = piece.indexOf(TWO_ZEROS); at >= 0 && tried < MAX_LENGTHS_TRIED; at = piece.indexOf(TWO_ZEROS, at + 1)) {
    tried += 1;
    if (unitsFrom(piece, at) || picturesFrom(piece, at)) return true;
  }
  return false;
}

function picturesFrom(piece: Buffer, start: number): boolean {
  const first = pictureLengthAt(piece, start);
  if (first === 0) return false;
  const end = start + 4 + first;
  for (let at = piece.indexOf(TWO_ZEROS, end); at >= 0 && at <= end + MAX_SOUND_BYTES; at = piece.indexOf(TWO_ZEROS, at + 1)) if (pictureLengthAt(piece, at) > 0) return true;
  return false;
}

/** Length of the AVC slice whose length stands at `at`, or 0. Its first macroblock is 0, which is coded as a single 1 bit. */
function pictureLengthAt(piece: Buffer, at: number): number {
  if (at + 6 > piece.length) return 0;
  const length = piece.readUInt32BE(at);
  const type = piece[at + 4]! & 0x9f;
  return length >= LEAST_PICTURE_BYTES && length <= MAX_UNIT_BYTES && (type === 1 || type === 5) && piece[at + 5]! >= 0x80 ? length : 0;
}

function unitsFrom(piece: Buffer, start: number): boolean {
  let at = start;
  for (let units = 1; at + 6 <= piece.length; units++) {
    const length = piece.readUInt32BE(at);
    if (length < LEAST_UNIT_BYTES || length > MAX_UNIT_BYTES || !isUnitHeader(piece[at + 4]!, piece[at + 5]!)) return false;
    // The last unit may reach past the piece: its own length and header stood in it.
    at += 4 + length;
    if (units >= LEAST_UNITS && at - start >= LEAST_CHAIN_BYTES) return true;
  }
  return false;
}

/** AVC: unit types 1 (slice), 5 (key slice), 6–9; slices have a reference number or are type 1. HEVC: layer 0, temporal id 1–7. */
function isUnitHeader(first: number, second: number): boolean {
  if ((first & 0x80) !== 0) return false;
  const avcType = first & 0x1f;
  if (avcType === 1 || (avcType >= 5 && avcType <= 9)) return true;
  const hevcType = first >> 1;
  return (first & 1) === 0 && second >> 3 === 0 && (second & 7) === 1 && (hevcType <= 9 || (hevcType >= 16 && hevcType <= 21) || (hevcType >= 32 && hevcType <= 40));
}

const AVI_CHUNKS = ['00dc', '00db', '01wb'].map((name) => Buffer.from(name, 'latin1'));
const MAX_AVI_CHUNK_BYTES = 16 * 1024 * 1024;

/** True for a picture chunk of AVI: its name, 4 bytes, and a length of less than 16 MiB come by chance once in 2^40 places. */
export function hasAviChunk(piece: Buffer): boolean {
  return AVI_CHUNKS.some((name) => {
    const at = piece.indexOf(name);
    return at >= 0 && at + 8 <= piece.length && piece.readUInt32LE(at + 4) <= MAX_AVI_CHUNK_BYTES && isNextChunk(piece, at + 8 + piece.readUInt32LE(at + 4));
  });
}

/** True past the piece, else where two digits and two letters of a chunk name stand. */
function isNextChunk(piece: Buffer, end: number): boolean {
  const at = end + (end % 2 === 0 ? 0 : 1);
  if (end + 5 > piece.length) return true;
  return [end, at, end + 1].some((start) => /^(\d\d(dc|db|wb|pc|tx)|ix\d\d|idx1|JUNK|LIST)/.test(piece.toString('latin1', start, start + 4)));
}

const CLUSTER = Buffer.from([0x1f, 0x43, 0xb6, 0x75]);
const BLOCK_ID = 0xa3;
/** A byte of A3 with a track number after its size comes by chance at one place in 8,000; three that lead to one another do not. */
const LEAST_BLOCKS = 3;

/** True for the start of a Matroska cluster, or blocks that lead to one another. */
export function hasMatroskaBlocks(piece: Buffer): boolean {
  const cluster = piece.indexOf(CLUSTER);
  if (cluster >= 0 && cluster + 14 <= piece.length) {
    const size = sizeAt(piece, cluster + 4);
    if (size !== null && piece[size.next] === 0xe7) return true;
  }
  for (let at = piece.indexOf(BLOCK_ID); at >= 0; at = piece.indexOf(BLOCK_ID, at + 1)) {
    let blocks = 0;
    let next = at;
    while (next < piece.length && piece[next] === BLOCK_ID) {
      const size = sizeAt(piece, next + 1);
      const track = size === null ? 0 : (piece[size.next] ?? 0);
      if (size === null || track < 0x81 || track > 0x88 || size.value < 5) break;
      blocks += 1;
      next = size.next + size.value;
    }
    if (blocks >= LEAST_BLOCKS) return true;
  }
  return false;
}

/** A number of 1 to 8 bytes whose leading zero bits tell its length; unknown sizes (all ones) are given as 0. */
function sizeAt(piece: Buffer, at: number): { readonly value: number; readonly next: number } | null {
  const first = piece[at];
  if (first === undefined || first === 0) return null;
  const length = Math.clz32(first) - 23;
  if (at + length > piece.length) return null;
  let value = first & (0xff >> length);
  for (let index = 1; index < length; index++) value = value * 256 + piece[at + index]!;
  return { value: value > 2 ** 40 ? 0 : value, next: at + length };
}
