/**
 * What carving needs of a still's `meta` box (ISO/IEC 14496-12, 8.11): the handler `pict`, and where
 * its items stand (`iloc`): version u8, flags u24; bytes of offset, length, base and index, 4 bits each;
 * items u16 (u32 from version 2), each: number u16 (u32), from version 1 on method u16 (0: offsets from the
 * file's start), data reference u16, base, extents u16, each: index, offset, length.
 */
import { readChildren, type Box } from './boxes.ts';
import type { RunPages } from './run-pages.ts';

/** Item tables that are read: 64 KiB hold 3,000 tiles. */
const MAX_TABLE_BYTES = 64 * 1024;

/** Whether `meta` is a still's, and all that its items name lies in `start..end`. */
export function stillHolds(pages: RunPages, meta: Box, start: number, end: number): boolean {
  const children = readChildren(pages, meta, 4);
  const handler = children?.find(({ type }) => type === 'hdlr');
  const table = children?.find(({ type }) => type === 'iloc');
  if (handler === undefined || table === undefined || table.end - table.contentAt > MAX_TABLE_BYTES) return false;
  if (pages.peek(handler.contentAt + 8, 4)?.toString('latin1') !== 'pict') return false;
  const bytes = pages.peek(table.contentAt, table.end - table.contentAt);
  return bytes !== null && itemsLieInside(bytes, end - start);
}

function itemsLieInside(table: Buffer, fileBytes: number): boolean {
  let at = 6;
  let isShort = table.length < 8;
  const take = (width: number): number => {
    if (width > 8 || at + width > table.length) {
      isShort = true;
      return 0;
    }
    let value = 0;
    for (let i = 0; i < width; i++) value = value * 256 + table[at + i]!;
    at += width;
    return value;
  };
  const version = table[0] ?? 0;
  const [sizes, more] = [table[4] ?? 0, table[5] ?? 0];
  const [offsetBytes, lengthBytes, baseBytes, indexBytes] = [sizes >> 4, sizes & 15, more >> 4, version === 0 ? 0 : more & 15];
  const items = take(version < 2 ? 2 : 4);
  let places = 0;
  for (let item = 0; item < items && !isShort; item++) {
    take(version < 2 ? 2 : 4);
    const method = version === 0 ? 0 : take(2) & 15;
    const reference = take(2);
    const base = take(baseBytes);
    const extents = take(2);
    for (let extent = 0; extent < extents && !isShort; extent++) {
      take(indexBytes);
      const offset = base + take(offsetBytes);
      const length = take(lengthBytes);
      if (method !== 0 || reference !== 0) continue;
      if (offset + length > fileBytes) return false;
      places += 1;
    }
  }
  return !isShort && places > 0;
}
