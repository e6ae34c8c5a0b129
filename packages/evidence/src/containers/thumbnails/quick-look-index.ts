/**
 * `index.sqlite` of com.apple.QuickLook.thumbnailcache (macOS 10.5 to 11, as published descriptions of the cache have it).
 *
 * | table | columns used |
 * | --- | --- |
 * | `thumbnails` | `file_id`, `width`, `height`, `bitspercomponent`, `bitsperpixel`, `bytesperrow`, `bitmapinfo`, `bitmapdata_location`, `bitmapdata_length`, `plistbuffer_location`, `plistbuffer_length` |
 * | `files` (to 10.14) | its row number is `file_id`; `folder`, `file_name` |
 * | `basic_files` (from 10.15) | no names; `file_id` without its top bit is the number of the file in its volume |
 *
 * Later systems put `bitmapFormat` in place of the sides and bits: that layout is not read.
 */
import { LimitError, MalformedError, UnsupportedError } from '@kerbside/bytes';
import type { EvidenceName } from '../../evidence-name.ts';
import { givenName, splitPath } from '../member-names.ts';
import type { SqliteValue } from '../sqlite/decode-record.ts';
import type { SqliteDatabase, SqliteEvent, SqliteRow } from '../sqlite/open-database.ts';
import { CONTAINER_LIMITS } from '../container-budget.ts';
import { MAX_STORE_MEMBERS } from './stored-member.ts';

/** Names of all files of one store. A Mac's has some ten thousand. */
const MAX_NAMES_BYTES = 64 * 1024 * 1024;

/** One row of `thumbnails`, as it states itself. */
export interface ThumbnailRow {
  readonly fileId: number | bigint;
  readonly widthPx: number;
  readonly heightPx: number;
  readonly bitsPerComponent: number;
  readonly bitsPerPixel: number;
  readonly bytesPerRow: number;
  readonly bitmapInfo: number;
  readonly offset: number;
  readonly sizeBytes: number;
  /** A property list about the thumbnail, in the same file; length 0 where there is none. */
  readonly listOffset: number;
  readonly listBytes: number;
}

/**
 * The rows of `thumbnails`.
 * @throws UnsupportedError `thumbnails-unsupported` for the layout of later systems, MalformedError `quick-look-damaged` without the table
 */
export function thumbnailRows(database: SqliteDatabase): Iterable<SqliteEvent> {
  const table = database.tables.find(({ name }) => name === 'thumbnails');
  if (table === undefined) throw new MalformedError('quick-look-damaged', 'The QuickLook store has no table of thumbnails.');
  const columns = new Set(table.columns.map(({ name }) => name));
  if (columns.has('width') && columns.has('height') && columns.has('bytesperrow') && columns.has('bitmapdata_location')) return database.rows(table);
  throw new UnsupportedError('thumbnails-unsupported', 'The QuickLook store is in the layout of a later macOS (no width and height of its thumbnails), which is not read.');
}

/** @throws MalformedError `quick-look-damaged` when a value is missing or is no number that can be */
export function parseThumbnailRow({ rowid, values }: SqliteRow): ThumbnailRow {
  const number = (name: string, otherwise?: number): number => {
    const value = values.get(name) ?? otherwise;
    if (typeof value !== 'number' || !Number.isSafeInteger(value) || value < 0) throw new MalformedError('quick-look-damaged', `Row ${rowid} of the QuickLook store states no ${name} that can be.`);
    return value;
  };
  const fileId = values.get('file_id');
  return {
    fileId: typeof fileId === 'bigint' || Number.isSafeInteger(fileId) ? (fileId as number | bigint) : 0,
    widthPx: number('width'),
    heightPx: number('height'),
    bitsPerComponent: number('bitspercomponent', 8),
    bitsPerPixel: number('bitsperpixel', 32),
    bytesPerRow: number('bytesperrow'),
    // What every published store has: 32-bit little-endian words, alpha first.
    bitmapInfo: number('bitmapinfo', 0x2002),
    offset: number('bitmapdata_location', 0),
    sizeBytes: number('bitmapdata_length', 0),
    listOffset: number('plistbuffer_location', 0),
    listBytes: number('plistbuffer_length', 0),
  };
}

/** Paths of the pictures by `file_id`, from the table `files`; empty where there is none. What of it cannot be read goes to `tell`. @throws LimitError `thumbnails-limit` */
export function readFileNames(database: SqliteDatabase, tell: (event: Extract<SqliteEvent, { type: 'problem' }>) => void): ReadonlyMap<number | bigint, readonly EvidenceName[]> {
  const names = new Map<number | bigint, readonly EvidenceName[]>();
  const table = database.tables.find(({ name }) => name === 'files');
  if (table === undefined) return names;
  let sizeBytes = 0;
  for (const event of database.rows(table)) {
    if (event.type === 'problem') {
      tell(event);
      continue;
    }
    const path = [event.row.values.get('folder'), event.row.values.get('file_name')].filter(isText).join('/');
    const bytes = Buffer.from(path, 'utf8');
    sizeBytes += bytes.length;
    if (names.size >= MAX_STORE_MEMBERS || sizeBytes > MAX_NAMES_BYTES) throw new LimitError('thumbnails-limit', `The store names more than ${MAX_STORE_MEMBERS} files, or longer names than any real one.`);
    if (bytes.length > 0) names.set(event.row.rowid, splitPath(bytes, 'utf-8', CONTAINER_LIMITS.maxNameParts - 1));
  }
  return names;
}

function isText(value: SqliteValue | undefined): value is string {
  return typeof value === 'string' && value !== '';
}

/** Names of a thumbnail: the path of its picture where the store knows it, else the picture's number, and last what it is. */
export function thumbnailNames(row: ThumbnailRow, known: ReadonlyMap<number | bigint, readonly EvidenceName[]>): EvidenceName[] {
  const own = givenName(`bitmap ${row.widthPx}x${row.heightPx}`);
  return [...(known.get(row.fileId) ?? [givenName(`file ${BigInt.asUintN(63, BigInt(row.fileId))}`)]), own];
}
