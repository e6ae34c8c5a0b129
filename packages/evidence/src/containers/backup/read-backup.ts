import { KerbsideError, LimitError, MalformedError, problemFrom, UnsupportedError, type Problem, type RandomAccessSource } from '@kerbside/bytes';
import type { EvidenceName } from '../../evidence-name.ts';
import type { ContainerEvent, Member, MemberState } from '../container.ts';
import { utcFromSeconds } from '../evidence-times.ts';
import { isDict, MAX_PLIST_BYTES, valueAt, type PlistValue } from '../plist/plist-value.ts';
import { readPlist } from '../plist/read-plist.ts';
import { ProblemTally } from '../problem-tally.ts';
import { sourcePieces } from '../source-pieces.ts';
import { isSqlite } from '../sqlite/sqlite-format.ts';
import { readSmallFile, type BackupFolder } from './backup-folder.ts';
import { MAX_BACKUP_FILES, MAX_PATH_DEPTH } from './backup-limits.ts';
import { parseLockedKey, type BackupRecord, type RecordEvent } from './backup-record.ts';
import { CbcSource } from './cbc-source.ts';
import { parseKeyBag, unlockKeyBag, unwrapKey, type ClassKeys } from './key-bag.ts';
import { readManifestDb } from './manifest-db.ts';
import { readManifestMbdb } from './manifest-mbdb.ts';

export interface BackupOptions {
  /** The backup's password as the owner or an officer gave it. */
  readonly password?: string | null;
}

/** A file of a backup: beside the pieces it can be read at any place, as a video needs. */
export interface BackupMember extends Member {
  /**
   * Its content with random access; the caller closes it.
   * @throws KerbsideError as `content` does
   */
  open(): RandomAccessSource;
}

export type BackupEvent = { readonly type: 'member'; readonly member: BackupMember } | Extract<ContainerEvent, { type: 'problem' }>;

/**
 * Lists an iTunes or Finder backup with the paths its files had on the phone: the domain, then the
 * components of the path. Files stay where they are in the folder; an encrypted one is decrypted as it is read.
 * Without the password an encrypted backup is one problem `backup-encrypted`, and what its manifest names (older
 * backups) is listed as encrypted.
 *
 * @param folder gives the files of the backup's folder
 */
export function* readBackup(folder: BackupFolder, options: BackupOptions = {}): Iterable<BackupEvent> {
  const tally = new ProblemTally();
  let members = 0;
  const contents = new Set<number>();
  try {
    const state = openKeys(folder, options.password ?? null);
    if (state.problem !== null) yield { type: 'problem', problem: state.problem };
    for (const event of readRecords(folder, state)) {
      if (event.type === 'problem') {
        const told = tally.admit(event.problem);
        if (told !== null) yield { type: 'problem', problem: told };
        continue;
      }
      if (++members > MAX_BACKUP_FILES) {
        throw new LimitError('backup-files-limit', `the backup lists more than ${MAX_BACKUP_FILES} files; the others were not read`);
      }
      const names = namesOf(event.record);
      const fault = faultOf(event.record, names, contents);
      if (fault !== null) {
        const told = tally.admit(problemFrom(fault));
        if (told !== null) yield { type: 'problem', problem: told };
        continue;
      }
      yield { type: 'member', member: memberOf(folder, names, event.record, state) };
    }
  } catch (error) {
    if (!(error instanceof KerbsideError)) throw error;
    yield { type: 'problem', problem: problemFrom(error) };
  }
  for (const problem of tally.rest()) yield { type: 'problem', problem };
}

interface BackupState {
  readonly encrypted: boolean;
  readonly keys: ClassKeys | null;
  readonly manifest: PlistValue;
  /** Why an encrypted backup stays locked. */
  readonly problem: Problem | null;
}

function openKeys(folder: BackupFolder, password: string | null): BackupState {
  const bytes = readSmallFile(folder, 'Manifest.plist', MAX_PLIST_BYTES);
  if (bytes === null) throw new MalformedError('backup-manifest-missing', 'the backup has no Manifest.plist');
  const manifest = readPlist(bytes);
  if (!isDict(manifest)) throw new MalformedError('backup-manifest-damaged', 'Manifest.plist holds no dictionary');
  if (manifest.get('IsEncrypted') !== true) return { encrypted: false, keys: null, manifest, problem: null };
  try {
    if (password === null) throw new UnsupportedError('backup-encrypted', 'the phone backup is encrypted: ask for its password and give it to read the backup');
    const blob = manifest.get('BackupKeyBag');
    if (!(blob instanceof Uint8Array)) throw new MalformedError('backup-key-bag-damaged', 'the encrypted backup has no key bag');
    return { encrypted: true, keys: unlockKeyBag(parseKeyBag(blob), password), manifest, problem: null };
  } catch (error) {
    if (!(error instanceof KerbsideError)) throw error;
    return { encrypted: true, keys: null, manifest, problem: problemFrom(error) };
  }
}

