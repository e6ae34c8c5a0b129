/**
 * What a content is, by its first bytes and never by its name. Signatures are those of the formats' own
 * publications; ISO base media files are told apart by their brands (ISO/IEC 14496-12, section 4.3).
 */
import { isOutlookMessage } from './mail/read-msg.ts';
import { recogniseMail } from './mail/recognise-mail.ts';
import { sniffCompound } from './thumbnails/sniff-compound.ts';
import { hasThumbdataSlot } from './thumbnails/thumbdata-slot.ts';

export type SniffedPicture = 'jpeg' | 'png' | 'gif' | 'webp' | 'tiff' | 'bmp' | 'avif' | 'heic' | 'raw-cr2' | 'raw-cr3' | 'raw-nef' | 'raw-arw' | 'raw-dng' | 'raw-orf' | 'raw-rw2' | 'raw-raf';

/** `picture/tiff` also stands for raw files of the TIFF family that only their tags tell apart: the sandbox does that. */
export type ContentKind =
  | `picture/${SniffedPicture}`
  | `video/${'mp4' | 'mov' | '3gp' | 'matroska' | 'webm' | 'avi' | 'asf' | 'mpeg-ps' | 'mpeg-ts' | 'mpeg-video' | 'flv'}`
  | `archive/${'zip' | '7z' | 'rar4' | 'rar5' | 'tar' | 'gzip' | 'bzip2' | 'xz' | 'lzma' | 'zstd'}`
  | `mail/${'mbox' | 'eml' | 'emlx' | 'pst' | 'msg' | 'tnef'}`
  | 'backup/android'
  | `thumbnails/${'thumbs-db' | 'thumbcache' | 'thumbdata' | 'quicklook-index' | 'quicklook-data' | 'ithmb'}`;

/** More than this is never looked at. */
export const SNIFF_BYTES = 64 * 1024;

/** Signatures at a fixed place; longer ones first where one begins another. */
const SIGNATURES: readonly (readonly [at: number, bytes: string, kind: ContentKind])[] = [
  [0, '\xff\xd8\xff', 'picture/jpeg'],
  [0, '\x89PNG\r\n\x1a\n', 'picture/png'],
  [0, 'GIF87a', 'picture/gif'],
  [0, 'GIF89a', 'picture/gif'],
  [0, 'FUJIFILMCCD-RAW', 'picture/raw-raf'],
  [0, 'IIRO', 'picture/raw-orf'],
  [0, 'IIRS', 'picture/raw-orf'],
  [0, 'MMOR', 'picture/raw-orf'],
  [0, 'IIU\0', 'picture/raw-rw2'],
  [0, 'II+\0', 'picture/tiff'],
  [0, 'MM\0+', 'picture/tiff'],
  [0, '\x30\x26\xb2\x75\x8e\x66\xcf\x11\xa6\xd9\x00\xaa\x00\x62\xce\x6c', 'video/asf'],
  [0, '\0\0\x01\xba', 'video/mpeg-ps'],
  [0, '\0\0\x01\xb3', 'video/mpeg-video'],
  [0, 'FLV\x01', 'video/flv'],
  [0, 'PK\x03\x04', 'archive/zip'],
  [0, 'PK\x05\x06', 'archive/zip'],
  [0, 'PK\x07\x08PK', 'archive/zip'],
  [0, 'PK00PK\x03\x04', 'archive/zip'],
  [0, '7z\xbc\xaf\x27\x1c', 'archive/7z'],
  [0, 'Rar!\x1a\x07\x01\0', 'archive/rar5'],
  [0, 'Rar!\x1a\x07\0', 'archive/rar4'],
  [0, '\x1f\x8b\x08', 'archive/gzip'],
  [0, 'BZh', 'archive/bzip2'],
  [0, '\xfd7zXZ\0', 'archive/xz'],
  [0, '\x28\xb5\x2f\xfd', 'archive/zstd'],
  [257, 'ustar', 'archive/tar'],
  [0, '!BDN', 'mail/pst'],
  [0, '\x78\x9f\x3e\x22', 'mail/tnef'],
  [0, 'ANDROID BACKUP\n', 'backup/android'],
  [0, 'CMMM', 'thumbnails/thumbcache'],
];

/** @param head the first bytes, up to 64 KiB; fewer when the content is shorter */
export function sniffContent(head: Uint8Array): ContentKind | null {
  const bytes = Buffer.from(head.buffer, head.byteOffset, Math.min(head.byteLength, SNIFF_BYTES));
  const is = (at: number, text: string): boolean => bytes.length >= at + text.length && bytes.toString('latin1', at, at + text.length) === text;
  for (const [at, signature, kind] of SIGNATURES) {
    if (is(at, signature) && (kind !== 'archive/bzip2' || is(4, '1AY&SY') || is(4, '\x17rE8P\x90'))) return kind;
  }
  if (is(0, 'RIFF') && is(8, 'WEBP')) return 'picture/webp';
  if (is(0, 'RIFF') && is(8, 'AVI ')) return 'video/avi';
  if (is(0, 'II*\0') || is(0, 'MM\0*')) return is(8, 'CR\x02') ? 'picture/raw-cr2' : 'picture/tiff';
  if (is(0, 'BM')) return looksLikeBitmap(bytes) ? 'picture/bmp' : null;
  if (is(0, '\x1a\x45\xdf\xa3')) return bytes.subarray(0, 64).includes('webm') ? 'video/webm' : 'video/matroska';
  if (is(4, 'ftyp')) return sniffBrands(bytes);
  // QuickTime before 2001 has no ftyp.
  if ((is(4, 'moov') || is(4, 'mdat') || is(4, 'wide') || is(4, 'skip')) && boxFits(bytes)) return 'video/mov';
  if (isTransportStream(bytes)) return 'video/mpeg-ts';
  if (is(0, '\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1')) return sniffCompound(bytes) ?? (isOutlookMessage(bytes) ? 'mail/msg' : null);
  if (is(0, 'SQLite format 3\0')) return bytes.includes('bitmapdata_location') ? 'thumbnails/quicklook-index' : null;
  if (hasThumbdataSlot(bytes)) return 'thumbnails/thumbdata';
  if (looksLikeOldTar(bytes)) return 'archive/tar';
  if (looksLikeLzma(bytes)) return 'archive/lzma';
  return sniffMail(bytes) ?? (recogniseMail(bytes) === 'emlx' ? 'mail/emlx' : null);
}

