import { KerbsideError, LimitError, MalformedError, problemFrom, UnsupportedError, type RandomAccessSource } from '@kerbside/bytes';
import type { BackupFolder } from '../backup/backup-folder.ts';
import type { ContainerEvent, Member } from '../container.ts';
import { NO_TIMES, shortPath } from '../member-names.ts';
import { ProblemTally } from '../problem-tally.ts';
import { openSqlite, type SqliteDatabase } from '../sqlite/open-database.ts';
import { readWal } from '../sqlite/read-wal.ts';
import { tellLeftOver, unclaimed, type Stretch } from './left-over.ts';
import { parseThumbnailRow, readFileNames, thumbnailNames, thumbnailRows, type ThumbnailRow } from './quick-look-index.ts';
import { bitmapBytes, bitmapPieces, masksOfBitmapInfo, type RawBitmap } from './raw-bitmap.ts';
import { QUICK_LOOK_FILES } from './store-names.ts';
import { MAX_STORE_MEMBERS, MAX_THUMBNAIL_BYTES } from './stored-member.ts';

/** Rows may state the same bytes; all together no more than this many times the file, or a small store would read as a huge one. */
const MAX_CLAIM_RATIO = 2;
/** A thumbnail and the list about it, for as many thumbnails as are read. */
const MAX_CLAIMS = 2 * MAX_STORE_MEMBERS;

/**
 * The QuickLook store of macOS: bare bitmaps in `thumbnails.data`, and a database beside it that says where (quick-look-index.ts).
 * A member is its bitmap behind a header of our own (raw-bitmap.ts), so its digests are those of no file on the Mac.
 * Never throws on evidence.
 *
 * @param folder gives the files of the store's folder
 */
export function* readQuickLook(folder: BackupFolder): Generator<ContainerEvent> {
  const opened = [QUICK_LOOK_FILES.index, QUICK_LOOK_FILES.data, QUICK_LOOK_FILES.log, QUICK_LOOK_FILES.journal].map((name) => folder([name]));
  const [index = null, data = null, log = null, journal = null] = opened;
  try {
    if (index === null || data === null) throw new UnsupportedError('thumbnails-unsupported', 'Of a QuickLook store of macOS only index.sqlite or only thumbnails.data was found; neither can be read without the other.');
    yield* tellUnreadLogs(log, journal);
    yield* readStore(openSqlite(index, { log }), data);
  } catch (error) {
    if (!(error instanceof KerbsideError)) throw error;
    yield { type: 'problem', problem: problemFrom(error) };
  } finally {
    for (const source of opened) source?.close();
  }
}

function* tellUnreadLogs(log: RandomAccessSource | null, journal: RandomAccessSource | null): Generator<ContainerEvent> {
  if (log !== null && log.sizeBytes > 0 && readWal(log) === null) {
    yield { type: 'problem', problem: problemFrom(new MalformedError('quick-look-damaged', 'The write-ahead log beside the QuickLook store is no sound one; changes in it were not read.')) };
  }
  if (journal !== null && journal.sizeBytes > 0) {
    yield { type: 'problem', problem: problemFrom(new UnsupportedError('quick-look-journal', 'A rollback journal lies beside the QuickLook store; the older rows in it were not read.')) };
  }
}

function* readStore(database: SqliteDatabase, data: RandomAccessSource): Generator<ContainerEvent> {
  for (const problem of database.problems) yield { type: 'problem', problem };
  const tally = new ProblemTally();
  const waiting: ContainerEvent[] = [];
  const tell = (error: unknown): void => {
    const told = tally.admit(problemFrom(error));
    if (told !== null) waiting.push({ type: 'problem', problem: told });
  };
  const names = readFileNames(database, (event) => waiting.push(event));
  const claimed: Stretch[] = [];
  let members = 0;
  let claimedBytes = 0;
  for (const event of thumbnailRows(database)) {
    yield* waiting.splice(0);
    if (event.type === 'problem') {
      yield event;
      continue;
    }
    try {
      const row = parseThumbnailRow(event.row);
      if (claimed.length >= MAX_CLAIMS) throw new LimitError('thumbnails-limit', `The QuickLook store has more than ${MAX_CLAIMS} rows; the rest was not read.`);
      if (row.listBytes > 0 && row.listOffset + row.listBytes <= data.sizeBytes) claimed.push({ start: row.listOffset, end: row.listOffset + row.listBytes });
      // Only noted, not drawn.
      if (row.sizeBytes === 0) continue;
      if (++members > MAX_STORE_MEMBERS) throw new LimitError('thumbnails-limit', `The store holds more than ${MAX_STORE_MEMBERS} thumbnails.`);
      const { member, fault } = memberOf(data, row, thumbnailNames(row, names));
      if (fault !== null) tell(fault);
      if (member.state === 'readable') claimedBytes += row.sizeBytes;
      if (claimedBytes > MAX_CLAIM_RATIO * data.sizeBytes) throw new LimitError('thumbnails-limit', `The rows of the QuickLook store claim more than ${MAX_CLAIM_RATIO} times the bytes there are; the rest was not read.`);
      if (member.state === 'readable') claimed.push({ start: row.offset, end: row.offset + row.sizeBytes });
      yield { type: 'member', member };
    } catch (error) {
      if (!(error instanceof MalformedError)) throw error;
      tell(error);
    }
  }
  yield* waiting;
  for (const problem of tally.rest()) yield { type: 'problem', problem };
  yield* tellLeftOver(data, unclaimed({ start: 0, end: data.sizeBytes }, claimed), 'thumbnails.data');
}

function memberOf(data: RandomAccessSource, row: ThumbnailRow, names: Member['names']): { readonly member: Member; readonly fault: KerbsideError | null } {
  const bitmap: RawBitmap = { widthPx: row.widthPx, heightPx: row.heightPx, bytesPerRow: row.bytesPerRow, offset: row.offset, masks: masksOfBitmapInfo(row.bitmapInfo) ?? [0, 0, 0] };
  const fault = faultOf(data, row, names);
  const state = fault === null ? 'readable' : fault instanceof UnsupportedError ? 'unsupported' : 'damaged';
  return {
    fault,
    member: {
      names,
      kind: 'file',
      sizeBytes: fault === null ? bitmapBytes(bitmap) : row.sizeBytes,
      times: NO_TIMES,
      state,
      extents: null,
      *content() {
        if (fault !== null) throw fault;
        yield* bitmapPieces(data, bitmap);
      },
    },
  };
}

function faultOf(data: RandomAccessSource, row: ThumbnailRow, names: Member['names']): MalformedError | UnsupportedError | null {
  const where = { path: shortPath(names) };
  const { widthPx, heightPx, bytesPerRow, offset, sizeBytes } = row;
  if (row.bitsPerPixel !== 32 || row.bitsPerComponent !== 8 || masksOfBitmapInfo(row.bitmapInfo) === null) {
    return new UnsupportedError('thumbnail-unknown', `A bitmap of the QuickLook store has ${row.bitsPerPixel} bits a pixel in the form ${row.bitmapInfo}, which is not read.`, where);
  }
  const needed = bytesPerRow * (heightPx - 1) + widthPx * 4;
  if (widthPx < 1 || heightPx < 1 || bytesPerRow < widthPx * 4 || needed > sizeBytes || needed > MAX_THUMBNAIL_BYTES || offset + sizeBytes > data.sizeBytes) {
    return new MalformedError('quick-look-damaged', `A bitmap of the QuickLook store (${widthPx} by ${heightPx}, ${sizeBytes} bytes) does not fit its own sides, or lies outside thumbnails.data.`, where);
  }
  return null;
}
