import { mkdirSync, statSync } from 'node:fs';
import { hostname } from 'node:os';
import { dirname, join } from 'node:path';
import { RefusedError, syncFolder } from '@kerbside/bytes';
import { readKeyFile, writeKeyFile } from './key-file.ts';
import { makeUnitKeys, type DatedUnitKeys } from './unit-keys.ts';

/** Name of this machine's own keys in the home folder of Kerbside. */
export const UNIT_KEY_NAME = 'unit.key';

/** How the owner of keys begins that a run had to make because nobody had. */
export const UNNAMED_OWNER = 'unnamed unit';

const HOME_MODE = 0o700;

/** Bits by which others could put another key in the place of ours. */
const WRITABLE_BY_OTHERS = 0o022;

/**
 * The keys of this machine, made on first need. Two programs that start at once get the same keys:
 * the file appears whole under its name, for one of them.
 *
 * @param homeFolder made when missing, for the owner alone
 * @param owner for keys that are made now; without it they bear the machine's name
 * @throws RefusedError `home-folder-not-writable`, `home-folder-open-to-others`, and what {@link readKeyFile} refuses
 */
export function ensureUnitKeys(homeFolder: string, owner?: string): DatedUnitKeys {
  makeHome(homeFolder);
  const path = join(homeFolder, UNIT_KEY_NAME);
  const known = readIfThere(path);
  if (known !== null) return known;
  const made = makeUnitKeys(owner ?? `${UNNAMED_OWNER} (${hostname()})`);
  try {
    writeKeyFile(path, made);
    return made;
  } catch (error) {
    if (error instanceof RefusedError && error.code === 'key-file-exists') return readKeyFile(path);
    throw error;
  }
}

/** The keys of this machine, or null where none were made yet. */
export function readUnitKeys(homeFolder: string): DatedUnitKeys | null {
  return readIfThere(join(homeFolder, UNIT_KEY_NAME));
}

function readIfThere(path: string): DatedUnitKeys | null {
  try {
    return readKeyFile(path);
  } catch (error) {
    if (error instanceof RefusedError && error.code === 'key-file-not-found') return null;
    throw error;
  }
}

function makeHome(homeFolder: string): void {
  try {
    const first = mkdirSync(homeFolder, { recursive: true, mode: HOME_MODE });
    if (first !== undefined) syncFolder(dirname(first));
    const { mode } = statSync(homeFolder);
    if (process.platform !== 'win32' && (mode & WRITABLE_BY_OTHERS) !== 0) {
      throw new RefusedError('home-folder-open-to-others', `${homeFolder} holds this unit's keys, and other users of this machine may write to it. Run this, then the command again:\n  chmod 700 '${homeFolder.replaceAll("'", "'\\''")}'`);
    }
  } catch (error) {
    if (error instanceof RefusedError) throw error;
    throw new RefusedError('home-folder-not-writable', `The folder ${homeFolder} for this unit's keys could not be made. Set KERBSIDE_HOME to a folder you may write to.`, {}, error);
  }
}
