/**
 * A movie of JPEG frames: MP4 (ISO/IEC 14496-14, `mp4v` with object type 6C) or MOV (QuickTime File
 * Format, sample entry `jpeg`): `ftyp`, and `moov` (`mvhd`, one `trak`) before or behind `mdat`. Each frame
 * is a chunk of its own.
 */
import { ascii, box, fullBox, mediaHead, u16, u32 } from './box.ts';

export interface MovieOptions {
  readonly brand: 'mp4' | 'mov';
  /** `mdat` before `moov`, as cameras write it. */
  readonly mediaFirst: boolean;
  /** How `mdat` states its length; `open` only where it comes last. */
  readonly mediaLength: 'short' | 'long' | 'open';
  readonly widthPx: number;
  readonly heightPx: number;
}

const FRAMES_PER_SECOND = 10;

export function makeMovie(frames: readonly Buffer[], options: MovieOptions): Buffer {
  const media = Buffer.concat(frames);
  const head = mediaHead(options.mediaLength, media.length);
  const type = options.brand === 'mp4' ? box('ftyp', ascii('isom'), u32(512), ascii('isomiso2mp41')) : box('ftyp', ascii('qt  '), u32(0), ascii('qt  '));
  const moovBytes = movieHeader(frames, options, 0).length;
  const mediaAt = type.length + head.length + (options.mediaFirst ? 0 : moovBytes);
  const moov = movieHeader(frames, options, mediaAt);
  return Buffer.concat(options.mediaFirst ? [type, head, media, moov] : [type, moov, head, media]);
}

const MATRIX = u32(0x10000, 0, 0, 0, 0x10000, 0, 0, 0, 0x40000000);

function movieHeader(frames: readonly Buffer[], options: MovieOptions, mediaAt: number): Buffer {
  const { widthPx, heightPx } = options;
  const count = frames.length;
  let at = mediaAt;
  const offsets = frames.map(({ length }) => (at += length) - length);
  const tables = box(
    'stbl',
    fullBox('stsd', 0, u32(1), sampleEntry(options)),
    fullBox('stts', 0, u32(1, count, 1)),
    fullBox('stsc', 0, u32(1, 1, 1, 1)),
    fullBox('stsz', 0, u32(0, count, ...frames.map(({ length }) => length))),
    fullBox('stco', 0, u32(count, ...offsets)),
  );
  const handler = (kind: string, name: string): Buffer => fullBox('hdlr', 0, u32(0), ascii(kind), u32(0, 0, 0), ascii(`${name}\0`));
  const media = box(
    'mdia',
    fullBox('mdhd', 0, u32(0, 0, FRAMES_PER_SECOND, count), u16(0x55c4, 0)),
    handler('vide', 'Video'),
    box('minf', fullBox('vmhd', 1, u16(0, 0, 0, 0)), box('dinf', fullBox('dref', 0, u32(1), fullBox('url ', 1))), tables),
  );
  const track = fullBox('tkhd', 3, u32(0, 0, 1, 0, count, 0, 0), u16(0, 0, 0, 0), MATRIX, u32(widthPx * 0x10000, heightPx * 0x10000));
  const movie = fullBox('mvhd', 0, u32(0, 0, FRAMES_PER_SECOND, count, 0x10000), u16(0x100, 0), u32(0, 0), MATRIX, u32(0, 0, 0, 0, 0, 0, 2));
  return box('moov', movie, box('trak', track, media));
}

function sampleEntry({ brand, widthPx, heightPx }: MovieOptions): Buffer {
  const fields = [u32(0), u16(0, 1), u32(0, 0, 0, 0), u16(widthPx, heightPx), u32(0x480000, 0x480000, 0), u16(1), Buffer.alloc(32), u16(24, 0xffff)];
  if (brand === 'mov') return box('jpeg', ...fields);
  // Descriptors: tag, length, content. Object type 6C is JPEG, stream type 4 visual.
  const decoder = Buffer.concat([Buffer.from([0x04, 13, 0x6c, 0x11, 0, 0, 0]), u32(0, 0)]);
  const stream = Buffer.concat([Buffer.from([0x03, 3 + decoder.length + 3, 0, 1, 0]), decoder, Buffer.from([0x06, 1, 2])]);
  return box('mp4v', ...fields, fullBox('esds', 0, stream));
}
