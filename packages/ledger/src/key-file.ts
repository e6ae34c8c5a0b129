import { closeSync, constants, fchmodSync, fstatSync, fsyncSync, linkSync, openSync, readSync, rmSync, writeSync } from 'node:fs';
import { randomBytes } from 'node:crypto';
import { dirname } from 'node:path';
import { RefusedError, syncFolder } from '@kerbside/bytes';
import { formatKeyFile, parseKeyFile } from './key-file-text.ts';
import type { DatedUnitKeys } from './unit-keys.ts';

/** A key file has less than 1 KiB; whatever is longer is something else. */
const MAX_KEY_FILE_BYTES = 16 * 1024;

/** Read and write for the owner alone; a file that holds the public part alone may be read by all. */
const SECRET_MODE = 0o600;
const PUBLIC_MODE = 0o644;
const OTHERS = 0o077;

/**
 * Writes keys to a new file, whole or not at all, and durable when it returns. An existing file is
 * never touched: a lost key cannot be made again.
 *
 * @throws RefusedError `key-file-exists`, `key-file-not-writable`
 */
export function writeKeyFile(path: string, keys: DatedUnitKeys): void {
  const bytes = Buffer.from(formatKeyFile(keys));
  const mode = holdsSecrets(keys) ? SECRET_MODE : PUBLIC_MODE;
  // Beside its place under a name of its own; the link then gives it its name in one step, or fails where the name is taken.
  const part = `${path}.part-${randomBytes(8).toString('hex')}`;
  try {
    try {
      writeNew(part, bytes, mode);
      linkSync(part, path);
    } catch (error) {
      // FAT and exFAT, as on a stick that carries a public key, have no links.
      if (!['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS'].includes(codeOf(error))) throw error;
      writeNew(path, bytes, mode);
    } finally {
      rmSync(part, { force: true });
    }
    syncFolder(dirname(path));
  } catch (error) {
    if (codeOf(error) === 'EEXIST') throw new RefusedError('key-file-exists', `${path} exists already, and keys are never overwritten. Give another name.`, {}, error);
    throw new RefusedError('key-file-not-writable', `${path} could not be written (${codeOf(error)}). Give a folder you may write to.`, {}, error);
  }
}

/**
 * Reads a key file.
 *
 * @throws RefusedError `key-file-not-found`, `key-file-not-readable`, `key-file-not-keys`, `key-file-version-unknown`,
 *   `key-file-damaged`, and `key-file-open-to-others` for secrets that other users of the machine may read
 */
export function readKeyFile(path: string): DatedUnitKeys {
  const { text, mode } = readWhole(path);
  const keys = parseKeyFile(path, text);
  if (holdsSecrets(keys) && process.platform !== 'win32' && (mode & OTHERS) !== 0) {
    throw new RefusedError(
      'key-file-open-to-others',
      `${path} holds secret keys, and other users of this machine may read or change it. Run this, then the command again:\n  chmod 600 '${path.replaceAll("'", "'\\''")}'\n(From a stick that keeps no permissions, copy it to a disk of this machine first.)`,
    );
  }
  return keys;
}

function holdsSecrets(keys: DatedUnitKeys): boolean {
  return keys.privateKey !== null || keys.codeKey !== null;
}

function readWhole(path: string): { text: string; mode: number } {
  let descriptor: number;
  try {
    // Not blocking, so that a pipe under the name cannot hold the command up.
    descriptor = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  } catch (error) {
    if (codeOf(error) === 'ENOENT') throw new RefusedError('key-file-not-found', `There is no key file ${path}. "kerbside keys make" makes one.`, {}, error);
    throw new RefusedError('key-file-not-readable', `${path} could not be opened (${codeOf(error)}). Check its permissions.`, {}, error);
  }
  try {
    const stat = fstatSync(descriptor);
    if (!stat.isFile() || stat.size === 0 || stat.size > MAX_KEY_FILE_BYTES) throw new RefusedError('key-file-not-keys', `${path} is no key file of Kerbside.`);
    const bytes = Buffer.alloc(stat.size);
    const length = readSync(descriptor, bytes, 0, bytes.byteLength, 0);
    return { text: bytes.toString('utf8', 0, length), mode: stat.mode };
  } finally {
    closeSync(descriptor);
  }
}

/** Writes a file that must not be there yet; a half one is taken away again. */
function writeNew(path: string, bytes: Uint8Array, mode: number): void {
  const descriptor = openSync(path, 'wx', SECRET_MODE);
  try {
    for (let at = 0; at < bytes.byteLength; ) at += writeSync(descriptor, bytes, at);
    if (mode !== SECRET_MODE) fchmodSync(descriptor, mode);
    fsyncSync(descriptor);
  } catch (error) {
    rmSync(path, { force: true });
    throw error;
  } finally {
    closeSync(descriptor);
  }
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : String(error);
}
