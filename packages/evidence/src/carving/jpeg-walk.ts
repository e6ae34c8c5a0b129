/**
 * JPEG (ITU-T T.81): SOI, segments, scans, EOI. Each segment: FF, marker, length u16 big-endian that
 * counts itself, content. After a SOS segment stands entropy-coded data up to the next marker.
 *
 * Pictures that belong to a segment (thumbnails) are skipped by its length. Behind EOI may follow what
 * cameras put into the same file: further pictures that an MPF segment names, and a video ("motion photo").
 *
 * Validated: every segment's length; the values of frame header, Huffman and quantisation tables and
 * scan headers, each against the others; stuffing and restart markers of the scans up to EOI. The
 * coefficients are not decoded: a scan that goes on in another picture's scan is not noticed.
 */
import { MAX_CARVED_BYTES, MAX_JPEG_HEAD_SEGMENTS, MAX_PARTS } from './carving-limits.ts';
import { walkBoxes } from './box-walk.ts';
import { emptyFrame, isFrameMarker, isScanHeader, readFrameHeader, readHuffmanTables, readQuantisers, type JpegFrame } from './jpeg-frame.ts';
import { readMpfPictures, type MpfPicture } from './jpeg-mpf.ts';
import { scanEntropyCoded } from './jpeg-scan.ts';
import type { RunPages } from './run-pages.ts';
import type { WalkOutcome } from './structure-walk.ts';

const MARKER = { dht: 0xc4, dac: 0xcc, eoi: 0xd9, sos: 0xda, dqt: 0xdb, dnl: 0xdc, dri: 0xdd, app0: 0xe0, app2: 0xe2, app15: 0xef, com: 0xfe } as const;

/** Segments that must hold before a broken structure counts as a beginning and not as chance. */
const TELLING_SEGMENTS = 2;

/** One picture, from SOI to EOI. */
interface Picture {
  readonly frame: JpegFrame;
  readonly mpf: readonly MpfPicture[];
  /** After EOI; -1 when the structure broke. */
  readonly end: number;
  readonly segments: number;
  readonly limit: 'too-long' | 'too-many-parts' | null;
}

export function* walkJpeg(pages: RunPages, start: number): Generator<void, WalkOutcome, undefined> {
  const kind = 'jpeg';
  const picture = yield* walkPicture(pages, start);
  if (picture.limit !== null) return { outcome: picture.limit, kind };
  if (picture.end < 0) return { outcome: picture.segments < TELLING_SEGMENTS ? 'not-it' : 'incomplete', kind };
  let end = yield* followMpf(pages, start, picture);
  const after = pages.piece(end, 8);
  if (after !== null && after.toString('latin1', 4, 8) === 'ftyp') {
    const video = yield* walkBoxes(pages, end);
    if (video.outcome === 'whole') end = video.end;
  }
  return { outcome: 'whole', kind, extension: 'jpg', end };
}

/** End of the last picture that the MPF segment names, when they are all there and whole; else of the first. */
function* followMpf(pages: RunPages, start: number, picture: Picture): Generator<void, number, undefined> {
  let end = picture.end;
  for (const { offset, lengthBytes } of picture.mpf) {
    if (offset < end || offset + lengthBytes > pages.end || offset + lengthBytes - start > MAX_CARVED_BYTES.jpeg) return picture.end;
    const further = yield* walkPicture(pages, offset);
    if (further.end < 0 || further.end > offset + lengthBytes) return picture.end;
    end = offset + lengthBytes;
  }
  return end;
}

function* walkPicture(pages: RunPages, start: number): Generator<void, Picture, undefined> {
  const frame = emptyFrame();
  let mpf: readonly MpfPicture[] = [];
  let scans = 0;
  let segments = 0;
  const told = (end: number, limit: Picture['limit'] = null): Picture => ({ frame, mpf, end, segments, limit });
  const soi = pages.piece(start, 2);
  if (soi === null || soi[0] !== 0xff || soi[1] !== 0xd8) return told(-1);
  for (let at = start + 2; ; ) {
    if (at - start > MAX_CARVED_BYTES.jpeg) return told(-1, 'too-long');
    if (segments > (scans === 0 ? MAX_JPEG_HEAD_SEGMENTS : MAX_PARTS)) return told(-1, 'too-many-parts');
    const head = pages.piece(at, 2);
    if (head === null || head[0] !== 0xff) return told(-1);
    const marker = head[1]!;
    if (marker === 0xff) {
      at += 1;
      pages.lookedAtBytes += 1;
      if ((at & 0xffff) === 0) yield;
      continue;
    }
    if (marker === MARKER.eoi) return told(scans > 0 && (frame.height > 0 || frame.heightGiven) ? at + 2 : -1);
    const length = pages.piece(at + 2, 2)?.readUInt16BE(0) ?? 0;
    if (length < 2 || at + 2 + length > pages.end) return told(-1);
    if (marker === MARKER.app2 && scans === 0) mpf = readMpfPictures(pages.piece(at + 4, length - 2), at + 4) ?? mpf;
    if (!readSegment(pages, frame, marker, at + 4, length - 2)) return told(-1);
    segments += 1;
    pages.lookedAtBytes += 64;
    at += 2 + length;
    if (marker !== MARKER.sos) continue;
    const next = yield* scanEntropyCoded(pages, at, frame);
    if (next <= at) return told(-1);
    if (next === Number.POSITIVE_INFINITY) return told(-1, 'too-long');
    scans += 1;
    at = next;
  }
}

/** Reads or skips one segment's content; false when it must not stand here or is not what its marker says. */
function readSegment(pages: RunPages, frame: JpegFrame, marker: number, offset: number, length: number): boolean {
  if ((marker >= MARKER.app0 && marker <= MARKER.app15) || marker === MARKER.com) return true;
  const content = pages.piece(offset, length);
  pages.lookedAtBytes += length;
  if (content === null) return false;
  if (isFrameMarker(marker)) return readFrameHeader(frame, marker, content);
  switch (marker) {
    case MARKER.dht:
      return readHuffmanTables(frame, content);
    case MARKER.dqt:
      return readQuantisers(frame, content);
    case MARKER.sos:
      return isScanHeader(frame, content);
    case MARKER.dri:
      if (length === 2) frame.restartInterval = content.readUInt16BE(0);
      return length === 2;
    case MARKER.dac:
      return length > 0 && length % 2 === 0;
    case MARKER.dnl:
      frame.heightGiven = length === 2 && content.readUInt16BE(0) > 0;
      return frame.heightGiven && frame.sof !== 0;
    default:
      return false;
  }
}
