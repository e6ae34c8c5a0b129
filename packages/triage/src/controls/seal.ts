import { createHash } from 'node:crypto';
import { closeSync, openSync, readdirSync, readSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';
import { RefusedError } from '@kerbside/bytes';

/** Bytes read at a time. */
const READ_BYTES = 1 << 20;

/**
 * The digest that stands for a control file, or for a folder of them: SHA-256 of the file; of a folder,
 * SHA-256 over `name NUL seal LF` of each entry in the order of the names.
 * @returns hex
 */
export function sealOf(path: string): string {
  if (!statSync(path).isDirectory()) return sealOfFile(path);
  const digest = createHash('sha256');
  for (const name of readdirSync(path).sort()) digest.update(`${name}\0${sealOf(join(path, name))}\n`);
  return digest.digest('hex');
}

/**
 * Refuses control files that are not, to the byte, what was sealed: an instrument checked against
 * something else says nothing.
 *
 * @param seals by path
 * @param folder what to remove to have them made anew
 * @throws RefusedError `control-volume-altered`
 */
export function checkSeals(seals: ReadonlyMap<string, string>, folder: string): void {
  for (const [path, seal] of seals) {
    let found: string;
    try {
      found = sealOf(path);
    } catch (error) {
      throw altered(`${basename(path)} cannot be read`, folder, error);
    }
    if (found !== seal) throw altered(`${basename(path)} is not what was sealed (SHA-256 ${found}, sealed ${seal})`, folder);
  }
}

/** The one refusal of control files, with what to do. */
export function altered(what: string, folder: string, cause?: unknown): RefusedError {
  return new RefusedError('control-volume-altered', `Control files were changed or damaged: ${what}. No device was read. Find out why, remove the folder ${folder} and run the command again; it makes them anew.`, {}, cause);
}

function sealOfFile(path: string): string {
  const digest = createHash('sha256');
  const buffer = Buffer.allocUnsafe(READ_BYTES);
  const file = openSync(path, 'r');
  try {
    for (let length = readSync(file, buffer); length > 0; length = readSync(file, buffer)) digest.update(buffer.subarray(0, length));
  } finally {
    closeSync(file);
  }
  return digest.digest('hex');
}
