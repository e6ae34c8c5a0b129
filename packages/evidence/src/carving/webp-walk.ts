/**
 * WebP (RFC 9649): a RIFF of form `WEBP` whose chunks fill it: `VP8 ` or `VP8L`, or `VP8X` and then
 * pictures, animation frames (`ANMF`), alpha (`ALPH`), profiles and notes.
 *
 * Validated: chunk lengths up to the exact end, the heads of the picture data, and the picture's size.
 * The picture data itself is not decoded: a file in pieces, whose end happens to stand in free space
 * too, is not noticed.
 */
import { MAX_CARVED_BYTES, MAX_PARTS } from './carving-limits.ts';
import { readRiffChunk, type RiffChunk } from './riff-chunks.ts';
import type { RunPages } from './run-pages.ts';
import type { WalkOutcome } from './structure-walk.ts';

export function* walkWebp(pages: RunPages, start: number): Generator<void, WalkOutcome, undefined> {
  const kind = 'webp';
  const head = pages.piece(start, 12);
  if (head === null || head.toString('latin1', 8, 12) !== 'WEBP') return { outcome: 'not-it', kind };
  const end = start + 8 + head.readUInt32LE(4);
  if (end - start > MAX_CARVED_BYTES.webp) return { outcome: 'too-long', kind };
  if (end > pages.end) return { outcome: 'incomplete', kind };
  let pictures = 0;
  for (let at = start + 12, chunks = 0; ; chunks++) {
    const broken = { outcome: chunks === 0 ? 'not-it' : 'incomplete', kind } as const;
    if (chunks > MAX_PARTS) return { outcome: 'too-many-parts', kind };
    if (at === end) return pictures > 0 ? { outcome: 'whole', kind, extension: 'webp', end } : broken;
    const chunk = readRiffChunk(pages, at, end);
    if (chunk === null || (chunks === 0 && !['VP8 ', 'VP8L', 'VP8X'].includes(chunk.type))) return broken;
    const picture = chunk.type === 'ANMF' ? readRiffPicture(pages, chunk) : isPicture(pages, chunk);
    if (picture === false) return broken;
    if (picture === true) pictures += 1;
    at = chunk.next;
    pages.lookedAtBytes += 64;
    if (chunks % 256 === 255) yield;
  }
}

/** An animation frame: 16 bytes of place and duration, then chunks of which one is a picture. */
function readRiffPicture(pages: RunPages, frame: RiffChunk): boolean {
  for (let at = frame.contentAt + 16; at < frame.end; ) {
    const chunk = readRiffChunk(pages, at, frame.end);
    if (chunk === null) return false;
    const picture = isPicture(pages, chunk);
    if (picture !== null) return picture;
    at = chunk.next;
  }
  return false;
}

/** Whether a picture chunk begins as its kind does; null for other chunks. */
function isPicture(pages: RunPages, chunk: RiffChunk): boolean | null {
  const head = pages.peek(chunk.contentAt, Math.min(10, chunk.end - chunk.contentAt));
  switch (chunk.type) {
    case 'VP8 ': {
      // A key frame: bit 0 clear, first part's length in bits 5 to 23, then 9D 01 2A, width, height.
      if (head === null || head.length < 10) return false;
      const tag = head.readUIntLE(0, 3);
      return (tag & 1) === 0 && tag >> 5 <= chunk.end - chunk.contentAt - 10 && head.readUIntBE(3, 3) === 0x9d012a && (head.readUInt16LE(6) & 0x3fff) > 0 && (head.readUInt16LE(8) & 0x3fff) > 0;
    }
    case 'VP8L':
      // 2F, then 14 bits each of width and height less 1, one of alpha, three of version 0.
      return head !== null && head.length >= 5 && head[0] === 0x2f && head[4]! >> 5 === 0;
    case 'VP8X':
      return head !== null && head.length === 10 && chunk.end - chunk.contentAt === 10 ? null : false;
    default:
      return null;
  }
}
