import { ByteView } from '@kerbside/bytes';
import { readBmpHeader } from './decode-bmp.ts';
import { readHeifItems } from './heif-items.ts';
import { readJpegParts } from './jpeg-parts.ts';
import type { PictureFormat } from './picture-result.ts';
import { TIFF_TAG, type TiffTree } from './tiff-directories.ts';

/** What the headers state, before anything is decoded. */
export interface StatedSize {
  /** 0 where the headers do not say. */
  readonly width: number;
  readonly height: number;
  readonly frames: number;
}

/** Frames and chunks that are counted; the longest animations met in the wild have some thousands. */
export const MAX_FRAMES = 1_000_000;

const UNKNOWN: StatedSize = { width: 0, height: 0, frames: 1 };

/** @param tree the file's own directories, for TIFF */
export function readStatedSize(bytes: Uint8Array, format: PictureFormat, tree: TiffTree | null): StatedSize {
  try {
    const view = new ByteView(bytes);
    switch (format) {
      case 'jpeg':
        return { ...sidesOf(readJpegParts(bytes)), frames: 1 };
      case 'png':
        return { width: view.u32be(16), height: view.u32be(20), frames: countPngFrames(view) };
      case 'gif':
        return { width: view.u16(6), height: view.u16(8), frames: countGifFrames(view) };
      case 'webp':
        return readWebp(view);
      case 'bmp':
        return { ...sidesOf(readBmpHeader(bytes)), frames: 1 };
      case 'tiff':
        return readTiff(tree);
      case 'avif':
      case 'heic':
        return readHeif(bytes);
      default:
        return UNKNOWN;
    }
  } catch {
    // The header ends early: the decoder will say so in its own words.
    return UNKNOWN;
  }
}

function sidesOf({ width, height }: { width: number; height: number }): { width: number; height: number } {
  return { width: Math.max(0, width), height };
}

/** `acTL` of an animated PNG stands before the first `IDAT` and states the frames. */
function countPngFrames(view: ByteView): number {
  for (let at = 8; at + 12 <= view.length; at += 12 + view.u32be(at)) {
    if (view.hasAscii(at + 4, 'acTL')) return Math.min(Math.max(1, view.u32be(at + 8)), MAX_FRAMES);
    if (view.hasAscii(at + 4, 'IDAT')) break;
  }
  return 1;
}

/** GIF89a blocks: 2C picture, 21 extension, 3B end; each with sub-blocks of a length byte, ended by 0. */
function countGifFrames(view: ByteView): number {
  const tableBytes = (flags: number): number => ((flags & 0x80) === 0 ? 0 : 3 << ((flags & 7) + 1));
  let at = 13 + tableBytes(view.u8(10));
  let frames = 0;
  while (at < view.length && frames < MAX_FRAMES) {
    const kind = view.u8(at);
    if (kind === 0x2c && at + 11 <= view.length) {
      frames += 1;
      at += 11 + tableBytes(view.u8(at + 9));
    } else if (kind === 0x21) at += 2;
    else break;
    while (at < view.length && view.u8(at) !== 0) at += 1 + view.u8(at);
    at += 1;
  }
  return Math.max(1, frames);
}

/** WebP: `VP8 ` frame header, `VP8L`, or `VP8X` with the canvas and one `ANMF` for each frame. */
function readWebp(view: ByteView): StatedSize {
  let frames = 0;
  let size = { width: 0, height: 0 };
  for (let at = 12; at + 8 <= view.length && frames < MAX_FRAMES; at += 8 + view.u32(at + 4) + (view.u32(at + 4) & 1)) {
    const body = at + 8;
    if (view.hasAscii(at, 'ANMF')) frames += 1;
    else if (size.width > 0) continue;
    else if (view.hasAscii(at, 'VP8X')) size = { width: 1 + (view.u32(body + 4) & 0xffffff), height: 1 + (view.u32(body + 6) >>> 8) };
    else if (view.hasAscii(at, 'VP8 ')) size = { width: view.u16(body + 6) & 0x3fff, height: view.u16(body + 8) & 0x3fff };
    else if (view.hasAscii(at, 'VP8L')) size = { width: 1 + (view.u32(body + 1) & 0x3fff), height: 1 + ((view.u32(body + 1) >>> 14) & 0x3fff) };
  }
  return { ...size, frames: Math.max(1, frames) };
}

/** Pages of a TIFF are its chain of directories, less the reduced copies. */
function readTiff(tree: TiffTree | null): StatedSize {
  const pages = (tree?.directories ?? []).filter((one) => one.role === 'main' && ((one.number(TIFF_TAG.newSubfileType) ?? 0) & 1) === 0);
  const first = pages[0] ?? tree?.directories[0];
  return { width: first?.number(TIFF_TAG.imageWidth) ?? 0, height: first?.number(TIFF_TAG.imageLength) ?? 0, frames: Math.max(1, pages.length) };
}

function readHeif(bytes: Uint8Array): StatedSize {
  const items = readHeifItems(bytes);
  const size = items === null || items.primary === null ? null : items.sizeOf(items.primary);
  return size === null ? UNKNOWN : { ...size, frames: 1 };
}
