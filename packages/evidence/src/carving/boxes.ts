/**
 * Boxes of the ISO base media file format (ISO/IEC 14496-12) and of QuickTime, big-endian:
 *
 * | at | bytes | meaning |
 * | --- | --- | --- |
 * | 0 | 4 | length of the whole box; 1: a length of 8 bytes follows the type; 0: to the end of the file |
 * | 4 | 4 | type |
 * | 8 | 8 | length, when the first is 1 |
 */
import type { RunPages } from './run-pages.ts';

export interface Box {
  readonly type: string;
  readonly at: number;
  readonly contentAt: number;
  /** After the box; the limit when the box says that it goes to the end of the file. */
  readonly end: number;
  /** The box says so. */
  readonly toTheEnd: boolean;
}

/**
 * Reads a box's head.
 * @param limit what the box must not pass
 * @returns null when it passes the limit, is shorter than its head, or its type is not made of characters that types have
 */
export function readBox(pages: RunPages, at: number, limit: number): Box | null {
  const head = at + 8 <= limit ? pages.peek(at, 8) : null;
  if (head === null) return null;
  const type = head.toString('latin1', 4, 8);
  if (!/^[\u00a9A-Za-z0-9][A-Za-z0-9 _.+-]{3}$/.test(type)) return null;
  const short = head.readUInt32BE(0);
  if (short === 0) return { type, at, contentAt: at + 8, end: limit, toTheEnd: true };
  if (short !== 1) return short >= 8 && at + short <= limit ? { type, at, contentAt: at + 8, end: at + short, toTheEnd: false } : null;
  const long = at + 16 <= limit ? pages.peek(at + 8, 8) : null;
  if (long === null) return null;
  const length = long.readUInt32BE(0) * 0x1_0000_0000 + long.readUInt32BE(4);
  return length >= 16 && Number.isSafeInteger(length) && at + length <= limit ? { type, at, contentAt: at + 16, end: at + length, toTheEnd: false } : null;
}

/** Children looked at in one container. Real ones have a few dozen; `moof`s are counted elsewhere. */
const MAX_CHILDREN = 4_096;

/**
 * The children of a box, which must fill it but for at most 4 zero bytes (QuickTime ends some lists so).
 * @param skip bytes of the box's own fields before the first child
 * @returns null when they do not
 */
export function readChildren(pages: RunPages, box: Box, skip = 0): Box[] | null {
  const children: Box[] = [];
  let at = box.contentAt + skip;
  while (at < box.end && children.length < MAX_CHILDREN) {
    if (box.end - at <= 4 && (pages.peek(at, box.end - at)?.every((byte) => byte === 0) ?? false)) return children;
    const child = readBox(pages, at, box.end);
    if (child === null || child.toTheEnd) return null;
    children.push(child);
    at = child.end;
    pages.lookedAtBytes += 16;
  }
  return at === box.end ? children : null;
}