/** The second header has one of the lengths that exist, and a plane count of 1. */
function looksLikeBitmap(bytes: Buffer): boolean {
  if (bytes.length < 30) return false;
  const length = bytes.readUInt32LE(14);
  return length === 12 ? bytes.readUInt16LE(22) === 1 : [16, 40, 52, 56, 64, 108, 124].includes(length) && bytes.readUInt16LE(26) === 1;
}

function sniffBrands(bytes: Buffer): ContentKind {
  const end = Math.min(bytes.readUInt32BE(0), bytes.length, 16 + 64 * 4);
  const major = bytes.toString('latin1', 8, 12);
  const brands = [major];
  for (let at = 16; at + 4 <= end; at += 4) brands.push(bytes.toString('latin1', at, at + 4));
  if (major === 'crx ') return 'picture/raw-cr3';
  // A film in the HEVC codec may carry picture brands beside its own: the first brand decides, then the others.
  const film = /^(isom|iso\d|mp4\d|avc1|M4V |MSNV|dash|qt  |3g)/.test(major);
  if (!film && brands.some((brand) => brand === 'avif' || brand === 'avis')) return 'picture/avif';
  if (!film && brands.some((brand) => /^(hei[csmx]|hev[cmsx]|mif1|msf1)$/.test(brand))) return 'picture/heic';
  if (major === 'qt  ') return 'video/mov';
  return major.startsWith('3g') ? 'video/3gp' : 'video/mp4';
}

function boxFits(bytes: Buffer): boolean {
  const length = bytes.readUInt32BE(0);
  return length === 0 || length === 1 || length >= 8;
}

/** Packets of 188 bytes, or of 192 with a time before each (cameras), each with 47 hex first; five in a row. */
function isTransportStream(bytes: Buffer): boolean {
  const every = (first: number, step: number): boolean => bytes.length > first + 4 * step && [0, 1, 2, 3, 4].every((n) => bytes[first + n * step] === 0x47);
  return every(0, 188) || every(4, 192);
}

/** Tar before POSIX has no signature: its checksum is the sum of the header with the checksum's own field as spaces. */
function looksLikeOldTar(bytes: Buffer): boolean {
  if (bytes.length < 512 || bytes[0] === 0) return false;
  const stated = /^ *([0-7]{1,7})[ \0]/.exec(bytes.toString('latin1', 148, 156));
  if (stated === null) return false;
  let sum = 0;
  for (let i = 0; i < 512; i++) sum += i >= 148 && i < 156 ? 0x20 : bytes[i]!;
  return sum === Number.parseInt(stated[1]!, 8);
}

/** Fields that only mail has, at the beginning of a line, in a head that is text. */
const MAIL_FIELDS = /^(received|return-path|message-id|delivered-to|mime-version|from|to|subject|date|x-[a-z-]+|content-type):/i;

function sniffMail(bytes: Buffer): ContentKind | null {
  const lines = bytes.toString('latin1', 0, Math.min(bytes.length, 4096)).split(/\r?\n/);
  const [first = '', second = ''] = lines;
  // "From " with an address or word and a date; the next line is a field of the first message.
  if (/^From \S+ .*\d{4}/.test(first) && /^[A-Za-z][A-Za-z0-9-]*:/.test(second)) return 'mail/mbox';
  const fields = new Set<string>();
  for (const line of lines) {
    if (line === '') break;
    if (/^[ \t]/.test(line)) continue;
    if (!/^[!-9;-~]+:/.test(line)) return null;
    const field = MAIL_FIELDS.exec(line)?.[1]?.toLowerCase();
    if (field !== undefined) fields.add(field);
  }
  // Three kinds, one of them a sender's or a carrier's: a list of settings in lines with colons has none.
  return fields.size >= 3 && (fields.has('from') || fields.has('received') || fields.has('return-path')) ? 'mail/eml' : null;
}

/** `.lzma` has no mark: usual properties, a dictionary of a power of two or three quarters of one, a length that can be. */
function looksLikeLzma(bytes: Buffer): boolean {
  if (bytes.length < 14 || bytes[0] !== 0x5d || bytes[13] !== 0) return false;
  const dictionary = bytes.readUInt32LE(1);
  const isUsual = [1, 1.5].some((factor) => Number.isInteger(Math.log2(dictionary / factor)));
  const length = bytes.readBigUInt64LE(5);
  return dictionary >= 4096 && isUsual && (length === 0xffff_ffff_ffff_ffffn || length < 1n << 40n);
}
