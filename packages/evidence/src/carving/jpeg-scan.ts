import { MAX_CARVED_BYTES } from './carving-limits.ts';
import type { JpegFrame } from './jpeg-frame.ts';
import type { RunPages } from './run-pages.ts';

/**
 * Most bytes of one scan for a block: 64 coefficients of at most 16 bits of code and 11 of value are
 * 216 bytes, and the rest is room for stuffing. A lossless scan has 64 samples to a block and no more bits.
 */
const MAX_SCAN_BYTES_PER_BLOCK = 256;

/**
 * Longest stretch without any FF: noise has one in 256 bytes, and a picture that is flat from edge to
 * edge takes at most 2 bytes a block. Free space that holds text or zeros ends here, not at the limit above.
 */
const MAX_QUIET_START_BYTES = 4 * 1024;
const MAX_QUIET_BYTES_PER_BLOCK = 2;

/** Looked through between two looks for a quiet stretch. */
const PIECE_BYTES = 8 * 1024;

const RST0 = 0xd0;
const RST7 = 0xd7;

/**
 * Walks entropy-coded data from `start` to the marker that ends it: stuffed bytes, fill bytes, restart
 * markers in their order and only where they were announced.
 *
 * @returns offset of the ending marker's FF; -1 when the data breaks or leaves the run; infinity when
 * it goes on for longer than any JPEG may
 */
export function* scanEntropyCoded(pages: RunPages, start: number, frame: JpegFrame): Generator<void, number, undefined> {
  const { memory } = pages;
  const last = Math.min(pages.end, start + frame.blocks * MAX_SCAN_BYTES_PER_BLOCK);
  const maxQuiet = MAX_QUIET_START_BYTES + frame.blocks * MAX_QUIET_BYTES_PER_BLOCK;
  let quiet = 0;
  let restart = RST0;
  let offset = start;
  while (offset < last) {
    if (offset - start > MAX_CARVED_BYTES.jpeg) return Number.POSITIVE_INFINITY;
    if (!pages.locate(offset)) return -1;
    const base = offset - pages.at;
    const end = Math.min(pages.at + PIECE_BYTES, pages.to);
    // The byte after an FF is in this page for all but its last byte.
    const stop = end === pages.to ? end - 1 : end;
    let at = pages.at;
    for (;;) {
      at = pages.findMarker(at, stop);
      if (at >= stop) break;
      const marker = memory[at + 1]!;
      if (marker === 0xff) {
        at += 1;
      } else if (marker >= RST0 && marker <= RST7) {
        if (frame.restartInterval === 0 || marker !== restart) return -1;
        restart = restart === RST7 ? RST0 : restart + 1;
        at += 2;
      } else {
        pages.lookedAtBytes += base + at - offset;
        return base + at;
      }
    }
    quiet = memory.subarray(pages.at, end).includes(0xff) ? 0 : quiet + end - pages.at;
    pages.lookedAtBytes += end - pages.at;
    if (quiet > maxQuiet) return -1;
    // A marker that ends before `stop` may have taken the byte there too.
    offset = base + Math.max(at, stop);
    if (end === pages.to && offset === base + stop) {
      yield;
      const pair = pages.piece(offset, 2);
      if (pair === null) return -1;
      if (pair[0] !== 0xff) offset += 1;
      else if (pair[1] === 0x00) offset += 2;
      else if (pair[1] === 0xff) offset += 1;
      else if (pair[1]! < RST0 || pair[1]! > RST7) return offset;
      else if (frame.restartInterval === 0 || pair[1] !== restart) return -1;
      else {
        restart = restart === RST7 ? RST0 : restart + 1;
        offset += 2;
      }
    }
  }
  return -1;
}
