import { RefusedError } from '@kerbside/bytes';

/** SQLite result codes (sqlite.org/rescode.html) that have a cause a person can act on. */
const SQLITE_BUSY = 5;
const SQLITE_READONLY = 8;
const SQLITE_IOERR = 10;
const SQLITE_CORRUPT = 11;
const SQLITE_FULL = 13;
const SQLITE_CANTOPEN = 14;
const SQLITE_NOTADB = 26;

/** Runs a database step and names the faults that a person can act on. */
export function guarded<T>(path: string, step: () => T): T {
  try {
    return step();
  } catch (error) {
    const code = primaryCode(error);
    if (code === null) throw error;
    switch (code) {
      case SQLITE_FULL:
        throw new RefusedError('out-folder-full', `No room to write ${path}. Nothing already recorded is lost: make room and run the same command again.`, {}, error);
      case SQLITE_IOERR:
        // Room that ends in the middle of a file that is mapped comes back as this too.
        throw new RefusedError('out-folder-full', `${path} cannot be written: there is no room, or its disk fails. Nothing already recorded is lost: make room, or copy the folder to a sound disk, and run the same command again.`, {}, error);
      case SQLITE_BUSY:
        throw new RefusedError('journal-in-use', `${path} is in use by another run. Wait for it, or give --out another folder.`, {}, error);
      case SQLITE_READONLY:
      case SQLITE_CANTOPEN:
        throw new RefusedError('out-folder-not-writable', `${path} cannot be written. Give --out a folder you may write to.`, {}, error);
      case SQLITE_CORRUPT:
      case SQLITE_NOTADB:
        throw new RefusedError('journal-not-readable', `${path} is damaged or no journal. Give --out another folder; this one is left as it is.`, {}, error);
      default:
        throw error;
    }
  }
}

/** The primary result code of an SQLite error (the low byte of the extended one), or null for other errors. */
function primaryCode(error: unknown): number | null {
  return error instanceof Error && 'errcode' in error && typeof error.errcode === 'number' ? error.errcode & 0xff : null;
}
