/**
 * SQLite database file, read only (https://www.sqlite.org/fileformat2.html). All numbers big-endian.
 *
 * | header at | bytes | what |
 * | --- | --- | --- |
 * | 0 | 16 | `SQLite format 3` and a zero |
 * | 16 | 2 | page size, a power of two from 512; 1 stands for 65,536 |
 * | 18, 19 | 1, 1 | write and read version: 2 = write-ahead log |
 * | 20 | 1 | bytes kept free at the end of each page |
 * | 56 | 4 | text encoding: 1 UTF-8, 2 UTF-16 little-endian, 3 big-endian |
 *
 * | page at | bytes | what (page 1: after the 100 bytes of the header) |
 * | --- | --- | --- |
 * | 0 | 1 | 5 interior, 13 leaf of a table; 2, 10 of an index |
 * | 3 | 2 | number of cells |
 * | 8 | 4 | last child (interior only) |
 * | 8 or 12 | 2 each | places of the cells in the page |
 */
import { MalformedError, readView, UnsupportedError, type RandomAccessSource } from '@kerbside/bytes';

export const SQLITE_MAGIC = Buffer.from('SQLite format 3\0', 'latin1');
export const SQLITE_HEADER_BYTES = 100;

/** Levels of one b-tree; SQLite's own bound, reached only by a planted tree. */
export const MAX_SQLITE_DEPTH = 20;

/** Columns of one table; SQLite's own default is 2,000, its hard bound 32,767. */
export const MAX_SQLITE_COLUMNS = 4096;

/** Bytes of one row. SQLite allows 2 GiB; thumbnails and property lists stay far below. */
export const MAX_SQLITE_ROW_BYTES = 64 * 1024 * 1024;

/** Tables of one database; phones have some hundreds. */
export const MAX_SQLITE_TABLES = 10_000;

export interface SqliteHeader {
  readonly pageSizeBytes: number;
  /** Page size without what is kept free at each page's end. */
  readonly usableBytes: number;
  readonly encoding: 'utf8' | 'utf16le' | 'utf16be';
  /** The database says that changes may stand in a log beside it. */
  readonly mayHaveLog: boolean;
}

/**
 * Reads the first 100 bytes.
 * @throws MalformedError `sqlite-not-a-database`
 */
export function parseSqliteHeader(bytes: Uint8Array): SqliteHeader {
  const header = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (header.length < SQLITE_HEADER_BYTES || !header.subarray(0, 16).equals(SQLITE_MAGIC)) {
    throw new MalformedError('sqlite-not-a-database', 'the file does not begin as an SQLite database does');
  }
  const stated = header.readUInt16BE(16);
  const pageSizeBytes = stated === 1 ? 65_536 : stated;
  const usableBytes = pageSizeBytes - header[20]!;
  if (pageSizeBytes < 512 || (pageSizeBytes & (pageSizeBytes - 1)) !== 0 || usableBytes < 480) {
    throw new MalformedError('sqlite-not-a-database', `the database states pages of ${pageSizeBytes} bytes with ${header[20]} kept free, which SQLite never writes`);
  }
  const code = header.readUInt32BE(56);
  // 0 stands in an empty database, whose first table decides.
  const encoding = code === 2 ? 'utf16le' : code === 3 ? 'utf16be' : code <= 1 ? 'utf8' : null;
  if (encoding === null) throw new UnsupportedError('sqlite-encoding-unknown', `the database states text encoding ${code}`);
  return { pageSizeBytes, usableBytes, encoding, mayHaveLog: header[18] === 2 || header[19] === 2 };
}

/** True when the source begins as an SQLite database. */
export function isSqlite(source: RandomAccessSource): boolean {
  return source.sizeBytes >= SQLITE_HEADER_BYTES && readView(source, 0, 16).bytes.equals(SQLITE_MAGIC);
}
