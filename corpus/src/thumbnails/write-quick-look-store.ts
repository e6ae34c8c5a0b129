import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';

/** A bitmap of the store: RGB pixels, row by row. */
export interface QuickLookThumbnail {
  readonly folder: string;
  readonly name: string;
  readonly widthPx: number;
  readonly heightPx: number;
  readonly pixels: Uint8Array;
}

export interface QuickLookOptions {
  /** `old`: macOS to 10.14, with names; `middle`: 10.15 and 11, without; `late`: sides and bits in one value, not read. */
  readonly form?: 'old' | 'middle' | 'late';
  /** Bytes after each row. */
  readonly paddingBytes?: number;
  /** CGBitmapInfo: 0x2002 blue, green, red, alpha (default); 1 red, green, blue, alpha. */
  readonly bitmapInfo?: 0x2002 | 1;
  /** Further SQL at the end. */
  readonly change?: string;
  /** The change stays in a write-ahead log. */
  readonly changeInLog?: boolean;
  /** Bytes at the end of thumbnails.data that no row names. */
  readonly rest?: Uint8Array;
}

const OLD_TABLE =
  'CREATE TABLE thumbnails (file_id INTEGER, size INTEGER, width INTEGER, height INTEGER, bitspercomponent INTEGER, bitsperpixel INTEGER, bytesperrow INTEGER, bitmapinfo INTEGER, bitmapdata_location INTEGER, bitmapdata_length INTEGER, plistbuffer_location INTEGER, plistbuffer_length INTEGER, hit_count INTEGER, last_hit_date REAL)';
const LATE_TABLE = 'CREATE TABLE thumbnails (file_id INTEGER, size INTEGER, bitmapFormat BLOB, bitmapdata_location INTEGER, bitmapdata_length INTEGER, hit_count INTEGER, last_hit_date REAL)';

/** The files of a com.apple.QuickLook.thumbnailcache folder by name; the layout is described beside its reader. */
export function writeQuickLookStore(thumbnails: readonly QuickLookThumbnail[], options: QuickLookOptions = {}): Map<string, Buffer> {
  const bitmaps = thumbnails.map((thumbnail) => bitmapOf(thumbnail, options));
  const place = mkdtempSync(join(tmpdir(), 'kerbside-quicklook-'));
  const path = join(place, 'index.sqlite');
  const database = new DatabaseSync(path);
  try {
    fill(database, thumbnails, bitmaps, options);
    if (options.changeInLog === true) database.exec('PRAGMA journal_mode = WAL');
    if (options.change !== undefined) database.exec(options.change);
    const files = new Map([['index.sqlite', readFileSync(path)], ['thumbnails.data', Buffer.concat([...bitmaps, options.rest ?? Buffer.alloc(0)])]]);
    // The log is taken while the database is open: closing merges it.
    if (existsSync(`${path}-wal`)) files.set('index.sqlite-wal', readFileSync(`${path}-wal`));
    return files;
  } finally {
    database.close();
    rmSync(place, { recursive: true, force: true });
  }
}

function fill(database: DatabaseSync, thumbnails: readonly QuickLookThumbnail[], bitmaps: readonly Buffer[], { form = 'old', bitmapInfo = 0x2002 }: QuickLookOptions): void {
  database.exec(form === 'late' ? LATE_TABLE : OLD_TABLE);
  database.exec(form === 'old' ? 'CREATE TABLE files (folder TEXT, file_name TEXT, fs_id BLOB, version BLOB)' : 'CREATE TABLE basic_files (fileId INTEGER, fsid INTEGER, version BLOB)');
  let offset = 0;
  thumbnails.forEach(({ folder, name, widthPx, heightPx }, i) => {
    const length = bitmaps[i]!.length;
    if (form === 'old') database.prepare('INSERT INTO files (rowid, folder, file_name) VALUES (?, ?, ?)').run(i + 1, folder, name);
    else database.prepare('INSERT INTO basic_files VALUES (?, 1, NULL)').run(1000 + i);
    const fileId = form === 'old' ? BigInt(i + 1) : BigInt.asIntN(64, BigInt(1000 + i) | (1n << 63n));
    if (form === 'late') database.prepare('INSERT INTO thumbnails VALUES (?, 64, NULL, ?, ?, 1, 0)').run(fileId, offset, length);
    else database.prepare('INSERT INTO thumbnails VALUES (?, 64, ?, ?, 8, 32, ?, ?, ?, ?, 0, 0, 1, 700000000.5)').run(fileId, widthPx, heightPx, length / heightPx, bitmapInfo, offset, length);
    offset += length;
  });
}

function bitmapOf({ widthPx, heightPx, pixels }: QuickLookThumbnail, { paddingBytes = 0, bitmapInfo = 0x2002 }: QuickLookOptions): Buffer {
  const rowBytes = widthPx * 4 + paddingBytes;
  const bitmap = Buffer.alloc(rowBytes * heightPx, 0xee);
  for (let y = 0; y < heightPx; y++) {
    for (let x = 0; x < widthPx; x++) {
      const [red, green, blue] = pixels.subarray((y * widthPx + x) * 3);
      bitmap.set(bitmapInfo === 1 ? [red!, green!, blue!, 255] : [blue!, green!, red!, 255], y * rowBytes + x * 4);
    }
  }
  return bitmap;
}
