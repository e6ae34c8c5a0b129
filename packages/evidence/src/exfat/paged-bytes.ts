import { MediumError, type ByteRange } from '@kerbside/bytes';

/** Page size: large enough that a sequential pass makes few reads, small enough for scattered look-ups. */
export const PAGE_BYTES = 64 * 1024;

/** Pages kept, 4 MiB in all, whatever the size of the table behind. */
const MAX_PAGES = 64;

/** A page of a table; shorter than {@link PAGE_BYTES} only at the end. */
export interface Page {
  readonly bytes: Buffer;
  /** Unreadable parts, relative to the page. */
  readonly unreadable: readonly ByteRange[];
}

/** A large on-disk table read page by page, the most recently used pages kept. */
export interface PagedBytes {
  readonly sizeBytes: number;
  page(index: number): Page;
}

/**
 * @param sizeBytes length of the table
 * @param readInto fills a buffer from an offset in the table and returns unreadable ranges of the table, as a source does
 */
export function openPagedBytes(
  sizeBytes: number,
  readInto: (target: Uint8Array, offset: number) => readonly ByteRange[],
): PagedBytes {
  const pages = new Map<number, Page>();
  let lastIndex = -1;
  let lastPage: Page | null = null;

  function load(index: number): Page {
    let page = pages.get(index);
    if (page === undefined) {
      const offset = index * PAGE_BYTES;
      const bytes = Buffer.allocUnsafeSlow(Math.max(0, Math.min(PAGE_BYTES, sizeBytes - offset)));
      const unreadable = readInto(bytes, offset).map((range) => ({ offset: range.offset - offset, length: range.length }));
      page = { bytes, unreadable };
      if (pages.size >= MAX_PAGES) pages.delete(pages.keys().next().value ?? index);
    } else {
      pages.delete(index);
    }
    pages.set(index, page);
    return page;
  }

  return {
    sizeBytes,
    page(index) {
      if (index !== lastIndex || lastPage === null) {
        lastPage = load(index);
        lastIndex = index;
      }
      return lastPage;
    },
  };
}

/** Throws `unreadable-bytes` when any of the bytes asked for lies in an unreadable part of the page. */
export function requireReadable(page: Page, at: number, length: number, what: string): void {
  for (const range of page.unreadable) {
    if (at < range.offset + range.length && range.offset < at + length) {
      throw new MediumError('unreadable-bytes', `${what} could not be read from the medium`);
    }
  }
}
