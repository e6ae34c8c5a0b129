/**
 * PNG (W3C): signature 89 50 4E 47 0D 0A 1A 0A, then chunks, big-endian:
 *
 * | at | bytes | meaning |
 * | --- | --- | --- |
 * | 0 | 4 | length of the content |
 * | 4 | 4 | type, four letters |
 * | 8 | length | content |
 * | 8 + length | 4 | CRC-32 of type and content |
 *
 * Validated: header values, the CRC of every chunk, IHDR first, some IDAT, up to IEND.
 */
import { crc32 } from 'node:zlib';
import { MAX_CARVED_BYTES, MAX_PARTS } from './carving-limits.ts';
import type { RunPages } from './run-pages.ts';
import type { WalkOutcome } from './structure-walk.ts';

const SIGNATURE = Buffer.from('89504e470d0a1a0a', 'hex');
const HEADER_BYTES = 13;
const MAX_LENGTH = 0x7fffffff;

/** Bit depths that each colour type may have, as a set of bits. */
const DEPTHS: Readonly<Record<number, number>> = { 0: 0b1_0000_0001_0001_0110, 2: 0b1_0000_0001_0000_0000, 3: 0b0001_0001_0110, 4: 0b1_0000_0001_0000_0000, 6: 0b1_0000_0001_0000_0000 };

export function* walkPng(pages: RunPages, start: number): Generator<void, WalkOutcome, undefined> {
  const kind = 'png';
  if (pages.piece(start, SIGNATURE.length)?.equals(SIGNATURE) !== true) return { outcome: 'not-it', kind };
  let at = start + SIGNATURE.length;
  let hasData = false;
  for (let chunks = 0; ; chunks++) {
    const broken = { outcome: chunks === 0 ? 'not-it' : 'incomplete', kind } as const;
    if (chunks > MAX_PARTS) return { outcome: 'too-many-parts', kind };
    const head = pages.piece(at, 8);
    if (head === null) return broken;
    const length = head.readUInt32BE(0);
    const type = head.toString('latin1', 4, 8);
    if (length > MAX_LENGTH || !/^[A-Za-z]{4}$/.test(type) || (chunks === 0) !== (type === 'IHDR')) return broken;
    if (at + 12 + length > pages.end) return broken;
    if (at + 12 + length - start > MAX_CARVED_BYTES.png) return { outcome: 'too-long', kind };
    if (chunks === 0 && (length !== HEADER_BYTES || !isHeader(pages.piece(at + 8, HEADER_BYTES)))) return broken;
    const sum = yield* checksum(pages, at + 4, 4 + length);
    if (sum === null || pages.piece(at + 8 + length, 4)?.readUInt32BE(0) !== sum) return broken;
    at += 12 + length;
    if (type === 'IDAT' && length > 0) hasData = true;
    if (type === 'IEND') return length === 0 && hasData ? { outcome: 'whole', kind, extension: 'png', end: at } : broken;
  }
}

function isHeader(content: Buffer | null): boolean {
  if (content === null) return false;
  const [width, height] = [content.readUInt32BE(0), content.readUInt32BE(4)];
  const depths = DEPTHS[content[9]!] ?? 0;
  return width > 0 && width <= MAX_LENGTH && height > 0 && height <= MAX_LENGTH && content[8]! <= 16 && (depths & (1 << content[8]!)) !== 0 && content[10] === 0 && content[11] === 0 && content[12]! <= 1;
}

/** CRC-32 of a part of the run, or null where it could not be read. */
function* checksum(pages: RunPages, offset: number, length: number): Generator<void, number | null, undefined> {
  let sum = 0;
  for (let done = 0; done < length; ) {
    if (!pages.locate(offset + done)) return null;
    const part = Math.min(length - done, pages.to - pages.at);
    sum = crc32(pages.memory.subarray(pages.at, pages.at + part), sum);
    done += part;
    pages.lookedAtBytes += part;
    if (done < length) yield;
  }
  return sum;
}