function* readRecords(folder: BackupFolder, state: BackupState): Iterable<RecordEvent> {
  const database = folder(['Manifest.db']);
  if (database !== null) {
    const log = folder(['Manifest.db-wal']);
    try {
      const plain = isSqlite(database);
      // From iOS 10.2 on the manifest itself is encrypted: without its key there is nothing to list.
      if (!plain && state.encrypted && state.keys === null) return;
      const readable = plain || !state.encrypted ? database : new CbcSource(database, manifestKey(state), database.sizeBytes - (database.sizeBytes % 16));
      yield* readManifestDb(readable, plain ? log : null);
    } finally {
      log?.close();
      database.close();
    }
    return;
  }
  const old = folder(['Manifest.mbdb']);
  if (old === null) throw new MalformedError('backup-manifest-missing', 'the backup has neither Manifest.db nor Manifest.mbdb');
  try {
    yield* readManifestMbdb(old);
  } finally {
    old.close();
  }
}

function manifestKey({ manifest, keys }: BackupState): Uint8Array {
  const blob = valueAt(manifest, 'ManifestKey');
  const locked = blob instanceof Uint8Array ? parseLockedKey(blob) : null;
  const key = locked === null ? null : openKey(locked.classNumber, locked.wrappedKey, keys);
  if (key === null) throw new MalformedError('backup-key-damaged', 'the key of the manifest cannot be opened with the keys of the backup');
  return key;
}

function openKey(classNumber: number, wrappedKey: Uint8Array, keys: ClassKeys | null): Uint8Array | null {
  const classKey = keys?.get(classNumber);
  const key = classKey === undefined ? null : unwrapKey(classKey, wrappedKey);
  return key?.length === 32 ? key : null;
}

/** A path too deep, or content listed before: a manifest of a few kilobytes could otherwise ask for one large file a million times. */
function faultOf(record: BackupRecord, names: readonly EvidenceName[], contents: Set<number>): KerbsideError | null {
  if (names.length > MAX_PATH_DEPTH) return new LimitError('backup-path-limit', `a path of the backup has more than ${MAX_PATH_DEPTH} parts; its file was not read`);
  if (record.kind !== 'file') return null;
  // 52 of the 160 bits tell two million files apart with a chance of error below 1 in 2,000.
  const content = Number.parseInt(record.fileId.slice(0, 13), 16);
  if (contents.has(content)) return new MalformedError('backup-record-damaged', `the backup lists the content ${record.fileId} more than once`);
  contents.add(content);
  return null;
}

function namesOf({ domain, relativePath }: BackupRecord): EvidenceName[] {
  return [domain, ...relativePath.split('/').filter((part) => part !== '')].map((text) => ({ bytes: Buffer.from(text, 'utf8'), encoding: 'utf-8' }));
}

function memberOf(folder: BackupFolder, names: readonly EvidenceName[], record: BackupRecord, { encrypted, keys }: BackupState): BackupMember {
  const locked = encrypted && record.kind === 'file' && keys === null;
  const state: MemberState = locked ? 'encrypted' : 'readable';
  const open = (): RandomAccessSource => openRecord(folder, record, encrypted, keys);
  return {
    names,
    kind: record.kind,
    sizeBytes: record.sizeBytes,
    times: {
      created: utcFromSeconds(record.createdSeconds),
      modified: utcFromSeconds(record.modifiedSeconds),
      accessed: null,
      changed: utcFromSeconds(record.changedSeconds),
    },
    state,
    extents: null,
    open,
    *content() {
      if (record.kind !== 'file') return;
      const source = open();
      try {
        yield* sourcePieces(source, 0, source.sizeBytes);
      } finally {
        source.close();
      }
    },
  };
}

function openRecord(folder: BackupFolder, record: BackupRecord, encrypted: boolean, keys: ClassKeys | null): RandomAccessSource {
  if (encrypted && keys === null) throw new UnsupportedError('backup-encrypted', 'the file stands in an encrypted backup that was not opened');
  const source = folder([record.fileId.slice(0, 2), record.fileId]) ?? folder([record.fileId]);
  if (source === null) throw new MalformedError('backup-file-missing', `the backup lists a file whose content ${record.fileId} is not in its folder`);
  try {
    if (encrypted && record.lockedKey !== null) {
      const key = openKey(record.lockedKey.classNumber, record.lockedKey.wrappedKey, keys);
      if (key === null) throw new MalformedError('backup-key-damaged', 'the key of the file cannot be opened with the keys of the backup');
      return new CbcSource(source, key, record.sizeBytes ?? source.sizeBytes - (source.sizeBytes % 16));
    }
    if (record.sizeBytes !== null && source.sizeBytes !== record.sizeBytes) {
      throw new MalformedError('backup-file-size', `a file of the backup has ${source.sizeBytes} bytes where the backup states ${record.sizeBytes}`);
    }
    return source;
  } catch (error) {
    source.close();
    throw error;
  }
}
