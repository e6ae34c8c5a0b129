import { ByteView } from '@kerbside/bytes';
import { listBoxes, readHeifItems } from './heif-items.ts';
import { readJpegParts } from './jpeg-parts.ts';
import type { PictureFormat } from './picture-result.ts';

/** Canon's box of metadata in CR3 files; its CMT1 to CMT4 boxes are blocks of tags (main, EXIF, maker's, GPS). */
const CR3_METADATA = '85c0b687820f11e08111f4ce462b6a48';

/** Header of a Fujifilm RAF: at 84 the offset, at 88 the length of its JPEG, big-endian. */
const RAF_JPEG_AT = 84;

/**
 * The blocks of tags of a file, the main one first. Raw files of the TIFF family are such a block themselves.
 * Never throws: what is damaged is absent.
 */
export function findExifBlocks(bytes: Uint8Array, format: PictureFormat): readonly Uint8Array[] {
  try {
    switch (format) {
      case 'jpeg':
        return listOf(readJpegParts(bytes).exif);
      case 'png':
        return listOf(findPngExif(new ByteView(bytes)));
      case 'webp':
        return listOf(findWebpExif(new ByteView(bytes)));
      case 'avif':
      case 'heic':
        return listOf(findHeifExif(bytes));
      case 'raw-cr3':
        return findCr3Blocks(bytes);
      case 'raw-raf': {
        const jpeg = findRafJpeg(bytes);
        return jpeg === null ? [] : listOf(readJpegParts(jpeg).exif);
      }
      case 'gif':
      case 'bmp':
        return [];
      default:
        return [bytes];
    }
  } catch {
    return [];
  }
}

/** The JPEG that a Fujifilm raw file holds whole. */
export function findRafJpeg(bytes: Uint8Array): Uint8Array | null {
  const view = new ByteView(bytes);
  const [at, length] = [view.u32be(RAF_JPEG_AT), view.u32be(RAF_JPEG_AT + 4)];
  return at + length <= view.length && view.u16be(at) === 0xffd8 ? bytes.subarray(at, at + length) : null;
}

function listOf(block: Uint8Array | null): readonly Uint8Array[] {
  return block === null ? [] : [block];
}

/** PNG chunk `eXIf`, before or after the pixels. */
function findPngExif(view: ByteView): Uint8Array | null {
  for (let at = 8; at + 12 <= view.length; at += 12 + view.u32be(at)) {
    if (view.hasAscii(at + 4, 'eXIf')) return view.bytes.subarray(at + 8, at + 8 + view.u32be(at));
  }
  return null;
}

/** WebP chunk `EXIF`; some writers put JPEG's six letters before it. */
function findWebpExif(view: ByteView): Uint8Array | null {
  for (let at = 12; at + 8 <= view.length; at += 8 + view.u32(at + 4) + (view.u32(at + 4) & 1)) {
    if (view.hasAscii(at, 'EXIF')) return withoutPrefix(view.bytes.subarray(at + 8, at + 8 + view.u32(at + 4)));
  }
  return null;
}

function withoutPrefix(block: Uint8Array): Uint8Array {
  return new ByteView(block).hasAscii(0, 'Exif\0\0') ? block.subarray(6) : block;
}

/** HEIF item of type `Exif`: u32 number of bytes to skip, then the block. */
function findHeifExif(bytes: Uint8Array): Uint8Array | null {
  const items = readHeifItems(bytes);
  const item = [...(items?.types ?? [])].find(([, type]) => type === 'Exif')?.[0];
  const content = item === undefined ? null : items!.contentOf(item);
  if (content === null || content.length < 4) return null;
  return withoutPrefix(content.subarray(4 + new ByteView(content).u32be(0)));
}

function findCr3Blocks(bytes: Uint8Array): readonly Uint8Array[] {
  const moov = listBoxes(new ByteView(bytes)).find(({ type }) => type === 'moov');
  const metadata = moov === undefined ? undefined : listBoxes(moov.body).find(({ type, body }) => type === 'uuid' && body.bytes.toString('hex', 0, 16) === CR3_METADATA);
  if (metadata === undefined) return [];
  return listBoxes(metadata.body.slice(16, metadata.body.length - 16))
    .filter(({ type }) => type === 'CMT1' || type === 'CMT2' || type === 'CMT4')
    .map(({ body }) => body.bytes);
}
