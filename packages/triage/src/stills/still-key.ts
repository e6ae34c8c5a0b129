import { createHmac, randomBytes } from 'node:crypto';
import { closeSync, constants, fstatSync, fsyncSync, linkSync, mkdirSync, openSync, readFileSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { RefusedError, syncFolder, writeFully } from '@kerbside/bytes';

/** Keys of still stores, in the home folder of Kerbside: `still-keys/<store id>.key`. */
export const STILL_KEY_FOLDER = 'still-keys';

export const KEY_BYTES = 32;
export const STORE_ID_BYTES = 16;
export const KEY_CHECK_BYTES = 16;

/** A key file has some 200 bytes. */
const MAX_KEY_FILE_BYTES = 4096;
const SECRET_MODE = 0o600;
const HOME_MODE = 0o700;
const OTHERS = 0o077;

const KEY_FORMAT = 'kerbside-still-key';

/**
 * Makes the key of a new store and keeps it in the home folder, whole and durable, for the owner alone. Without that file
 * nobody can open the store again, and destroying it destroys all stills of the run.
 *
 * @throws RefusedError `still-key-not-writable`
 */
export function makeStillKey(homeFolder: string, storeId: Uint8Array): Uint8Array {
  const key = new Uint8Array(randomBytes(KEY_BYTES));
  const path = keyPath(homeFolder, storeId);
  const text = `${JSON.stringify({ format: KEY_FORMAT, version: 1, storeId: Buffer.from(storeId).toString('hex'), key: Buffer.from(key).toString('base64') })}\n`;
  const part = `${path}.part-${randomBytes(8).toString('hex')}`;
  try {
    const made = mkdirSync(dirname(path), { recursive: true, mode: HOME_MODE });
    if (made !== undefined) syncFolder(dirname(made));
    const file = openSync(part, 'wx', SECRET_MODE);
    try {
      writeFully(file, Buffer.from(text), 0);
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
    linkSync(part, path);
    syncFolder(dirname(path));
  } catch (error) {
    throw new RefusedError('still-key-not-writable', `The key for this run's stills could not be kept in ${dirname(path)} (${(error as Error).message}). Set KERBSIDE_HOME to a folder on a disk that you may write to.`, {}, error);
  } finally {
    rmSync(part, { force: true });
  }
  return key;
}

/**
 * The key of a store.
 * @throws RefusedError `still-key-missing`, `still-key-unusable`
 */
export function readStillKey(homeFolder: string, storeId: Uint8Array): Uint8Array {
  const path = keyPath(homeFolder, storeId);
  const text = readKeyText(path);
  let key: Buffer;
  try {
    const { format, version, key: base64 } = JSON.parse(text) as { format?: unknown; version?: unknown; key?: unknown };
    if (format !== KEY_FORMAT || version !== 1 || typeof base64 !== 'string') throw new TypeError('not a key of stills');
    key = Buffer.from(base64, 'base64');
    if (key.length !== KEY_BYTES) throw new TypeError('a key of another length');
  } catch (error) {
    throw new RefusedError('still-key-unusable', `${path} is no key of a store of stills, or is damaged. The stills can be made again: move stills.kst out of the run folder.`, {}, error);
  }
  return new Uint8Array(key);
}

function readKeyText(path: string): string {
  let file: number;
  try {
    file = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  } catch (error) {
    throw new RefusedError('still-key-missing', `The key of this run's stills is not on this machine (${path}). Stills made elsewhere open only there; move stills.kst out of the run folder to make them again.`, {}, error);
  }
  try {
    const stat = fstatSync(file);
    if (!stat.isFile() || stat.size > MAX_KEY_FILE_BYTES) throw new RefusedError('still-key-unusable', `${path} is no key of a store of stills.`);
    if (process.platform !== 'win32' && (stat.mode & OTHERS) !== 0) {
      throw new RefusedError('still-key-unusable', `${path} holds a secret key, and other users of this machine may read it. Run this, then the command again:\n  chmod 600 '${path.replaceAll("'", "'\\''")}'`);
    }
    return readFileSync(file, 'utf8');
  } finally {
    closeSync(file);
  }
}

function keyPath(homeFolder: string, storeId: Uint8Array): string {
  return join(homeFolder, STILL_KEY_FOLDER, `${Buffer.from(storeId).toString('hex')}.key`);
}

/** Stands in the store's header, so that a wrong key is told before anything is opened with it. */
export function keyCheck(key: Uint8Array, storeId: Uint8Array): Buffer {
  return createHmac('sha256', key).update('Kerbside key check of stills\n').update(storeId).digest().subarray(0, KEY_CHECK_BYTES);
}
