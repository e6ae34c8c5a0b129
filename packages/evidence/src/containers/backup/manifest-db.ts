/**
 * `Manifest.db` of backups from iOS 10 on: table `Files(fileID, domain, relativePath, flags, file)`.
 * `flags`: 1 file, 2 directory, 4 link. `file` is a keyed archive of an `MBFile` with `Size`, `Mode`,
 * `Birth`, `LastModified`, `LastStatusChange` (Unix seconds) and, in an encrypted backup, `EncryptionKey`.
 */
import { KerbsideError, MalformedError, problemFrom, type RandomAccessSource } from '@kerbside/bytes';
import { isDict, PlistUid, valueAt, wholeNumber, type PlistValue } from '../plist/plist-value.ts';
import { readPlist } from '../plist/read-plist.ts';
import { openSqlite, type SqliteRow } from '../sqlite/open-database.ts';
import { kindOfMode, parseLockedKey, type BackupRecord, type RecordEvent } from './backup-record.ts';

const KINDS: Readonly<Record<number, BackupRecord['kind']>> = { 1: 'file', 2: 'directory', 4: 'link' };

/**
 * The files that the manifest lists.
 * @throws MalformedError when it is no database, or has no table of files (`backup-manifest-damaged`)
 */
export function* readManifestDb(source: RandomAccessSource, log: RandomAccessSource | null): Iterable<RecordEvent> {
  const database = openSqlite(source, { log });
  for (const problem of database.problems) yield { type: 'problem', problem };
  const table = database.tables.find(({ name }) => name === 'Files');
  if (table === undefined) throw new MalformedError('backup-manifest-damaged', 'the manifest of the backup has no table of files');
  for (const event of database.rows(table)) {
    if (event.type === 'problem') {
      yield event;
      continue;
    }
    try {
      yield { type: 'record', record: recordOf(event.row) };
    } catch (error) {
      if (!(error instanceof KerbsideError)) throw error;
      yield { type: 'problem', problem: problemFrom(error) };
    }
  }
}

function recordOf({ rowid, values }: SqliteRow): BackupRecord {
  const [fileId, domain, relativePath, flags, file] = ['fileID', 'domain', 'relativePath', 'flags', 'file'].map((name) => values.get(name));
  if (typeof fileId !== 'string' || !/^[0-9a-fA-F]{40}$/.test(fileId) || typeof domain !== 'string' || typeof relativePath !== 'string') {
    throw new MalformedError('backup-record-damaged', `row ${rowid} of the manifest names no file of the backup`);
  }
  const archive = file instanceof Uint8Array ? readArchive(file, rowid) : new Map<string, PlistValue>();
  const mode = wholeNumber(archive.get('Mode'));
  const size = wholeNumber(archive.get('Size'));
  const key = archive.get('EncryptionKey');
  const blob = key instanceof Uint8Array ? key : valueAt(key, 'NS.data');
  const kind = KINDS[Number(flags)] ?? (mode === undefined ? 'other' : kindOfMode(mode));
  return {
    fileId: fileId.toLowerCase(),
    domain,
    relativePath,
    kind,
    sizeBytes: kind === 'file' && size !== undefined && size >= 0 ? size : null,
    createdSeconds: wholeNumber(archive.get('Birth')) ?? null,
    modifiedSeconds: wholeNumber(archive.get('LastModified')) ?? null,
    changedSeconds: wholeNumber(archive.get('LastStatusChange')) ?? null,
    lockedKey: blob instanceof Uint8Array ? parseLockedKey(blob) : null,
  };
}

/** The root object of a keyed archive with its own references looked up, one level deep. */
function readArchive(bytes: Uint8Array, rowid: number | bigint): ReadonlyMap<string, PlistValue> {
  const archive = readPlist(bytes);
  const objects = valueAt(archive, '$objects');
  const look = (value: PlistValue | undefined): PlistValue | undefined =>
    value instanceof PlistUid ? (Array.isArray(objects) ? (objects as readonly PlistValue[])[value.index] : undefined) : value;
  const root = look(valueAt(archive, '$top', 'root'));
  if (!isDict(root)) throw new MalformedError('backup-record-damaged', `row ${rowid} of the manifest holds no description of its file`);
  return new Map([...root].map(([key, value]) => [key, look(value) ?? null]));
}
