import { ByteView } from '@kerbside/bytes';
import { findRafJpeg } from './find-exif.ts';
import { readJpegParts } from './jpeg-parts.ts';
import type { PictureFormat } from './picture-result.ts';
import { readTiffDirectories, TIFF_TAG, type TiffDirectory, type TiffTree } from './tiff-directories.ts';

/** A JPEG within the file. */
export interface EmbeddedJpeg {
  readonly bytes: Uint8Array;
  readonly width: number;
  readonly height: number;
}

/** Beginnings of JPEG that are followed up in one raw file. */
const MAX_BEGINNINGS = 256;

/** JPEGs that one file may bring. */
export const MAX_EMBEDDED = 8;

/** Compression 6 and 7: JPEG as one strip. */
const JPEG_COMPRESSIONS = new Set([6, 7]);

/** The JPEGs that a block of tags points at: thumbnails (EXIF IFD1) and the previews of raw files. */
export function jpegsOfTags(block: Uint8Array, { directories }: TiffTree): EmbeddedJpeg[] {
  const found: EmbeddedJpeg[] = [];
  for (const directory of directories) {
    for (const [at, length] of placesOf(directory)) addJpeg(found, block, at, length);
    const whole = directory.bytes(TIFF_TAG.panasonicJpeg);
    if (directory.role === 'main' && whole !== null) addJpeg(found, whole, 0, whole.length);
  }
  return found;
}

function placesOf(directory: TiffDirectory): (readonly [at: number, length: number])[] {
  const places: (readonly [number, number])[] = [];
  const at = directory.number(TIFF_TAG.jpegOffset);
  const length = directory.number(TIFF_TAG.jpegLength);
  if (at !== null && length !== null) places.push([at, length]);
  const strips = directory.numbers(TIFF_TAG.stripOffsets);
  const counts = directory.numbers(TIFF_TAG.stripByteCounts);
  if (strips?.length === 1 && counts?.length === 1 && JPEG_COMPRESSIONS.has(directory.number(TIFF_TAG.compression) ?? 0)) places.push([strips[0]!, counts[0]!]);
  return places;
}

/**
 * Every JPEG in a raw file, the largest first: those that its tags, boxes or header point at, and where
 * those lead nowhere (Olympus and Canon keep them behind the maker's own tags) those found by their beginning.
 */
export function jpegsOfRaw(bytes: Uint8Array, format: PictureFormat, tree: TiffTree | null): EmbeddedJpeg[] {
  const found = tree === null ? [] : jpegsOfTags(bytes, tree);
  const whole = format === 'raw-raf' ? rafJpeg(bytes) : null;
  if (whole !== null) addJpeg(found, whole, 0, whole.length);
  if (format === 'raw-cr3' || format === 'raw-orf' || found.length === 0) searchJpegs(found, bytes);
  return found.sort((a, b) => b.width * b.height - a.width * a.height).slice(0, MAX_EMBEDDED);
}

function rafJpeg(bytes: Uint8Array): Uint8Array | null {
  return bytes.length < 92 ? null : findRafJpeg(bytes);
}

function searchJpegs(found: EmbeddedJpeg[], bytes: Uint8Array): void {
  const file = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const beginning = Buffer.from([0xff, 0xd8, 0xff]);
  let at = file.indexOf(beginning, 1);
  for (let tries = 0; at > 0 && tries < MAX_BEGINNINGS; tries++) {
    // Its end is not known: a decoder stops at the end marker. A thumbnail inside its own metadata is found as well.
    addJpeg(found, bytes, at, bytes.length - at);
    at = file.indexOf(beginning, at + 3);
  }
}

function addJpeg(found: EmbeddedJpeg[], block: Uint8Array, at: number, length: number): void {
  if (found.length >= MAX_EMBEDDED || length < 4 || at + 4 > block.length || block[at] !== 0xff || block[at + 1] !== 0xd8) return;
  const bytes = block.subarray(at, Math.min(block.length, at + length));
  const { width, height, ordinary } = readJpegParts(bytes);
  const known = found.some((one) => one.bytes.byteOffset === bytes.byteOffset);
  if (ordinary && width > 0 && height > 0 && !known) found.push({ bytes, width, height });
}

/** Kinds of MPF pictures that are smaller copies of the first: large thumbnails. Others (panorama, 3D) are pictures of their own. */
const MPF_LARGE_THUMBNAIL = 1;

/**
 * Large thumbnails of the multi-picture extension (CIPA DC-007): tag B002 holds 16 bytes a picture:
 * u32 attributes (kind in the low 24 bits, 01xxxx a large thumbnail), u32 length, u32 offset from the block's byte order.
 */
export function jpegsOfMpf(file: Uint8Array, mpfAt: number): EmbeddedJpeg[] {
  if (mpfAt < 0) return [];
  const block = file.subarray(mpfAt);
  const { directories } = readTiffDirectories(block);
  const entries = directories[0]?.bytes(TIFF_TAG.mpEntries) ?? null;
  if (entries === null) return [];
  const view = new ByteView(entries);
  const little = block[0] === 0x49;
  const u32 = (at: number): number => (little ? view.u32(at) : view.u32be(at));
  const found: EmbeddedJpeg[] = [];
  for (let at = 0; at + 16 <= view.length && found.length < MAX_EMBEDDED; at += 16) {
    if (((u32(at) >>> 16) & 0xff) === MPF_LARGE_THUMBNAIL && u32(at + 8) > 0) addJpeg(found, block, u32(at + 8), u32(at + 4));
  }
  return found;
}
