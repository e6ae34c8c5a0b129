/**
 * GIF87a and GIF89a (CompuServe), little-endian:
 *
 * | part | content |
 * | --- | --- |
 * | header | `GIF87a` or `GIF89a` |
 * | screen | width u16, height u16, flags u8 (bit 7: palette of 2^(bits 0–2 + 1) colours follows), background u8, aspect u8 |
 * | 21 extension | label u8, blocks |
 * | 2C picture | left u16, top u16, width u16, height u16, flags u8 (palette as above), code bits u8, blocks of LZW data |
 * | 3B | end |
 *
 * Blocks: length u8 and as many bytes, up to a length of 0. Validated: all of it up to 3B, and the LZW
 * codes of every picture, which must be possible ones and give as many pixels as the picture has.
 */
import { MAX_CARVED_BYTES, MAX_PARTS } from './carving-limits.ts';
import { LzwPixels } from './gif-lzw.ts';
import type { RunPages } from './run-pages.ts';
import type { WalkOutcome } from './structure-walk.ts';

const EXTENSION = 0x21;
const PICTURE = 0x2c;
const END = 0x3b;

export function* walkGif(pages: RunPages, start: number): Generator<void, WalkOutcome, undefined> {
  const kind = 'gif';
  const head = pages.piece(start, 13);
  if (head === null || !/^GIF8[79]a$/.test(head.toString('latin1', 0, 6))) return { outcome: 'not-it', kind };
  if (head.readUInt16LE(6) === 0 || head.readUInt16LE(8) === 0) return { outcome: 'not-it', kind };
  let at = start + 13 + paletteBytes(head[10]!);
  let pictures = 0;
  for (let parts = 0; ; parts++) {
    const broken = { outcome: parts === 0 ? 'not-it' : 'incomplete', kind } as const;
    if (parts > MAX_PARTS) return { outcome: 'too-many-parts', kind };
    if (at - start > MAX_CARVED_BYTES.gif) return { outcome: 'too-long', kind };
    const introducer = pages.piece(at, 1)?.[0];
    if (introducer === END) return pictures > 0 ? { outcome: 'whole', kind, extension: 'gif', end: at + 1 } : broken;
    let lzw: LzwPixels | null = null;
    if (introducer === EXTENSION) {
      at += 2;
    } else if (introducer === PICTURE) {
      const descriptor = pages.piece(at, 10);
      if (descriptor === null) return broken;
      const dataAt = at + 10 + paletteBytes(descriptor[9]!);
      const codeBits = pages.piece(dataAt, 1)?.[0] ?? 0;
      const pixels = descriptor.readUInt16LE(5) * descriptor.readUInt16LE(7);
      if (pixels === 0 || codeBits < 2 || codeBits > 8) return broken;
      lzw = new LzwPixels(codeBits, pixels);
      at = dataAt + 1;
      pictures += 1;
    } else {
      return broken;
    }
    at = yield* walkBlocks(pages, at, start + MAX_CARVED_BYTES.gif, lzw);
    if (at < 0 || (lzw !== null && !lzw.isWhole)) return { outcome: 'incomplete', kind };
  }
}

function paletteBytes(flags: number): number {
  return (flags & 0x80) === 0 ? 0 : 3 * 2 ** ((flags & 7) + 1);
}

/** Walks blocks to the empty one; returns the offset after it, or -1 when they break. */
function* walkBlocks(pages: RunPages, from: number, limit: number, lzw: LzwPixels | null): Generator<void, number, undefined> {
  let nextYield = pages.lookedAtBytes + 65_536;
  for (let at = from; at <= limit; ) {
    const length = pages.piece(at, 1)?.[0];
    if (length === undefined) return -1;
    if (length === 0) return at + 1;
    const block = pages.piece(at + 1, length);
    if (block === null || (lzw !== null && !lzw.push(block))) return -1;
    at += 1 + length;
    pages.lookedAtBytes += 1 + length;
    if (pages.lookedAtBytes > nextYield) {
      nextYield = pages.lookedAtBytes + 65_536;
      yield;
    }
  }
  return limit + 1;
}
