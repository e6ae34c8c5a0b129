import type { PictureFormat } from './picture-result.ts';
import { readTiffDirectories, TIFF_TAG, type TiffDirectory } from './tiff-directories.ts';

/** Lengths that the second header of a Windows bitmap may have: OS/2 and the five of Windows. */
const BMP_HEADERS = new Set([12, 16, 40, 52, 56, 64, 108, 124]);

/** Brands of ISO/IEC 23008-12 and of the AV1 still format; `mif1` and `msf1` alone say only "a HEIF file". */
const HEIC_BRANDS = new Set(['heic', 'heix', 'heim', 'heis', 'hevc', 'hevx', 'hevm', 'hevs']);
const AVIF_BRANDS = new Set(['avif', 'avis']);

/** Brands in one `ftyp` that are looked at; writers state about ten. */
const MAX_BRANDS = 64;

/** What a file is by its first bytes and, for TIFF and its camera forms, by its first directory; never by its name. */
export function recognisePicture(bytes: Uint8Array): PictureFormat | null {
  const text = (at: number, length: number): string => String.fromCharCode(...bytes.subarray(at, at + length));
  if (bytes[0] === 0xff && bytes[1] === 0xd8 && bytes[2] === 0xff) return 'jpeg';
  if (text(0, 8) === '\x89PNG\r\n\x1a\n') return 'png';
  const six = text(0, 6);
  if (six === 'GIF87a' || six === 'GIF89a') return 'gif';
  if (text(0, 4) === 'RIFF' && text(8, 4) === 'WEBP') return 'webp';
  if (text(0, 15) === 'FUJIFILMCCD-RAW') return 'raw-raf';
  if (text(4, 4) === 'ftyp') return recogniseBoxes(bytes, text);
  if (six.startsWith('BM') && BMP_HEADERS.has((bytes[14] ?? 0) | ((bytes[15] ?? 0) << 8)) && bytes[16] === 0 && bytes[17] === 0) return 'bmp';
  return recogniseTiff(bytes, text);
}

function recogniseBoxes(bytes: Uint8Array, text: (at: number, length: number) => string): PictureFormat | null {
  const length = Math.min(((bytes[0]! << 24) | (bytes[1]! << 16) | (bytes[2]! << 8) | bytes[3]!) >>> 0, bytes.length, 16 + 4 * MAX_BRANDS);
  const brands = [text(8, 4)];
  for (let at = 16; at + 4 <= length; at += 4) brands.push(text(at, 4));
  if (brands[0] === 'crx ') return 'raw-cr3';
  if (brands.some((brand) => AVIF_BRANDS.has(brand))) return 'avif';
  if (brands.some((brand) => HEIC_BRANDS.has(brand))) return 'heic';
  return brands[0] === 'mif1' || brands[0] === 'msf1' ? 'heic' : null;
}

function recogniseTiff(bytes: Uint8Array, text: (at: number, length: number) => string): PictureFormat | null {
  const four = text(0, 4);
  if (four === 'IIRO' || four === 'IIRS' || four === 'MMOR') return 'raw-orf';
  if (four === 'IIU\0') return 'raw-rw2';
  // 43 instead of 42: BigTIFF, which the decoder reads and whose tags are not read here.
  if (four === 'II+\0' || four === 'MM\0+') return 'tiff';
  if (four !== 'II*\0' && four !== 'MM\0*') return null;
  if (text(8, 2) === 'CR') return 'raw-cr2';
  const first = readTiffDirectories(bytes, 'first').directories[0];
  return first === undefined ? 'tiff' : rawByTags(first);
}

/** Camera raw keeps a small picture in the first directory and the sensor's in a sub-directory; an edited TIFF does not. */
function rawByTags(first: TiffDirectory): PictureFormat {
  if (first.has(TIFF_TAG.dngVersion)) return 'raw-dng';
  const reducedFirst = first.number(TIFF_TAG.newSubfileType) === 1 && first.has(TIFF_TAG.subDirectories);
  const make = (first.text(TIFF_TAG.make) ?? '').toUpperCase();
  if (reducedFirst && make.startsWith('NIKON')) return 'raw-nef';
  if (reducedFirst && make.startsWith('SONY')) return 'raw-arw';
  return 'tiff';
}
