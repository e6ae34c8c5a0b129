import { KerbsideError, LimitError, MalformedError, problemFrom, type Problem } from '@kerbside/bytes';
import { MAX_SQLITE_DEPTH, MAX_SQLITE_ROW_BYTES, SQLITE_HEADER_BYTES } from './sqlite-format.ts';
import type { PageSource } from './page-source.ts';
import { readLength, readVarint } from './read-varint.ts';

/** A row before it is decoded. */
export type TableEvent = { readonly type: 'row'; readonly rowid: bigint; readonly payload: Buffer } | { readonly type: 'problem'; readonly problem: Problem };

const INTERIOR = 5;
const LEAF = 13;

/** Walks the leaves of one table in key order. A broken page or row is one problem and the walk goes on beside it. */
export function* walkTable(pages: PageSource, rootPage: number): Iterable<TableEvent> {
  yield* walkPage(pages, rootPage, 0, new PagesMet(pages.pageCount));
}

function* walkPage(pages: PageSource, number: number, depth: number, visited: PagesMet): Iterable<TableEvent> {
  let page: Buffer;
  let kind: number;
  let cells: number[];
  const start = number === 1 ? SQLITE_HEADER_BYTES : 0;
  try {
    if (depth >= MAX_SQLITE_DEPTH) throw new LimitError('sqlite-depth-limit', `a table is more than ${MAX_SQLITE_DEPTH} levels deep`);
    visited.add(number);
    page = pages.readPage(number);
    kind = page[start]!;
    if (kind !== INTERIOR && kind !== LEAF) throw new MalformedError('sqlite-page-damaged', `page ${number} is no page of a table`);
    cells = cellPlaces(page, start, kind === LEAF ? 8 : 12, number);
  } catch (error) {
    yield problemEvent(error);
    return;
  }
  for (const at of cells) {
    if (kind === LEAF) {
      try {
        yield readCell(pages, page, at, visited);
      } catch (error) {
        yield problemEvent(error);
      }
    } else yield* walkPage(pages, page.readUInt32BE(at), depth + 1, visited);
  }
  if (kind === INTERIOR) yield* walkPage(pages, page.readUInt32BE(start + 8), depth + 1, visited);
}

function cellPlaces(page: Buffer, start: number, headBytes: number, number: number): number[] {
  const count = page.readUInt16BE(start + 3);
  const first = start + headBytes;
  if (first + count * 2 > page.length) throw new MalformedError('sqlite-page-damaged', `page ${number} states more cells than it can hold`);
  return Array.from({ length: count }, (_, i) => {
    const at = page.readUInt16BE(first + i * 2);
    if (at < first || at + 4 > page.length) throw new MalformedError('sqlite-page-damaged', `page ${number} has a cell outside itself`);
    return at;
  });
}

function readCell(pages: PageSource, page: Buffer, at: number, visited: PagesMet): TableEvent {
  const size = readLength(page, at);
  const rowid = readVarint(page, size.next);
  const { usableBytes, pageSizeBytes } = pages.header;
  if (size.value > MAX_SQLITE_ROW_BYTES) throw new LimitError('sqlite-row-limit', `a row of ${size.value} bytes; no more than ${MAX_SQLITE_ROW_BYTES} are read`);
  if (size.value > pages.pageCount * pageSizeBytes) throw new MalformedError('sqlite-record-damaged', 'a row is longer than its database');
  // Formula and names of fileformat2.html, "B-tree pages".
  const most = usableBytes - 35;
  const least = Math.floor(((usableBytes - 12) * 32) / 255) - 23;
  const kept = least + ((size.value - least) % (usableBytes - 4));
  const local = size.value <= most ? size.value : kept <= most ? kept : least;
  if (rowid.next + local > page.length) throw new MalformedError('sqlite-record-damaged', 'a row runs past its page');
  const start = page.subarray(rowid.next, rowid.next + local);
  if (local === size.value) return { type: 'row', rowid: rowid.value, payload: start };
  if (rowid.next + local + 4 > page.length) throw new MalformedError('sqlite-record-damaged', 'a row runs past its page');
  return { type: 'row', rowid: rowid.value, payload: followOverflow(pages, start, page.readUInt32BE(rowid.next + local), size.value, visited) };
}

/** The rest of a long row. Each page belongs to one row: rows that share one would make a small file read as a huge one. */
function followOverflow(pages: PageSource, start: Buffer, first: number, sizeBytes: number, visited: PagesMet): Buffer {
  const parts = [start];
  const perPage = pages.header.usableBytes - 4;
  let left = sizeBytes - start.length;
  for (let number = first; left > 0; ) {
    visited.add(number);
    const page = pages.readPage(number);
    const take = Math.min(left, perPage);
    parts.push(page.subarray(4, 4 + take));
    left -= take;
    number = page.readUInt32BE(0);
  }
  return Buffer.concat(parts, sizeBytes);
}

/** Which pages of a database one walk has met: a bit for each. */
class PagesMet {
  readonly #bits: Uint8Array;

  constructor(pageCount: number) {
    this.#bits = new Uint8Array((pageCount >> 3) + 1);
  }

  /** @throws MalformedError `sqlite-tree-cycle` for a page met before. One outside the database is left to be refused when it is read. */
  add(number: number): void {
    const at = Math.floor(number / 8);
    if (at >= this.#bits.length) return;
    const bit = 1 << (number & 7);
    if ((this.#bits[at]! & bit) !== 0) throw new MalformedError('sqlite-tree-cycle', `page ${number} stands in a table twice`);
    this.#bits[at]! |= bit;
  }
}

function problemEvent(error: unknown): TableEvent {
  if (!(error instanceof KerbsideError)) throw error;
  return { type: 'problem', problem: problemFrom(error) };
}
