import { MalformedError, readView, type RandomAccessSource } from '@kerbside/bytes';
import { SQLITE_HEADER_BYTES, parseSqliteHeader, type SqliteHeader } from './sqlite-format.ts';
import { readWal } from './read-wal.ts';

/** The pages of one database as its last complete change left them. */
export interface PageSource {
  readonly header: SqliteHeader;
  readonly pageCount: number;
  /**
   * @param page number from 1
   * @throws MalformedError `sqlite-page-outside`; MediumError `unreadable-bytes`
   */
  readPage(page: number): Buffer;
}

/**
 * Opens the pages of a database, those of the write-ahead log in place of the older ones.
 * Page size and text encoding are taken from page 1 as the log has it: a phone's database may be
 * 4,096 empty bytes with everything in the log.
 *
 * @param log the file of the same name with `-wal` at its end, if there is one
 * @throws MalformedError `sqlite-not-a-database`; MediumError
 */
export function openPages(source: RandomAccessSource, log: RandomAccessSource | null): PageSource {
  const wal = log === null ? null : readWal(log);
  const first = wal?.pages.get(1);
  const header =
    first !== undefined && log !== null
      ? parseSqliteHeader(readView(log, first, SQLITE_HEADER_BYTES).bytes)
      : parseSqliteHeader(readView(source, 0, Math.min(source.sizeBytes, SQLITE_HEADER_BYTES)).bytes);
  const { pageSizeBytes } = header;
  const overlay = wal !== null && wal.pageSizeBytes === pageSizeBytes ? wal : null;
  const stored = Math.floor(source.sizeBytes / pageSizeBytes);
  // A log states a number of its own: no more than there are pages in both is taken from it.
  const pageCount = overlay === null || overlay.pageCount === 0 ? stored : Math.min(overlay.pageCount, stored + overlay.pages.size);
  return {
    header,
    pageCount,
    readPage(page) {
      const place = overlay?.pages.get(page);
      if (place !== undefined && log !== null) return readView(log, place, pageSizeBytes).bytes;
      const offset = (page - 1) * pageSizeBytes;
      if (!(page >= 1 && page <= pageCount && offset + pageSizeBytes <= source.sizeBytes)) {
        throw new MalformedError('sqlite-page-outside', `the database points to its page ${page}, which is not there`, { offset: source.originOffset });
      }
      return readView(source, offset, pageSizeBytes).bytes;
    },
  };
}
